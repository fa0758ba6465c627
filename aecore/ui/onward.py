"""From page to page: the links that lead on, in the order of a lesson."""

from __future__ import annotations

import streamlit as st

from aecore.settings import N_
from aecore.ui.language import _
from aecore.ui.page import ONWARD
from aecore.ui.routes import current_page
from aecore.ui.stage import is_set

INVITATIONS = {
    "train": N_("Train one yourself: Train"),
    "draw": N_("Now your own handwriting: Draw"),
    "denoise": N_("How much noise is too much? Denoise"),
    "inside": N_("Open a network: Inside"),
    "latent": N_("Walk on the map: Latent space"),
}
"""What is said of a page, in English, where a link leads to it."""

_NEXT = {"train": "draw", "draw": "denoise", "denoise": "inside", "inside": "latent"}
"""Learn leads on by itself, and Latent space is the last."""


def invite_to(*pages: str) -> None:
    """Draw a link to each of these pages."""
    for page in pages:
        st.page_link(f"pages/{page}.py", label=_(INVITATIONS[page]), icon=ONWARD)


def way_onward() -> None:
    """At the foot of a page that shows all its parts: the link to the next one."""
    following = _NEXT.get(current_page())
    if following is not None and not is_set():
        with st.container(key="way_onward"):
            invite_to(following)
