"""Checkpoints: a network and its optimiser as they were after an epoch, to go on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np

from aecore.guarded.bounds import CHECKPOINT_BYTES
from aecore.guarded.files import read_arrays
from aecore.runs import Run, RunError, RunStore, write_atomically
from aecore.specs import MOST_PROLONGED, TrainingSpec

if TYPE_CHECKING:
    from aecore.worker.learner import Arrays

CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True)
class Checkpoint:
    """What a learner was after an epoch.

    state            all that `Learner.restore` needs: weights, Adam's averages, steps
    validation_loss  of that epoch, in nats per pixel
    """

    epoch: int
    validation_loss: float
    state: Arrays

    def write(self, run: Run) -> None:
        """Replace the run's checkpoint by this one. Raises OSError when the disk is full."""
        arrays = self.state | {
            "epoch": np.array(self.epoch),
            "validation_loss": np.array(self.validation_loss),
        }
        write_atomically(run.folder / CHECKPOINT, as_npz(arrays))

    @classmethod
    def read(cls, run: Run) -> Self | None:
        """The run's checkpoint; None if it has none that can be read."""
        try:
            state = read_arrays(run.folder, CHECKPOINT, CHECKPOINT_BYTES)
            epoch, loss = int(state.pop("epoch")), float(state.pop("validation_loss"))
        except (OSError, KeyError, ValueError, TypeError, OverflowError):
            return None
        return cls(epoch, loss, state) if epoch >= 1 else None


def to_go_on_from(run: Run, spec: TrainingSpec) -> tuple[Checkpoint, Run] | None:
    """The checkpoint nearest to the end of this training, and the run that it lies in.

    It may lie in another run: training for 5 epochs is the beginning of training for 10.
    """
    nearest = None
    for each in _same_training(run, spec):  # one after the other: each may take 20 MB
        read = Checkpoint.read(each)
        if read is None or read.epoch > spec.epochs:
            continue
        if nearest is None or (read.epoch, each == run) > (nearest[0].epoch, nearest[1] == run):
            nearest = read, each
    return nearest


def _same_training(run: Run, spec: TrainingSpec) -> Iterator[Run]:
    """The run itself, and those beside it that differ only in how long they train."""
    yield run
    if not spec.can_be_prolonged:
        return
    store = RunStore(run.folder.parent)
    for epochs in range(1, MOST_PROLONGED + 1):
        try:
            other = store.get(replace(spec, epochs=epochs).key)
        except RunError:
            continue
        if other != run:
            yield other


def as_npz(arrays: Arrays) -> Callable[[IO[bytes]], None]:
    """What writes arrays into an open file, as .npz: see `aecore.runs.Content`."""
    named: dict[str, Any] = dict(arrays)
    return lambda file: np.savez(file, **named)
