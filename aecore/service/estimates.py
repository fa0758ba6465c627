"""How long a training will take: arithmetic, corrected by what this machine took before."""

from __future__ import annotations

import math
from collections import defaultdict

from aecore.networks import plan
from aecore.runs import Run, RunError
from aecore.specs import TrainingSpec

_START_AND_EXPORT = 3.0
"""Seconds for compiling before the first epoch and for writing the model after the last."""

_SECONDS_PER_IMAGE = 3e-6
_SECONDS_PER_NOISY_IMAGE = 1e-5
_SECONDS_PER_BATCH = 2e-4
_SECONDS_PER_MULTIPLICATION = {False: 4e-11, True: 5e-11}
"""Of dense and of convolutional networks, forward and back, on two cores of 2023."""

_SECONDS_PER_EPOCH = 0.1
"""For measuring it and writing it down."""

_TELLING = 0.25
"""Seconds: shorter epochs tell how long files take, not how long learning takes."""

_MEMORY = 0.5
"""Weight of the newest measurement in the correction."""


class Estimator:
    """Estimates seconds; learns how much faster or slower this machine is than ours."""

    def __init__(self) -> None:
        self._corrections: defaultdict[bool, float] = defaultdict(lambda: 1.0)

    def seconds(self, spec: TrainingSpec) -> float:
        """Expected seconds from the start of a job to its finished model."""
        return _START_AND_EXPORT + spec.epochs * self.epoch_seconds(spec)

    def epoch_seconds(self, spec: TrainingSpec) -> float:
        return self._corrections[_is_convolutional(spec)] * _uncorrected(spec)

    def learn_from(self, run: Run) -> None:
        """Take a finished run's seconds per epoch into account.

        Unreadable runs are ignored, and those that tell little: of tiny epochs, or of one epoch,
        in which the network was compiled, too.
        """
        try:
            spec, metrics = run.spec(), run.metrics()
            seconds, epochs = float(metrics["seconds_per_epoch"]), metrics["epochs"]
        except (RunError, KeyError, TypeError, ValueError):
            return
        if not (math.isfinite(seconds) and seconds > 0):
            return
        if epochs == 1 or _uncorrected(spec) < _TELLING:
            return
        kind = _is_convolutional(spec)
        measured = min(max(seconds / _uncorrected(spec), 0.1), 20.0)
        self._corrections[kind] += _MEMORY * (measured - self._corrections[kind])


def _is_convolutional(spec: TrainingSpec) -> bool:
    return plan(spec.architecture, spec.code_size).convolutional


def _uncorrected(spec: TrainingSpec) -> float:
    network = plan(spec.architecture, spec.code_size)
    per_image = (
        _SECONDS_PER_IMAGE
        + network.multiplications * _SECONDS_PER_MULTIPLICATION[network.convolutional]
        + (_SECONDS_PER_NOISY_IMAGE if spec.noise else 0)
    )
    validated = min(spec.images, 10_000) / 3
    learnt = 0 if spec.brought else spec.images
    batches = math.ceil(learnt / spec.batch_size)
    learning = (learnt + validated) * per_image + batches * _SECONDS_PER_BATCH
    return _SECONDS_PER_EPOCH + learning
