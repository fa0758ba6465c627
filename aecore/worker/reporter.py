"""The worker's signs of life: one thread keeps `status.json` fresh while another one trains."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from aecore.runs import Run, RunError, Status

_INTERVAL = 0.25


class Reporter:
    """Writes the status several times a second, each time with a larger beat.

    When the disk is full, the old file is overwritten in place, which needs no new space, and
    the message says `disk_full` until writing works again.

    `is_overruled` tells a worker that stood still so long that the run was given to another one,
    or asked for anew: from then on nothing more is written.
    """

    def __init__(self, run: Run, status: Status) -> None:
        self._run = run
        self._status = status
        self._began = time.monotonic() - status.seconds
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="reporter", daemon=True)
        self.is_overruled = False

    def __enter__(self) -> Self:
        self._write()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._write()

    @property
    def status(self) -> Status:
        return self._status

    def update(self, *, now: bool = False, **changes: Any) -> None:  # noqa: ANN401 - fields of Status
        """Change fields of the status; `now` writes them at once."""
        with self._lock:
            self._status = replace(self._status, **changes)
        if now:
            self._write()

    def _keep_beating(self) -> None:
        while not self._ended.wait(_INTERVAL):
            self._write()

    def _write(self) -> None:
        with self._lock:
            self.is_overruled = self.is_overruled or self._has_another_worker()
            if self.is_overruled:
                return
            seconds = time.monotonic() - self._began
            self._status = replace(self._status, beat=self._status.beat + 1, seconds=seconds)
            try:
                self._run.write_status(self._status)
            except OSError:
                if self._status.message == "":
                    self._status = replace(self._status, message="disk_full")
                self._overwrite()

    def _has_another_worker(self) -> bool:
        """Whether the run was removed, or somebody else began to train it later than we.

        Without its spec it was removed, whatever this worker itself has written there since.
        """
        try:
            if self._run.is_gone():
                return True
            there = self._run.status()
        except (OSError, RunError):
            return False
        mine = self._status
        return there.wish != mine.wish or there.attempt > mine.attempt

    def _overwrite(self) -> None:
        try:
            self._run.overwrite_status(self._status)
        except OSError:
            logging.getLogger(__name__).warning("no status can be written to %s", self._run.name)
