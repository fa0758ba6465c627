"""Who works: giving jobs to workers, and noticing which of them ended, died or hang."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from aecore.runs import Status
from aecore.service.folders import Folders
from aecore.service.limits import Limits
from aecore.service.workers import Workers

_TO_BEGIN = 5
"""As often longer may a worker be silent before its first sign of life: it may have to warm up."""

_TO_KEEP = 2.0
"""Seconds that writing down a model takes, about."""

_UNHEARD = 2.0
"""Seconds: where more pass between two looks, this server stood still, and others may have, too."""


@dataclass(frozen=True)
class Report:
    """What became of a job that was given to the workers.

    state  `waits` with the workers, `trains`, has `ended`, or was `lost` and must be given again
    sign   when its worker last showed life, on the clock of the dispatcher
    """

    state: Literal["waits", "trains", "ended", "lost"]
    seconds_left: float | None = None
    sign: float = 0.0


@dataclass
class _Given:
    future: Future[None]
    wish: str
    sign: float
    beat: int
    has_beaten: bool = False
    has_begun: bool = False


class Dispatcher:
    """Knows the workers and the folders, but neither queue nor visitors. For one thread only.

    Whether a job trains is read in its folder. Workers that several servers share look after
    themselves: they try again when one of them dies, and end those that hang.
    """

    def __init__(
        self, workers: Workers, folders: Folders, limits: Limits, clock: Callable[[], float]
    ) -> None:
        self._workers = workers
        self._folders = folders
        self._limits = limits
        self._clock = clock
        self._given: dict[str, _Given] = {}
        self._looked = clock()

    @property
    def is_idle(self) -> bool:
        return not self._given

    def given(self) -> list[str]:
        """The jobs that the workers have."""
        return list(self._given)

    def give(self, name: str, then: Callable[[], None]) -> None:
        """Give a job to the workers; `then` is called, by any thread, once it is done.

        Raises whatever the workers raise while they cannot be reached.
        """
        run = self._folders.run(name)
        status = run.last_status()
        seconds, patience = float(self._limits.job_seconds), float(self._limits.hang_seconds)
        future = self._workers.train(str(run.folder), status.wish, seconds, patience)
        self._given[name] = _Given(future, status.wish, self._clock(), status.beat)
        future.add_done_callback(lambda _: then())

    def look_after(self, wanted: Collection[str]) -> dict[str, Report]:
        """What became of the jobs; those that nobody wants any more are taken from the workers.

        Of a job whose folder cannot be read just now there is no report.
        """
        self._forgive_what_nobody_heard()
        for name in set(self._given) - set(wanted):
            self._given.pop(name).future.cancel()
        reports = {}
        for name, given in list(self._given.items()):
            try:
                reports[name] = self._look_at(name, given)
            except OSError:
                logging.getLogger(__name__).warning("%s cannot be looked at", name)
        return reports

    def _forgive_what_nobody_heard(self) -> None:
        """Do not count as silence what passed while this server stood still.

        Its workers may have stood still with it: a container that was paused, or Ctrl-Z.
        """
        now = self._clock()
        unheard = now - self._looked - _UNHEARD
        self._looked = now
        if unheard > 0:
            for given in self._given.values():
                given.sign += unheard

    def _look_at(self, name: str, given: _Given) -> Report:
        is_done = given.future.done()  # asked before the status is read, which comes before it
        status = self._folders.status(name)
        if status is None or status.wish != given.wish:  # removed, or asked for anew elsewhere
            self._given.pop(name).future.cancel()
            return Report("ended" if status is None else "lost")
        if is_done:
            del self._given[name]
            return self._how_it_ended(name, status, given)
        given.has_begun |= status.has_worker
        if status.is_over and not given.has_begun:  # somebody left the queue, at another server
            self._given.pop(name).future.cancel()
            return Report("ended")
        now = self._clock()
        if status.beat != given.beat:
            given.beat, given.sign, given.has_beaten = status.beat, now, True
        patience = self._limits.hang_seconds * (1 if given.has_beaten else _TO_BEGIN)
        if not self._workers.is_shared and now - given.sign > patience:
            self._workers.end(given.future)
            del self._given[name]
            return self._try_again(name)
        trains = not self._workers.is_shared or status.state != "queued"
        left = status.seconds_left if status.state in ("queued", "running") else _TO_KEEP
        return Report("trains" if trains else "waits", left, given.sign)

    def _how_it_ended(self, name: str, status: Status, given: _Given) -> Report:
        if status.is_over:
            return Report("ended")
        if given.future.cancelled():  # the connection to the workers was lost, not the worker
            return Report("lost")
        return self._try_again(name)

    def _try_again(self, name: str) -> Report:
        return Report("lost" if self._folders.ask_once_more(name) else "ended")
