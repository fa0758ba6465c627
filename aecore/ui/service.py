"""The door to the training service: one trainer for the server, one name for each visitor."""

from __future__ import annotations

import os

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.service.limits import ConfigurationError, Limits
from aecore.service.trainer import Trainer
from aecore.ui.browsers import Browsers, Refusal, browser_name
from aecore.ui.health import publish_health
from aecore.ui.models import visitor_runs


@st.cache_resource(max_entries=1, show_spinner=False)
def trainer() -> Trainer:
    """The training service of this server, shared by all visitors.

    Raises ConfigurationError or FolderInUseError.
    """
    made = Trainer.from_environment(
        visitor_runs().root, os.environ, is_connected=browsers().is_here
    )
    publish_health(made, browsers().count)
    return made


@st.cache_resource(max_entries=1, show_spinner=False)
def browsers() -> Browsers:
    """Who is on this server."""
    try:
        limits = Limits.from_environment()
    except ConfigurationError:  # the page Train says so
        limits = Limits()
    return Browsers(_is_active, sessions=limits.sessions, browser_sessions=limits.browser_sessions)


def let_in() -> Refusal | None:
    """Let this session in, unless too many are; why not, if not."""
    return browsers().let_in(_session(), visitor())


def visitor() -> str:
    """A name for this visitor, by which the queue knows him: that of his browser.

    So ten pages in one browser are one visitor, and who loads a page anew is who he was. Without
    cookies every session is a visitor of its own; the one before is gone at once.
    """
    return browser_name() or _session()


def _session() -> str:
    context = get_script_run_ctx()
    return "" if context is None else context.session_id


def _is_active(session: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(session)
