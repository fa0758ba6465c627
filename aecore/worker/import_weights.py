"""Weights that a visitor brought, for the networks that the worker built (worker only)."""

from __future__ import annotations

from aecore.runs import Run
from aecore.takehome.bringing import brought_weights
from aecore.worker.keras_networks import Networks, Weights


def adopt(run: Run, networks: Networks) -> None:
    """Give the networks the weights that lie in the run's folder.

    A variational encoder's second head stays as it is: only training needs it. Raises RunError
    if the weights are missing or no good.
    """
    brought = brought_weights(run, run.spec()).weights
    arrays: Weights = [a for layer in (*brought.encoder, *brought.decoder) for a in layer]
    networks.set_weights(arrays + networks.weights()[len(arrays) :])
