"""Every sentence in the visitor's language, through gettext.

English is in the source; `aecore/locale/zh/LC_MESSAGES/lab.po` holds the Chinese.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import streamlit as st

from aecore.ui.state import bound, visit

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
LANGUAGES = {"en": "English", "zh": "中文"}

_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def current_language() -> str:
    """`en` or `zh`."""
    return _spoken.get() or visit().language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in this language meanwhile, whatever the visitor chose."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def _(text: str) -> str:
    """`text` in the visitor's language."""
    return _catalogue(current_language()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The sentence for `count` things, `one` or `many`, in the visitor's language."""
    return _catalogue(current_language()).ngettext(one, many, count)


def translator() -> Callable[[str], str]:
    """`_` for work that is done later, without a visitor's session at hand."""
    return _catalogue(current_language()).gettext


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Looking for the file costs more than the look-up, and a page has hundreds of sentences."""
    return gettext.translation("lab", LOCALE_FOLDER, languages=[language], fallback=True)


def language_switch() -> None:
    """The control that chooses the language."""
    st.segmented_control(
        "Language · 语言",
        required=True,
        format_func=LANGUAGES.__getitem__,
        label_visibility="collapsed",
        **bound("language"),
    )
