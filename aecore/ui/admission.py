"""The door of the lab: when it is full, a page says so, and opens by itself as soon as it can."""

from __future__ import annotations

import streamlit as st

from aecore.ui.language import _
from aecore.ui.service import let_in

_KNOCK = 10.0
"""Seconds between two attempts to get in."""


def stop_at_the_door() -> None:
    """End the page here if the server, or this browser, has as many pages open as it may."""
    if let_in() is not None:
        st.title("Autoencoder Lab", anchor=False)
        _wait_outside()
        st.stop()


@st.fragment(run_every=_KNOCK)
def _wait_outside() -> None:
    match let_in():
        case None:
            st.rerun()
        case "server_is_full":
            st.info(
                _(
                    "As many people are in the lab as it can serve well. This page opens by "
                    "itself as soon as somebody leaves, mostly within a few minutes."
                )
            )
        case "browser_is_full":
            st.info(
                _(
                    "This browser has as many pages of the lab open as one may have. Close one "
                    "of the others: this one opens by itself a few seconds later."
                )
            )
