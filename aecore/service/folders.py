"""What is on disk: the runs' folders, as the service reads and writes them.

A folder's status says what is wanted of it: a run that is not over is to be trained, by whichever
server finds it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from aecore.guarded.files import is_ordinary
from aecore.runs import Reason, Run, RunError, RunStore, Status
from aecore.service.housekeeping import make_room, mark_used, remove
from aecore.service.queue import PRESENT
from aecore.specs import TrainingSpec

_ANSWERED: frozenset[Reason] = frozenset({"not_a_number", "exploded", "no_better_than_mean"})
"""Failures that belong to the spec: training it again would end the same way."""

_LAST_ATTEMPT = 3
"""Two attempts to train, and one to keep the last good epoch."""


class Folders:
    """The folder of runs. Remembered is only which had ended, and what could not be written."""

    def __init__(self, root: Path) -> None:
        self.store = RunStore(root)
        self._server = uuid4().hex
        self._ended: dict[str, int] = {}
        self._unwritten: dict[str, _Unwritten] = {}

    def run(self, name: str) -> Run:
        return Run(self.store.root / name)

    def status(self, name: str) -> Status | None:
        """The run's status; None if its folder was removed, or never made.

        Raises OSError while the disk does not say, as one of a network may for a moment.
        """
        run = self.run(name)
        return None if run.is_gone() else run.last_status()

    def is_gone(self, name: str) -> bool:
        """Whether the run's folder was removed; not while the disk does not say."""
        with suppress(OSError):
            return self.run(name).is_gone()
        return False

    def is_answered(self, name: str) -> bool:
        """Whether the run has ended in a way that training again would not change.

        One whose model was damaged since is trained again, from its checkpoint if it has one.
        """
        run = self.run(name)
        status = run.last_status()
        if status.state == "failed":
            return status.message in _ANSWERED
        return status.state == "done" and _is_whole(run)

    def is_stopping(self, name: str) -> bool:
        """Whether a run's worker was asked to stop, or only keeps what it has learnt."""
        run = self.run(name)
        return run.stop_requested() or run.last_status().state not in ("queued", "running")

    def ask(self, spec: TrainingSpec, brought: bytes = b"") -> bool:
        """Make or renew the run's folder, so that somebody trains it; False if it is answered.

        `brought` are the weights of a run that was trained elsewhere, as their file has them. A
        run that is wanted already stays as it is. Raises OSError, and leaves no folder behind
        that is not a run's.
        """
        run = self.run(spec.key)
        if self.is_answered(run.name):
            return False
        with suppress(RunError):
            is_wanted = not run.status().is_over and not self.has_unwritten(run.name)
            if is_wanted and run.spec() == spec:
                return True
        try:
            self._renew(run, spec, brought)
        except OSError:
            if run.folder.is_dir() and not (run.folder / "spec.json").exists():
                remove(run)
            raise
        return True

    def _renew(self, run: Run, spec: TrainingSpec, brought: bytes) -> None:
        before = run.last_status()
        run.folder.mkdir(parents=True, exist_ok=True)
        (run.folder / "stop").unlink(missing_ok=True)
        if brought:
            run.write_brought(brought)
        run.write_status(Status(epoch=before.epoch, beat=before.beat + 1, wish=uuid4().hex))
        run.write_spec(spec)  # last: from now on others see the run

    def drop(self, name: str) -> None:
        """Take a run that waits back; a folder without any epoch goes with it."""
        run = self.run(name)
        with suppress(OSError):
            run.request_stop()  # should a worker begin just now
        if run.has_epochs():
            self._write(run, state="stopped")
        else:
            remove(run)

    def put_back(self, name: str) -> None:
        """Let a run wait whose worker was ended without any fault of its own.

        Should that worker still live, it sees another wish in the folder and writes nothing more.
        """
        run = self.run(name)
        if not run.last_status().is_over:
            self._write(run, state="queued", wish=uuid4().hex)

    def ask_once_more(self, name: str) -> bool:
        """After its worker was lost: let the run be trained again.

        False if it died too often, or if that cannot be written: it would never be too often.
        """
        run = self.run(name)
        status = run.last_status()
        if status.attempt >= _LAST_ATTEMPT:
            hungry = status.message == "out_of_memory"
            reason: Reason = "out_of_memory" if hungry else "worker_died"
            self._write(run, state="failed", message=reason, seconds_left=None)
            return False
        again = {"wish": uuid4().hex, "attempt": status.attempt + 1, "message": "worker_died"}
        return self._write(run, state="queued", **again)

    def catch_up(self, known: Collection[str]) -> None:
        """Write what could not be written of runs before, but for those that are `known`."""
        for name, unwritten in list(self._unwritten.items()):
            run = self.run(name)
            if name in known:
                continue
            if (run.folder / "spec.json").exists() and self.has_unwritten(name):
                self._write(run, **unwritten.changes)
            else:  # the run is gone, or was asked for anew
                self._unwritten.pop(name, None)

    def has_unwritten(self, name: str) -> bool:
        """Whether a run's status is out of date, since its folder could not be written to."""
        unwritten = self._unwritten.get(name)
        return unwritten is not None and unwritten.wish == self.run(name).last_status().wish

    def unfinished(self, known: Collection[str]) -> list[TrainingSpec]:
        """What is to be trained beside the runs that are `known`; the oldest wishes first.

        A run whose status could not be written is left alone: see `catch_up`.
        """
        found = []
        names = self.store.newest()
        self._ended = {name: self._ended[name] for name in names if name in self._ended}
        for name in reversed(names):
            if name in known or self.has_unwritten(name):
                continue
            run = self.run(name)
            changed = _changed(run.folder / "status.json")
            if self._ended.get(name) == changed:
                continue
            try:
                is_wanted = not run.status().is_over
                spec = run.spec()
            except RunError:
                continue
            if not is_wanted:
                self._ended[name] = changed
            elif spec.key == name:
                found.append(spec)
        return found

    # Space

    def mark_used(self, name: str) -> None:
        mark_used(self.store, {name})

    def make_room(self, megabytes: int, is_kept: Callable[[str], bool]) -> bool:
        """Remove what was not used for long; False if too much is left."""
        return make_room(self.store, megabytes, is_kept)

    # Visitors of other servers that share the folder

    def note_visitors(self, names: Collection[str]) -> None:
        """Note that visitors of this server, who asked for these runs, are here."""
        for name in names:
            with suppress(OSError):
                self._presence(name).touch()

    def forget_visitors(self, name: str) -> None:
        with suppress(OSError):
            self._presence(name).unlink()

    def find_visitors_elsewhere(self, name: str) -> bool:
        """Look whether visitors of other servers asked for the run and were here a moment ago.

        To be called when none of this server's own are here, who are forgotten by it. Only time
        stamps that the file system itself gave are compared, so that no two clocks must agree.
        """
        mine = self._presence(name)
        with suppress(OSError):
            mine.touch()
            now = mine.stat().st_mtime
            mine.unlink()
            stamps = [
                file.stat().st_mtime for file in mine.parent.glob("visited-*") if file != mine
            ]
            return any(now - stamp < PRESENT for stamp in stamps)
        return False

    def _presence(self, name: str) -> Path:
        return self.run(name).folder / f"visited-{self._server}"

    def _write(self, run: Run, **changes: Any) -> bool:  # noqa: ANN401 - fields of Status
        """Change the run's status, on a full disk, too; False if that is not possible (yet)."""
        before = run.last_status()
        status = replace(before, beat=before.beat + 1, **changes)
        try:
            _write_somehow(run, status)
        except OSError:
            if run.name not in self._unwritten:
                logging.getLogger(__name__).warning("no status can be written to %s", run.name)
            self._unwritten[run.name] = _Unwritten(before.wish, changes)
            return False
        self._unwritten.pop(run.name, None)
        return True


@dataclass(frozen=True)
class _Unwritten:
    """What should be changed in a status, and which wish that is about."""

    wish: str
    changes: dict[str, Any]


def _write_somehow(run: Run, status: Status) -> None:
    try:
        run.write_status(status)
    except OSError:
        run.overwrite_status(status)


def _is_whole(run: Run) -> bool:
    try:
        run.verify()
    except RunError:
        return False
    return True


def _changed(file: Path) -> int:
    """When the file was written, read through an open file: network file systems look anew.

    A pipe in its place is not opened, which would take for ever.
    """
    try:
        if not is_ordinary(file):
            return -1
        with file.open("rb") as handle:
            return os.fstat(handle.fileno()).st_mtime_ns
    except OSError:
        return -1
