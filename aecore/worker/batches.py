"""What each step of a training gets: which images, and how large a step."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Floats
from aecore.specs import TrainingSpec


def shuffled(spec: TrainingSpec, epoch: int, batch_size: int) -> NDArray[np.int32]:
    """Image indices `(batches, batch_size)` in this epoch's order; the last batch is filled up."""
    order = np.random.default_rng([spec.seed, epoch]).permutation(spec.images)
    batches = math.ceil(spec.images / batch_size)
    return np.resize(order, (batches, batch_size)).astype(np.int32)


def learning_rates(spec: TrainingSpec, epoch: int, batches: int) -> Floats:
    """The learning rate of every batch of an epoch `(batches,)`, by the spec's schedule."""
    if spec.schedule == "constant":
        return np.full(batches, spec.learning_rate, np.float32)
    done = ((epoch - 1) * batches + np.arange(batches)) / (spec.epochs * batches)
    return (spec.learning_rate * 0.5 * (1 + np.cos(np.pi * done))).astype(np.float32)
