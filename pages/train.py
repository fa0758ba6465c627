"""Train: put a network together, watch it learn, stop it, replay it."""

import streamlit as st

from aecore.ui import comparison, training_room, watching
from aecore.ui.language import _
from aecore.ui.page import bench, page_heading, say_if_broken

page_heading(
    _("Watch a network learn"),
    _(
        "It begins with random numbers and gets no labels. After which epoch will you be able to "
        "read its answers to the ten digits? Say a number, then press Train."
    ),
)

with say_if_broken():
    training_room.trainer().warm_up()
    training_room.choose_network()
    settings, results = bench()
    with settings:
        training_room.draw_network()
        training_room.choose_settings()
        spec = training_room.asked_spec()
        with st.expander(_("Or load one that is trained already")):
            training_room.choose_trained()
    with results:
        if spec is not None:
            training_room.train_button(spec)
        watching.watch()

st.header(_("Does a bigger code help?"), anchor="compare")
with say_if_broken():
    comparison.choose_runs()
    comparison.compare()
