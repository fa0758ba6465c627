"""How the lab is, for whoever watches over it: lines of its own on Streamlit's `/_stcore/metrics`.

`/_stcore/health` tells only that the server answers. The trainer begins with the server; where it
cannot (a value that is refused, a folder that another server has), it has no line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from streamlit import runtime
from streamlit.runtime.stats import GaugeStat, Stat

from aecore.service.trainer import Trainer

ALIVE, WAITING, OPEN_PAGES = "lab_trainer_alive", "lab_trainings_waiting", "lab_open_pages"


class _Health:
    """Streamlit asks it whenever somebody asks for the metrics."""

    stats_families = (ALIVE, WAITING, OPEN_PAGES)

    def __init__(self, trainer: Trainer, open_pages: Callable[[], int]) -> None:
        self._trainer = trainer
        self._open_pages = open_pages

    def get_stats(
        self,
        family_names: Sequence[str] | None = None,  # noqa: ARG002 - all of them cost nothing
    ) -> Mapping[str, Sequence[Stat]]:
        numbers = {
            ALIVE: int(self._trainer.is_alive),
            WAITING: self._trainer.waiting(),
            OPEN_PAGES: self._open_pages(),
        }
        return {name: [GaugeStat(name, number)] for name, number in numbers.items()}


def publish_health(trainer: Trainer, open_pages: Callable[[], int]) -> None:
    """Let the server's metrics tell how this trainer is, and how many pages are open."""
    if runtime.exists():
        runtime.get_instance().stats_mgr.register_provider(_Health(trainer, open_pages))
