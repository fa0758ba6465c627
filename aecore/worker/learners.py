"""Which network learns how, and the learner for a spec (worker only)."""

from __future__ import annotations

from functools import lru_cache

from aecore.specs import TrainingSpec
from aecore.worker.learner import Learner
from aecore.worker.map_learners import NeighbourLearner, SearchingLearner
from aecore.worker.memory import is_short_of_memory
from aecore.worker.second_losses import SparseLearner, VariationalLearner

_SECOND_LOSSES: dict[str, type[Learner]] = {
    "vae": VariationalLearner,
    "sparse": SparseLearner,
    "latent2d": SearchingLearner,
    "neighbours2d": NeighbourLearner,
}
"""Networks that do not only reconstruct."""


def learner_of(spec: TrainingSpec) -> Learner:
    """The learner for a spec, started from the spec's seed."""
    found = _learner(
        spec.architecture,
        spec.code_size,
        min(spec.batch_size, spec.images),
        noisy=spec.noise > 0,
        noise_varies=spec.noise_varies,
    )
    found.start(spec)
    return found


@lru_cache(maxsize=1 if is_short_of_memory() else 2)
def _learner(
    architecture: str, code_size: int, batch_size: int, *, noisy: bool, noise_varies: bool
) -> Learner:
    """A learner, kept for the next job of the same shape: compiling takes a second or two."""
    kind = _SECOND_LOSSES.get(architecture, Learner)
    return kind(architecture, code_size, batch_size, noisy=noisy, noise_varies=noise_varies)
