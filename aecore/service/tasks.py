"""What workers are sent: a name to import there, so that the server need not import it here."""

from __future__ import annotations


def train(folder: str, seconds: float, patience: float) -> None:
    """See `aecore.worker.training.train`."""
    _travel_light()
    from aecore.worker import training

    training.train(folder, seconds, patience)


def warm_up() -> None:
    """See `aecore.worker.training.warm_up`."""
    _travel_light()
    from aecore.worker import training

    training.warm_up()


def _travel_light() -> None:
    """Spare the worker 110 MB of packages that Keras loads if it can and that no training uses.

    None in `sys.modules` makes Python answer that there is no such module.
    """
    import sys

    for name in ("pandas", "pyarrow", "sklearn", "matplotlib", "IPython"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
