"""The figures of one finished model: before and after, epoch by epoch, its losses."""

from __future__ import annotations

import numpy as np

from aecore.labels import separated
from aecore.metrics import MEAN_IMAGE_BCE, PERFECT_BCE
from aecore.runs import Epoch, Run
from aecore.specs import TrainingSpec
from aecore.takehome.figures import Curve, Curves, DigitRows, Figure, Row
from aecore.ui.language import _
from aecore.ui.models import open_model
from aecore.ui.palette import LINE_COLOURS
from aecore.ui.pictures import to_bytes
from aecore.ui.train.given import given, given_rows
from aecore.ui.train.learnt import epochs_of

_EPOCHS_ON_FILM = 8

_ROWS_OF_NAMES = 16
"""So many names fit over each other in the chart of the losses."""


def figures_of(run: Run) -> dict[str, Figure]:
    """The figures of a finished model by their files' names, without those it has no data for.

    Raises RunError.
    """
    epochs = epochs_of(run)
    figures: dict[str, Figure] = {"before_and_after": before_and_after(run)}
    if len(epochs) > 1:
        figures |= {
            "epoch_by_epoch": epoch_by_epoch(run.spec(), epochs),
            "losses": losses(epochs),
        }
    return figures


def before_and_after(run: Run) -> DigitRows:
    """Ten test digits, what the network was given, and what it made of that."""
    answers = open_model(run.name).reconstruct(given(run.spec()))
    return DigitRows([*_given_rows(run.spec()), Row(_("reconstruction"), to_bytes(answers))])


def epoch_by_epoch(spec: TrainingSpec, epochs: list[Epoch]) -> DigitRows:
    """The same ten digits after some of the epochs: the earlier, the closer together."""
    chosen = np.unique(np.geomspace(1, len(epochs), _EPOCHS_ON_FILM).round().astype(int)) - 1
    *first, given = _given_rows(spec)
    head = Row(given.label, given.images, _("validation\nloss"))
    rows = [
        Row(
            _("epoch {number}").format(number=epochs[index].number),
            epochs[index].reconstructions,
            f"{epochs[index].validation_loss:.4f}",
        )
        for index in chosen
    ]
    return DigitRows([*first, head, *rows])


def losses(epochs: list[Epoch]) -> Curves:
    """Both losses after each epoch, between the perfect answer's and the mean image's."""
    numbers = [epoch.number for epoch in epochs]
    training = [epoch.loss for epoch in epochs]
    validation = [epoch.validation_loss for epoch in epochs]
    lines = [
        (_("training"), training, LINE_COLOURS["orange"], (4.0, 2.0)),
        (_("validation"), validation, LINE_COLOURS["blue"], (1.0, 0.0)),
    ]
    rules = [(PERFECT_BCE, _("perfect answer")), (MEAN_IMAGE_BCE, _("mean image"))]
    highest = max(*training, *validation, MEAN_IMAGE_BCE)
    heights = separated([training[-1], validation[-1]], (highest - PERFECT_BCE) / _ROWS_OF_NAMES)
    return Curves(
        _("epoch"),
        _("BCE per pixel"),
        [
            Curve(name, numbers, values, colour, height, dash=dash)
            for (name, values, colour, dash), height in zip(lines, heights, strict=True)
        ],
        rules=rules,
        whole_x=True,
    )


def _given_rows(spec: TrainingSpec) -> list[Row]:
    return [Row(label, to_bytes(images)) for label, images in given_rows(spec)]
