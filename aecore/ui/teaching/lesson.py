"""The lesson, as it stands in `docs/`, with links that lead to this server."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from aecore.ui.language import current_language
from aecore.ui.share.links import lab_address

_DOCS = Path(__file__).parents[3] / "docs"

LESSONS = {"en": _DOCS / "teaching.md", "zh": _DOCS / "teaching.zh.md"}
"""The lesson by its language."""

WRITTEN_FOR = "http://localhost:8501/"
"""The address that the links in those files begin with: a lab on the reader's own computer."""

_LINK = re.compile(rf"{re.escape(WRITTEN_FOR)}([^)\s]*)")


def show_lesson() -> None:
    """The lesson in the visitor's language, below its title."""
    text = LESSONS[current_language()].read_text(encoding="utf-8")
    _title, _newline, body = text.partition("\n")
    with st.container(key="lesson"):
        st.markdown(_LINK.sub(lambda link: _here(link[1]), body))


def _here(link: str) -> str:
    """A link of the lesson to this server, in the language that the lesson is read in."""
    return f"{lab_address()}{link}{'&' if '?' in link else '?'}language={current_language()}"
