"""Watching a run: live while it trains, to be replayed when it is over."""

from __future__ import annotations

import streamlit as st

from aecore.metrics import MEAN_IMAGE_BCE, MEAN_IMAGE_MSE, PERFECT_BCE
from aecore.runs import Run, RunError, Status
from aecore.service.queue import Ticket
from aecore.specs import TrainingSpec
from aecore.ui.language import _
from aecore.ui.models import model_title, run_of, spec_of
from aecore.ui.page import show_html
from aecore.ui.service import trainer, visitor
from aecore.ui.state import mirror, visit
from aecore.ui.takehome.offer import take_home
from aecore.ui.train.durations import spoken_seconds
from aecore.ui.train.foretold import can_be_said_of, hold_against, say_typed
from aecore.ui.train.given import ten_digits
from aecore.ui.train.learnt import digit_row, what_was_brought, what_was_learnt
from aecore.ui.train.onward import no_better_than_mean, train_on

_CHECKED = 0.5
"""Seconds between two looks at a run that trains, or is the next to train."""

_CHECKED_WAITING = 1.5
"""Seconds between two looks at a place in the queue."""

_SILENT = 3.0
"""Seconds without a sign of life after which the visitor is told."""

_ENDED_AT_A_GOOD_EPOCH = ("not_a_number", "exploded", "time_limit", "worker_died")
"""Why trainings end whose last good epoch is kept, if they finished one."""


def watch() -> None:
    """The run the visitor looks at: live while it trains, to be replayed when it is over."""
    name = visit().run
    if not name:
        _what_will_be_shown()
        return
    try:
        run = run_of(name)
        ticket = trainer().ticket(run.name)
        ended = _has_ended(run.status(), ticket)
    except RunError:
        st.warning(_("There is no such training here any more. Train it again, or load another."))
        return
    st.header(model_title(name), anchor="run")
    if ended:
        _show_ended(run)
    else:
        pace = _pace(ticket)
        st.fragment(_show_live, run_every=pace)(run, pace, is_asked=can_be_said_of(run))


def _what_will_be_shown() -> None:
    """Before the first training: the digits whose reconstructions will tell how far it is."""
    st.header(_("What will it make of these?"), anchor=False)
    show_html(digit_row(ten_digits(), _("test digits")))
    st.caption(
        _(
            "No network here is trained on them. As soon as you press Train, you see what yours "
            "makes of them after every epoch, and how its loss falls."
        )
    )


def _pace(ticket: Ticket | None) -> float:
    """Seconds until a visitor with this place in the queue should see news of the run."""
    return _CHECKED if ticket is None or ticket.place <= 1 else _CHECKED_WAITING


def _has_ended(status: Status, ticket: Ticket | None) -> bool:
    """Whether nothing more comes; a stopped run that was asked for again goes on."""
    is_waiting = ticket is not None and ticket.place > 0
    return status.is_over and not is_waiting


def _show_live(run: Run, pace: float, *, is_asked: bool) -> None:
    trainer().look_at(run.name, visitor())
    if visit().run != run.name:  # the visitor left the queue
        st.rerun()
    try:
        status = run.status()
    except RunError:
        st.warning(_("There is no such training here any more. Train it again, or load another."))
        return
    ticket = trainer().ticket(run.name, visitor())
    if _has_ended(status, ticket) or _pace(ticket) != pace:
        st.rerun()
    if can_be_said_of(run) != is_asked:  # the first answers have come
        say_typed()
        st.rerun()
    _progress(run, status, ticket)
    if spec_of(run.name).brought:
        what_was_brought(run)
    else:
        hold_against(run, ended=False)
        what_was_learnt(run, run.epoch_numbers())


def _progress(run: Run, status: Status, ticket: Ticket | None) -> None:
    spec = spec_of(run.name)
    if status.state == "keeping":
        st.progress(min(max(status.progress, 0.0), 1.0), _("Keeping the model…"))
        return
    if status.state != "running":
        place = ticket.place if ticket is not None else 1
        wait = ticket.seconds_before if ticket is not None else 0.0
        st.progress(
            0.0,
            _("Waiting, place {place} in the queue; begins in about {wait}").format(
                place=place, wait=spoken_seconds(wait)
            ),
        )
        label = _("Leave the queue")
    elif spec.brought:
        st.progress(0.0, _("Measuring what you brought on the test images…"))
        label = _("Stop")
    else:
        left = "…" if status.seconds_left is None else spoken_seconds(status.seconds_left)
        st.progress(
            min(max(status.progress, 0.0), 1.0),
            _("{percent:.1f} % · epoch {epoch} of {epochs} · {left} left").format(
                percent=100 * status.progress,
                epoch=min(status.epoch + 1, spec.epochs),
                epochs=spec.epochs,
                left=left,
            ),
        )
        label = _("Stop")
    if status.attempt > 1 and not spec.brought:
        st.caption(_("The training process died once and goes on from its last epoch."))
    elif status.message == "disk_full":
        st.warning(_("The server's disk is full. The training goes on in memory."))
    silent = trainer().silence(run.name)
    if status.state == "running" and silent > _SILENT:
        st.warning(_silence(spec, status, silent))
    if not trainer().has_workers:
        st.warning(_("The training cluster cannot be reached just now. Your place is kept."))
    st.button(label, on_click=_stop, args=(run.name,), key="stop_button")
    if st.session_state.get("left_to_others") == run.name:
        st.info(_("Others watch this training, so it goes on for them."))


def _silence(spec: TrainingSpec, status: Status, seconds: float) -> str:
    if spec.brought:
        return _(
            "No sign of life from the measuring process for {seconds:.0f} seconds. If it died, the "
            "measuring begins again by itself."
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


def _show_ended(run: Run) -> None:
    status, is_brought = run.status(), bool(run.spec().brought)
    sentence = _ending_of_brought(status) if is_brought else _ending(run, status)
    if sentence:
        is_trouble = status.state == "failed" and status.message != "no_better_than_mean"
        (st.warning if is_trouble else st.info)(sentence)
    train_on(run, status)
    if not is_brought:
        _replay(run)
    elif run.has_epochs():
        what_was_brought(run)
    if run.is_sealed():
        _figures(run)
        take_home(run.name)


def _replay(run: Run) -> None:
    numbers = run.epoch_numbers()
    if not numbers:
        st.caption(_("Not one epoch was finished, so there is nothing to show."))
        return
    hold_against(run, ended=True)
    shown = last = numbers[-1]
    if len(numbers) > 1:
        shown = st.slider(_("Replay: epoch"), numbers[0], last, last, key=f"replay_{run.name}")
    what_was_learnt(run, numbers, shown=shown)


def _ending(run: Run, status: Status) -> str:
    if status.state == "stopped" and not status.message:
        if not run.has_epochs():
            return _("Stopped before its first epoch was finished.")
        return _("Stopped. What it had learnt by its last finished epoch is kept.")
    if status.message == "no_better_than_mean":
        return no_better_than_mean(run.spec(), status)
    sentence = {
        "": "",
        "not_a_number": _(
            "The loss stopped being a number: the steps were too large. "
            "Try a smaller learning rate."
        ),
        "exploded": _("The loss exploded: the steps were too large. Try a smaller learning rate."),
        "time_limit": _("It reached the time limit."),
        "worker_died": _("The training process died twice."),
        "disk_full": _("The server's disk is full; not every epoch could be written down."),
        "out_of_memory": _("The server ran out of memory. Try a smaller batch size."),
        "broken": _("The training failed for a reason we did not foresee. Try it again."),
    }[status.message]
    if status.message in _ENDED_AT_A_GOOD_EPOCH and run.has_epochs():
        sentence += " " + _("The last good epoch is kept.")
    return sentence


def _ending_of_brought(status: Status) -> str:
    """How the measuring of brought weights ended, if not with a good model."""
    if status.state == "stopped":
        return _("Stopped before it was measured. Bring the file again to have it measured.")
    if status.message == "no_better_than_mean":
        return _(
            "On the test images it is no better than answering every time with the mean image "
            "(loss {loss}). Was it trained long enough, and on pixels from 0 to 1?"
        ).format(loss=MEAN_IMAGE_BCE)
    if status.message in ("not_a_number", "exploded"):
        return _(
            "What this network answers to the test images is far from any picture, so no model "
            "was made of it. Were the weights written after its training?"
        )
    if status.message == "":
        return ""
    return _("The file could not be measured, or is no longer on this server. Bring it again.")


def _figures(run: Run) -> None:
    metrics = run.metrics()
    shown = [
        (
            "BCE",
            f"{metrics['bce']:.4f}",
            _("{perfect} is perfect, {mean} the mean image").format(
                perfect=PERFECT_BCE, mean=MEAN_IMAGE_BCE
            ),
        ),
        (
            "MSE",
            f"{metrics['mse']:.4f}",
            _("0 is perfect, {mean} the mean image").format(mean=MEAN_IMAGE_MSE),
        ),
    ]
    if "seconds_per_epoch" in metrics:  # not of what was trained elsewhere
        seconds = f"{metrics['seconds_per_epoch']:.1f}"
        shown.append((_("seconds per epoch"), seconds, _("on the machine that trained it")))
    st.markdown(_measured_on(run.spec()))
    for column, (label, number, scale) in zip(st.columns(len(shown)), shown, strict=True):
        with column:
            st.metric(label, number)
            st.caption(scale)


def _measured_on(spec: TrainingSpec) -> str:
    if not spec.noise:
        return _("Measured on all 10,000 test digits:")
    words = _("Measured on all 10,000 test digits, with noise of σ {noise:g} on the inputs:")
    return words.format(noise=spec.noise)
