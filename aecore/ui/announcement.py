"""What screen readers say while the page changes elsewhere than where their reader is."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aecore.ui.modules import module

_region = st.components.v2.component(
    "announcement",
    html='<p role="status"></p>',
    js=module(Path(__file__).parent / "announcement.js"),
)


def announce(name: str, sentence: str) -> None:
    """Have `sentence` read aloud when it is another than before; show nothing.

    Readers hear of what changes in a region they know, and seldom of a region that comes with its
    words. So this is called while there is nothing to say as well, with an empty sentence.
    """
    _region(key=f"announced_{name}", data={"sentence": sentence})
