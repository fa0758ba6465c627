"""Training on: what more epochs would bring to a run that has ended, and the button for them."""

from __future__ import annotations

import math
from dataclasses import replace

import streamlit as st

from aecore.metrics import MEAN_IMAGE_BCE
from aecore.runs import Run, Status
from aecore.shipped import SHIPPED
from aecore.specs import MOST_PROLONGED, TrainingSpec
from aecore.ui.language import _, ngettext
from aecore.ui.service import trainer
from aecore.ui.train.durations import spoken_seconds
from aecore.ui.train.wishes import submit

_FEWEST_MORE = 5
"""Epochs."""

_STEPS_PAST_MEAN: dict[str, dict[float, int]] = {
    "plain": {1e-4: 710, 3e-4: 230, 1e-3: 90, 3e-3: 40},
    "deep": {1e-4: 300, 3e-4: 120, 1e-3: 60, 3e-3: 30},
    "conv": {3e-4: 70, 1e-3: 40, 3e-3: 20},
    "sparse": {1e-4: 550, 3e-4: 200, 1e-3: 80, 3e-3: 50},
    "vae": {1e-4: 180, 3e-4: 70, 1e-3: 30, 3e-3: 20},
    "latent2d": {1e-4: 120, 3e-4: 50, 1e-3: 30, 3e-3: 20},
}
"""After how many steps a training without noise passes the mean image, by learning rate.

Measured every 5 steps with the usual code sizes and batches of 256 images (64 gave the same
within 10 steps), the slowest of three seeds at 0.001, rounded up to tens.
"""


def steps_past_mean(spec: TrainingSpec) -> int | None:
    """After how many steps such a training usually beats the mean image; None if not measured."""
    if spec.noise:
        return None
    return _STEPS_PAST_MEAN.get(spec.architecture, {}).get(spec.learning_rate)


def no_better_than_mean(spec: TrainingSpec, status: Status) -> str:
    """Why a training that did not beat the mean image did not, in numbers where there are some."""
    steps, usual = status.epoch * _steps_per_epoch(spec), steps_past_mean(spec)
    if usual is None or steps > 2 * usual:
        return ngettext(
            "After {steps:,} step it is still no better than answering every time with the mean "
            "image ({loss}). Less noise, a smaller learning rate or more epochs may help.",
            "After {steps:,} steps it is still no better than answering every time with the mean "
            "image ({loss}). Less noise, a smaller learning rate or more epochs may help.",
            steps,
        ).format(steps=steps, loss=MEAN_IMAGE_BCE)
    return ngettext(
        "{steps:,} step so far, too few: the first thing a network learns is the mean image "
        "(loss {loss}), and one like this usually passes it after about {usual:,} steps. "
        "Only then do the digits part.",
        "{steps:,} steps so far, too few: the first thing a network learns is the mean image "
        "(loss {loss}), and one like this usually passes it after about {usual:,} steps. "
        "Only then do the digits part.",
        steps,
    ).format(steps=steps, loss=MEAN_IMAGE_BCE, usual=usual)


def _steps_per_epoch(spec: TrainingSpec) -> int:
    return math.ceil(spec.images / spec.batch_size)


def train_on(run: Run, status: Status) -> None:
    """The button that goes on with a run that has ended, if more epochs make sense."""
    if run.name in SHIPPED or status.message not in ("", "no_better_than_mean", "time_limit"):
        return
    spec = run.spec()
    if spec.brought:
        return
    longer = spec if status.state == "stopped" else _longer(spec, status)
    more = longer.epochs - status.epoch
    if more < 1:
        return
    is_a_beginning = spec.can_be_prolonged or status.state == "stopped"
    goes_on = is_a_beginning and run.has_checkpoint()
    if goes_on:
        label = ngettext("Train on: {count} more epoch", "Train on: {count} more epochs", more)
        new = more
    else:
        label = ngettext("Train anew: {count} epoch", "Train anew: {count} epochs", longer.epochs)
        new = longer.epochs
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            label.format(count=new),
            on_click=submit,
            args=(longer,),
            width="content",
            key="train_on",
        )
        seconds = trainer().expected_seconds(replace(longer, epochs=new))
        st.markdown(_("About {time}.").format(time=spoken_seconds(seconds)))
    if run.has_epochs():
        st.caption(_explained(spec, goes_on=goes_on))


def _longer(spec: TrainingSpec, status: Status) -> TrainingSpec:
    """The same training with more epochs: enough to pass the mean image, if it has not yet."""
    more = _FEWEST_MORE
    usual = steps_past_mean(spec)
    if status.message == "no_better_than_mean" and usual is not None:
        more = max(more, math.ceil(1.5 * usual / _steps_per_epoch(spec)) - spec.epochs)
    return replace(spec, epochs=min(spec.epochs + more, MOST_PROLONGED))


def _explained(spec: TrainingSpec, *, goes_on: bool) -> str:
    if goes_on:
        return _(
            "It goes on from its last epoch, with what its optimiser remembers: the result is the "
            "same as if it had been trained that long at once."
        )
    if spec.schedule == "cosine":
        return _(
            "Its learning rate fell to 0 along the whole training. More epochs spread that fall "
            "anew, so it begins again with random numbers."
        )
    if spec.noise_grows:
        return _(
            "Its noise grew along the whole training. More epochs spread that growth anew, so it "
            "begins again with random numbers."
        )
    if not spec.can_be_prolonged:
        return _(
            "Its search for places on the map is spread over the whole training. More epochs "
            "spread it anew, so it begins again with random numbers."
        )
    return _("What its optimiser remembered was not kept, so it begins again with random numbers.")
