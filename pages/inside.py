"""Inside: one network opened, with every number it holds now."""

import streamlit as st

from aecore.ui.inside import room
from aecore.ui.language import _
from aecore.ui.page import page_heading, say_if_broken
from aecore.ui.predictions import list_predictions
from aecore.ui.stage import shows
from aecore.ui.state import visit

page_heading(
    _("Inside a network"),
    _(
        "Nothing is hidden here: every number between your digit and its reconstruction, what "
        "made it and what it does. Change one, and see what the network makes of it."
    ),
)


@st.fragment
def workbench() -> None:
    """Everything that answers to the digit and the network."""
    room.replace_missing_model()
    with st.container(horizontal=True, vertical_alignment="bottom", key="inside_bar"):
        if shows("network"):
            room.model_picker()
        if shows("seen"):
            room.picture_controls()
    with st.container(key="inside_bench"):
        with st.container(key="inside_easel"):
            if shows("seen"):
                room.easel()
        with st.container(key="inside_network"), say_if_broken():
            if shows("sum", "layers", "unit", "hands", "keras"):
                room.network(visit().inside_model)
    list_predictions("inside")


with say_if_broken():
    workbench()
