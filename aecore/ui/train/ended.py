"""A run that is over: how it ended, its epochs to be replayed, what was measured."""

from __future__ import annotations

import streamlit as st

from aecore.metrics import MEAN_IMAGE_BCE, MEAN_IMAGE_MSE, PERFECT_BCE
from aecore.runs import Epoch, Run, Status
from aecore.sentences import joined
from aecore.specs import TrainingSpec
from aecore.ui.language import _
from aecore.ui.takehome.offer import take_home
from aecore.ui.train.foretold import hold_against, said_of
from aecore.ui.train.learnt import epochs_of, show_title, what_was_brought, what_was_learnt
from aecore.ui.train.onward import no_better_than_mean, train_on

_ENDED_AT_A_GOOD_EPOCH = ("not_a_number", "exploded", "time_limit", "worker_died")
"""Why trainings end whose last good epoch is kept, if they finished one."""


def show_ended(run: Run) -> None:
    """A run that is over; one that ended as it should has its epochs beside its title."""
    status, is_brought = run.status(), bool(run.spec().brought)
    sentence = _ending_of_brought(status) if is_brought else _ending(run, status)
    epochs = [] if is_brought else epochs_of(run)
    shown = None
    with st.container(horizontal=True, vertical_alignment="center", key="watched"):
        show_title(run.name)
        if not sentence:
            shown = _chosen_epoch(run, epochs)
    if sentence:
        is_trouble = status.state == "failed" and status.message != "no_better_than_mean"
        (st.warning if is_trouble else st.info)(sentence)
        train_on(run, status)
        shown = _chosen_epoch(run, epochs)
    if shown is not None:
        what_was_learnt(run, epochs, shown=shown, said=said_of(run))
        hold_against(run, ended=True)
    elif not is_brought:
        st.caption(_("Not one epoch was finished, so there is nothing to show."))
    elif run.has_epochs():
        what_was_brought(run)
    if not sentence:
        train_on(run, status)
    if run.is_sealed():
        _figures(run)
        take_home(run.name)


def _chosen_epoch(run: Run, epochs: list[Epoch]) -> int | None:
    """The epoch to be shown: the last one, until another one is replayed; None without any."""
    if not epochs:
        return None
    choices = [epoch.number for epoch in epochs]
    if run.beginning() is not None:
        choices.insert(0, 0)
    if len(choices) == 1:
        return choices[0]
    # Not every epoch has its file, and where none is there is nothing to stop at.
    return st.select_slider(_("Replay: epoch"), choices, choices[-1], key=f"replay_{run.name}")


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
        return joined(sentence, _("The last good epoch is kept."))
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
