"""Who is here: the open pages of the lab, and the browsers they belong to."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Literal

import streamlit as st
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from aecore.guarded.bounds import COOKIE

Refusal = Literal["server_is_full", "browser_is_full"]


def browser_name() -> str | None:
    """A name for the browser of this session; None for one that keeps no cookies.

    Streamlit gives every browser a random number, to know its uploads by. The name is made of it,
    tells nothing about anybody, and lasts until the browser is closed. Who invents a number gets
    a new name, as he would by forgetting the old one: what all have together is limited, too.
    """
    cookie = st.context.cookies.get(XSRF_COOKIE_NAME, "")
    number, _ = decode_xsrf_token_string(cookie) if len(cookie) <= COOKIE else (None, None)
    return hashlib.sha256(number).hexdigest()[:16] if number else None


class Browsers:
    """The sessions that were let in, each with its visitor: a browser, or itself without cookies.

    `is_active` says whether a session is still connected.
    """

    def __init__(
        self, is_active: Callable[[str], bool], *, sessions: int, browser_sessions: int
    ) -> None:
        self._is_active = is_active
        self._sessions = sessions
        self._browser_sessions = browser_sessions
        self._visitors: dict[str, str] = {}
        self._lock = threading.Lock()

    def let_in(self, session: str, visitor: str) -> Refusal | None:
        """Let a session in, unless too many are; one that was let in stays in while it lasts."""
        with self._lock:
            if session in self._visitors:
                return None
            self._visitors = {s: v for s, v in self._visitors.items() if self._is_active(s)}
            if len(self._visitors) >= self._sessions:
                return "server_is_full"
            if list(self._visitors.values()).count(visitor) >= self._browser_sessions:
                return "browser_is_full"
            self._visitors[session] = visitor
            return None

    def is_here(self, visitor: str) -> bool:
        """Whether a page of this visitor is open."""
        with self._lock:
            sessions = [session for session, its in self._visitors.items() if its == visitor]
        return any(self._is_active(session) for session in sessions)

    def count(self) -> int:
        """How many pages are open."""
        with self._lock:
            return sum(map(self._is_active, self._visitors))
