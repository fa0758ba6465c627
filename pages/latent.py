"""Latent space: walk through the codes of an autoencoder, beside PCA's."""

import streamlit as st

from aecore.ui.language import _
from aecore.ui.latent import walk
from aecore.ui.latent.duel import show_duel, show_second_loss
from aecore.ui.latent.map_view import is_training
from aecore.ui.page import page_heading, say_if_broken
from aecore.ui.predictions import list_predictions
from aecore.ui.stage import shows

page_heading(
    _("Latent space"),
    _(
        "An autoencoder with a code of two numbers makes a map: every digit has a place, and "
        "every place can be drawn, even where no digit lies."
    ),
)

with say_if_broken():
    model = walk.mapped_model()
    if model:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if shows("mapped"):
                walk.model_picker()
            if shows("star", "maps", "walk"):
                walk.prepare(model)  # a damaged model ends here, in one sentence
                walk.your_digit(model)
    if model and shows("maps", "walk"):
        walk.show_map_and_picked(model)
        if shows("maps"):
            walk.ask_about_gaps(model)
        if shows("walk"):
            walk.ask_about_ways(model)
        walk.whole_film(model)

    if model and not is_training(model) and shows("duel"):
        st.header(_("A fair duel"), anchor="duel")
        show_duel(model)

if walk.has_second_loss() and shows("second_loss"):
    with say_if_broken():
        st.header(_("What a second loss adds"), anchor="neighbours")
        show_second_loss()

list_predictions("latent")
