"""What a screen reader goes by on every page: its language, and the names of Streamlit's controls.

Streamlit says both in English, and offers no words of one's own for either.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aecore.settings import N_
from aecore.ui.language import _, current_language
from aecore.ui.modules import module

_TAGS = {"en": "en", "zh": "zh-CN"}
"""What HTML calls a language."""

_SKIP = N_("Skip to main content")

_NAMES = {
    "App pages": N_("Pages of the lab"),
    "Sidebar": N_("Menu"),
    "Expand sidebar": N_("Pages"),  # as style.css writes beside its sign
    "Collapse sidebar": N_("Close the menu"),
    "Link to heading": N_("Link to this heading"),
    "Decrement": N_("One step less"),
    "Increment": N_("One step more"),
    "Open": N_("Open the list"),
    "Remove {label}": N_("Remove {label}"),
    "Clear all": N_("Remove all"),
    "Close": N_("Close"),
    "Dismiss": N_("Close"),
    "file upload": N_("File to upload"),
    "Help for {label}": N_("Help for {label}"),
    "Running...": N_("Working …"),
}
"""What the lab says instead of Streamlit's own names."""

_words = st.components.v2.component(
    "screen_reader", js=module(Path(__file__).parent / "screen_reader.js")
)


def tell_screen_readers() -> None:
    """Say the page's language to whatever reads it aloud, and name Streamlit's controls in it."""
    _words(
        key="screen_reader",
        data={
            "language": _TAGS[current_language()],
            "skip": _(_SKIP),
            "names": {own: _(ours) for own, ours in _NAMES.items()},
        },
    )
