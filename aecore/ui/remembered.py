"""What is known of a browser as long as a page of it is open; a page that is loaded anew knows it.

Streamlit keeps a page's session for two minutes after the page was closed. Nothing is kept longer:
the next one at this computer begins afresh, and nobody else ever sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakValueDictionary

import streamlit as st

from aecore.ui.browsers import browser_name
from aecore.ui.questions import Prediction
from aecore.ui.shared import shared

_KEY = "remembered"
_LOCK = Lock()


@dataclass(eq=False)
class Remembered:
    """What the sessions of one browser have in common.

    predictions  what was predicted, by the question's name
    asked        the runs that were asked for
    """

    predictions: dict[str, Prediction] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)


def remembered() -> Remembered:
    """What is known of this session's browser; of the session alone if it keeps no cookies."""
    found: Remembered | None = st.session_state.get(_KEY)
    if found is None:
        name = browser_name()
        found = Remembered() if name is None else _of_browser(name)
        st.session_state[_KEY] = found
    return found


def _of_browser(name: str) -> Remembered:
    """What is known of a browser: the same on all pages, also on those it opens at once."""
    with _LOCK:
        return _of_browsers().setdefault(name, Remembered())


@shared(1)
def _of_browsers() -> WeakValueDictionary[str, Remembered]:
    """By the browser's name; an entry goes with the last session that holds it."""
    return WeakValueDictionary()
