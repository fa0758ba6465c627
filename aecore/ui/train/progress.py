"""How far a training is: the bar, the button that stops it, and what troubles it."""

from __future__ import annotations

import streamlit as st

from aecore.runs import Run, RunError, Status
from aecore.service.queue import Ticket
from aecore.service.refusals import CannotWriteError
from aecore.specs import TrainingSpec
from aecore.ui.language import _
from aecore.ui.models import run_of, spec_of
from aecore.ui.service import trainer, visitor
from aecore.ui.state import mirror, visit
from aecore.ui.train.durations import spoken_seconds
from aecore.ui.train.learnt import show_title
from aecore.ui.train.wishes import refusal_words

_SILENT = 3.0
"""Seconds without a sign of life after which the visitor is told."""


def show_progress(run: Run, status: Status, ticket: Ticket | None) -> None:
    """In one line which run it is, how far it is and how to stop it; below it what troubles it."""
    spec = spec_of(run.name)
    is_held_up = ticket is None and trainer().cannot_write(run.name)
    is_running = status.state == "running" and not is_held_up
    with st.container(horizontal=True, vertical_alignment="center", key="watched"):
        show_title(run.name)
        if status.state != "keeping":
            label = _("Stop") if is_running else _("Leave the queue")
            st.button(label, on_click=_stop, args=(run.name,), key="stop_button", width="content")
        words = _how_far(status, spec) if is_running else _waiting(status, ticket)
        st.progress(_share(status, spec), words)
    if is_held_up:
        st.warning(refusal_words(CannotWriteError()))
    elif status.attempt > 1 and not spec.brought:
        st.caption(_died_once(status))
    elif status.message == "disk_full":
        st.warning(_("The server's disk is full. The training goes on in memory."))
    silent = trainer().silence(run.name)
    if is_running and silent > _SILENT:
        st.warning(_silence(spec, status, silent))
    if not trainer().has_workers and status.state != "keeping":
        st.warning(_("The training cluster cannot be reached just now. Your place is kept."))
    if st.session_state.get("left_to_others") == run.name:
        st.info(_("Others watch this training, so it goes on for them."))


def _share(status: Status, spec: TrainingSpec) -> float:
    """How much of the bar is full, 0 to 1."""
    is_measured = status.state == "keeping" or (status.state == "running" and not spec.brought)
    return min(max(status.progress, 0.0), 1.0) if is_measured else 0.0


def _waiting(status: Status, ticket: Ticket | None) -> str:
    """What becomes of a run that does not learn just now."""
    if status.state == "keeping":
        return _("Keeping the model…")
    if ticket is None:
        return _("Waiting; no place in the queue yet")
    if ticket.place == 0:  # given to a worker, which takes seconds to load TensorFlow
        return _("The training process is getting ready…")
    return _("Waiting, place {place} in the queue; begins in about {wait}").format(
        place=ticket.place, wait=spoken_seconds(ticket.seconds_before)
    )


def _how_far(status: Status, spec: TrainingSpec) -> str:
    if spec.brought:
        return _("Measuring what you brought on the test images…")
    left = "…" if status.seconds_left is None else spoken_seconds(status.seconds_left)
    return _("{percent:.1f}% · epoch {epoch} of {epochs} · {left} left").format(
        percent=100 * status.progress,
        epoch=min(status.epoch + 1, spec.epochs),
        epochs=spec.epochs,
        left=left,
    )


def _died_once(status: Status) -> str:
    if not status.epoch:
        return _(
            "The training process died once, before its first epoch was done; it begins again."
        )
    return _("The training process died once and goes on from its last epoch.")


def _silence(spec: TrainingSpec, status: Status, seconds: float) -> str:
    if spec.brought:
        return _(
            "No sign of life from the measuring process for {seconds:.0f} seconds. If it died, the "
            "measuring begins again by itself."
        ).format(seconds=seconds)
    if not status.epoch:
        return _(
            "No sign of life from the training process for {seconds:.0f} seconds. If it died, "
            "the training begins again by itself."
        ).format(seconds=seconds)
    return _(
        "No sign of life from the training process for {seconds:.0f} seconds. If it died, "
        "the training goes on by itself from epoch {epoch}."
    ).format(seconds=seconds, epoch=status.epoch)


def _stop(name: str) -> None:
    """Stop the run; one that had not begun is gone, and there is nothing left to watch."""
    st.session_state["left_to_others"] = "" if trainer().stop(name, visitor()) else name
    try:
        run_of(name)
    except RunError:
        visit().run = ""
        mirror()
