"""What a page does when it has lost the server and found it again."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aecore.ui.modules import module
from aecore.ui.state import mirror

_watch = st.components.v2.component(
    "reconnection", js=module(Path(__file__).parent / "reconnection.js")
)


def run_again_after_a_cut() -> None:
    """Run the page once more when its connection comes back.

    Streamlit leaves it as it stands. But a server that was started anew, or one that has waited
    longer than the two minutes for which it keeps a session, answers with an empty session: it
    knows no fragment of the page, and drops without a word whatever is touched in one.
    """
    _watch(key="reconnection", on_returned_change=mirror)  # the address it comes with may be older
