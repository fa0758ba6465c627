"""The door to the training service: one trainer for the server, one name for each visitor."""

from __future__ import annotations

import os

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.service.trainer import Trainer
from aecore.ui.models import visitor_runs


@st.cache_resource(max_entries=1, show_spinner=False)
def trainer() -> Trainer:
    """The training service of this server, shared by all visitors.

    Raises ConfigurationError or FolderInUseError.
    """
    return Trainer.from_environment(visitor_runs().root, os.environ, _is_connected)


def visitor() -> str:
    """A name for this visitor, by which the queue knows him: that of the session.

    Whoever loads the page anew has a new name; the old one is gone at once, and counts no more.
    """
    context = get_script_run_ctx()
    return "" if context is None else context.session_id


def _is_connected(visitor: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(visitor)
