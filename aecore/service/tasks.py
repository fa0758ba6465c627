"""What workers are sent: a name to import there, so that the server need not import it here."""

from __future__ import annotations


def train(folder: str, seconds: float, patience: float) -> None:
    """See `aecore.worker.training.train`."""
    from aecore.worker import training

    training.train(folder, seconds, patience)


def warm_up() -> None:
    """See `aecore.worker.training.warm_up`."""
    from aecore.worker import training

    training.warm_up()
