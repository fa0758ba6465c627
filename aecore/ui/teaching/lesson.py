"""The lesson, as it stands in `docs/`, with links that lead to this server."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aecore.ui.language import current_language
from aecore.ui.share.links import lab_address

_DOCS = Path(__file__).parents[3] / "docs"

LESSONS = {"en": _DOCS / "teaching.md", "zh": _DOCS / "teaching.zh.md"}
"""The lesson by its language."""

WRITTEN_FOR = "http://localhost:8501/"
"""The address that the links in those files begin with: a lab on the reader's own computer."""


def show_lesson() -> None:
    """The lesson in the visitor's language, below its title."""
    text = LESSONS[current_language()].read_text(encoding="utf-8")
    _title, _newline, body = text.partition("\n")
    with st.container(key="lesson"):
        st.markdown(body.replace(WRITTEN_FOR, lab_address()))
