"""Watching a run: live while it trains, to be replayed when it is over."""

from __future__ import annotations

import streamlit as st

from aecore.runs import Run, RunError, Status
from aecore.sentences import joined
from aecore.service.queue import Ticket
from aecore.ui.language import _
from aecore.ui.models import run_of, spec_of
from aecore.ui.page import show_html
from aecore.ui.service import trainer, visitor
from aecore.ui.state import visit
from aecore.ui.train.ended import show_ended
from aecore.ui.train.foretold import can_be_said_of, hold_against, said_of, say_typed
from aecore.ui.train.given import ten_digits
from aecore.ui.train.learnt import (
    digit_row,
    epoch_words,
    epochs_of,
    what_was_brought,
    what_was_learnt,
)
from aecore.ui.train.progress import show_progress

_CHECKED = 0.5
"""Seconds between two looks at a run that trains, or is the next to train."""

_CHECKED_WAITING = 1.5
"""Seconds between two looks at a place in the queue."""

_CHECKED_ENDED = 5.0
"""Seconds between two looks at a run that was stopped or failed, and may be asked for again."""


def watch(*, is_asked: bool) -> None:
    """The run the visitor looks at: live while it trains, to be replayed when it is over.

    is_asked  whether the page asks, further up, for a prediction of it
    """
    name = visit().run
    if not name:
        if trainer().can_train:
            _what_will_be_shown()
        return
    try:
        run = run_of(name)
        ticket = trainer().ticket(run.name)
        status = run.status()
    except RunError:
        _say_it_is_gone()
        return
    if is_asked and run.has_epochs():  # the first answers have come while the page was made
        say_typed()
        st.rerun()
    if _has_ended(status, ticket):
        show_ended(run)
        if status.state != "done":
            st.fragment(_look_again, run_every=_CHECKED_ENDED)(run, status)
    else:
        pace = _pace(ticket)
        st.fragment(_show_live, run_every=pace)(run, pace, is_asked=is_asked or can_be_said_of(run))


def _what_will_be_shown() -> None:
    """Before the first training: the digits whose reconstructions will tell how far it is."""
    st.header(_("What will it make of these?"), anchor=False)
    show_html(digit_row(ten_digits(), _("test digits")))
    coming = _(
        "No network here is trained on them. As soon as you press Train, you see what yours "
        "makes of them after every epoch, and how its loss falls."
    )
    st.caption(joined(coming, epoch_words(visit().images)))


def _pace(ticket: Ticket | None) -> float:
    """Seconds until a visitor with this place in the queue should see news of the run."""
    return _CHECKED if ticket is None or ticket.place <= 1 else _CHECKED_WAITING


def _has_ended(status: Status, ticket: Ticket | None) -> bool:
    """Whether nothing more comes; a stopped run that was asked for again goes on."""
    is_waiting = ticket is not None and ticket.place > 0
    return status.is_over and not is_waiting


def _look_again(run: Run, shown: Status) -> None:
    """Show a run that had ended anew when it goes on: somebody, or another tab, asked for it."""
    try:
        is_news = run.status() != shown or not _has_ended(shown, trainer().ticket(run.name))
    except RunError:
        is_news = True
    if is_news:
        st.rerun()


def _say_it_is_gone() -> None:
    st.warning(_("There is no such training here any more. Train it again, or load another."))


def _show_live(run: Run, pace: float, *, is_asked: bool) -> None:
    """What there is to see just now. The run may be removed at any time, also while it is read."""
    trainer().look_at(run.name, visitor())
    if visit().run != run.name:  # the visitor left the queue
        st.rerun()
    try:
        _show_state(run, pace, is_asked=is_asked)
    except RunError:
        _say_it_is_gone()


def _show_state(run: Run, pace: float, *, is_asked: bool) -> None:
    status = run.status()
    ticket = trainer().ticket(run.name, visitor())
    if _has_ended(status, ticket) or _pace(ticket) != pace:
        st.rerun()
    if can_be_said_of(run) != is_asked:  # the first answers have come
        say_typed()
        st.rerun()
    show_progress(run, status, ticket)
    if spec_of(run.name).brought:
        what_was_brought(run)
    else:
        what_was_learnt(run, epochs_of(run), said=said_of(run))
        hold_against(run, ended=False)
