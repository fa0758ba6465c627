"""Latent space: walk through the codes of an autoencoder, beside PCA's."""

import streamlit as st

from aecore.ui import latent_room
from aecore.ui.duel import duel, second_loss
from aecore.ui.language import _
from aecore.ui.latent_map import is_training
from aecore.ui.page import page_heading, say_if_broken

page_heading(
    _("Latent space"),
    _(
        "An autoencoder with a code of two numbers makes a map: every digit has a place, and "
        "every place can be drawn, even where no digit lies. Before you move: what will the "
        "decoder draw in the gap between two kinds of digits?"
    ),
)

with say_if_broken():
    latent_room.say_if_gone()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = latent_room.model_picker()
        if model:
            latent_room.prepare(model)  # a damaged model ends here, in one sentence
            latent_room.your_digit(model)
    if model:
        latent_room.map_and_picked(model)
        latent_room.whole_film(model)

    if model and not is_training(model):
        st.header(_("A fair duel"), anchor="duel")
        duel(model)

if latent_room.has_second_loss():
    with say_if_broken():
        st.header(_("What a second loss adds"), anchor="neighbours")
        second_loss()
