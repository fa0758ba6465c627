"""The door to the training service: one trainer for the server, one name for each visitor."""

from __future__ import annotations

import os
from contextlib import suppress

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.runs import RunError
from aecore.service.folder_lock import FolderInUseError
from aecore.service.limits import Limits
from aecore.service.trainer import Trainer
from aecore.shipped import SHIPPED
from aecore.ui.browsers import Browsers, Refusal, browser_name
from aecore.ui.health import publish_health
from aecore.ui.models import run_of, visitor_runs
from aecore.ui.shared import shared
from aecore.ui.state import visit


@shared(1)
def trainer() -> Trainer:
    """The training service of this server, shared by all visitors.

    Not in Streamlit's cache: a message that any browser may send empties that. Raises
    FolderInUseError.
    """
    made = Trainer.from_environment(
        visitor_runs().root, limits(), os.environ, is_connected=browsers().is_here
    )
    publish_health(made, browsers().count)
    return made


@shared(1)
def browsers() -> Browsers:
    """Who is on this server."""
    return Browsers(
        _is_active, sessions=limits().sessions, browser_sessions=limits().browser_sessions
    )


@shared(1)
def limits() -> Limits:
    """What this server allows, read once: the log shall not repeat what is wrong with it."""
    return Limits.from_environment()


def keep_what_is_shown() -> None:
    """Note that this visitor has open what his choices name: it is not removed to make room."""
    chosen = visit()
    named = {chosen.run, chosen.inside_model, chosen.map_model, *chosen.models, *chosen.compared}
    for name in named - {"", "pca", *SHIPPED}:
        with suppress(RunError, FolderInUseError):
            trainer().look_at(run_of(name).name, visitor())


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
