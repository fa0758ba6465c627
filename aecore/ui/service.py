"""The door to the training service: one trainer for the server, one name for each visitor."""

from __future__ import annotations

import os
from contextlib import suppress

import streamlit as st
from streamlit import runtime
from streamlit.runtime import RuntimeState
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.service.folder_lock import FolderInUseError
from aecore.service.folders import Folders
from aecore.service.limits import ConfigurationError
from aecore.service.trainer import Trainer
from aecore.ui.models import visitor_runs


@st.cache_resource(max_entries=1, show_spinner=False)
def trainer() -> Trainer:
    """The training service of this server, shared by all visitors.

    Raises ConfigurationError or FolderInUseError.
    """
    return Trainer.from_environment(
        visitor_runs().root, os.environ, is_connected=_is_connected, is_serving=_is_serving
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def take_up_what_was_left() -> None:
    """Let trainings go on that an earlier server left, whichever page is the first to be opened."""
    if Folders(visitor_runs().root).unfinished(()):
        with suppress(ConfigurationError, FolderInUseError):  # the page Train says so
            trainer()


def visitor() -> str:
    """A name for this visitor, by which the queue knows him: that of the session.

    Whoever loads the page anew has a new name; the old one is gone at once, and counts no more.
    """
    context = get_script_run_ctx()
    return "" if context is None else context.session_id


def _is_connected(visitor: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(visitor)


def _is_serving() -> bool:
    """Whether nobody has asked this server to stop."""
    going = (RuntimeState.STOPPING, RuntimeState.STOPPED)
    return not runtime.exists() or runtime.get_instance().state not in going
