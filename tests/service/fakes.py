"""Workers that train nothing, and a clock that stands still: queue and recovery in milliseconds.

A test says what a worker does next; what it leaves behind are folders as a real one fills them.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from aecore.runs import MODEL_FILES, Epoch, Reason, Run, State, Status

# What a worker needs of a run's spec is nothing here: every training is the same to it.


@dataclass
class Clock:
    """Seconds that pass only when a test says so."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


class Disk:
    """Refuses statuses: of runs whose folders are `read_only`, or new files, while it `is_full`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read_only: set[str] = set()
        self.is_full = False
        write, overwrite = Run.write_status, Run.overwrite_status

        def write_if_possible(run: Run, status: Status) -> None:
            if self.is_full:
                raise OSError(28, "No space left on device")
            self._refuse(run)
            write(run, status)

        def overwrite_if_possible(run: Run, status: Status) -> None:
            self._refuse(run)
            overwrite(run, status)

        monkeypatch.setattr(Run, "write_status", write_if_possible)
        monkeypatch.setattr(Run, "overwrite_status", overwrite_if_possible)

    def _refuse(self, run: Run) -> None:
        if run.name in self.read_only:
            raise PermissionError(13, "Permission denied")


class WorkerDiedError(Exception):
    """What a future fails with when its worker dies."""


@dataclass
class Task:
    """One training that workers were given, and what its worker does."""

    folder: Path
    wish: str
    future: Future[None] = field(default_factory=Future)

    @property
    def run(self) -> Run:
        return Run(self.folder)

    def begin(self) -> None:
        """Show life for the first time, as `aecore.worker.training.train` does."""
        status = self.run.status()
        attempt = status.attempt + (status.state == "running")
        self.run.write_status(
            replace(status, state="running", attempt=attempt, beat=status.beat + 1, message="")
        )

    def beat(self, *, epoch: int | None = None, seconds_left: float | None = None) -> None:
        """Show life again, and leave an epoch behind."""
        status = self.run.status()
        if epoch is not None:
            digits = np.zeros((10, 28, 28), np.uint8)
            codes = np.zeros((2, 2), np.float16)
            self.run.write_epoch(Epoch(epoch, 0.1, 0.1, 1.0, digits, codes))
            status = replace(status, epoch=epoch)
            (self.folder / "checkpoint.npz").write_bytes(b"")
        self.run.write_status(
            replace(status, beat=status.beat + 1, seconds_left=seconds_left),
        )

    def end(
        self, state: State = "done", message: Reason = "", *, sealed: bool = True, size: int = 10
    ) -> None:
        """End the training; the folder then holds a model of `size` bytes if it is sealed."""
        status = self.run.status()
        self.run.write_status(
            replace(status, state=state, message=message, beat=status.beat + 1, progress=1.0)
        )
        if sealed:
            for name in MODEL_FILES:
                (self.folder / name).write_bytes(bytes(size))
            self.run.write_metrics({"bce": 0.1, "mse": 0.01, "seconds_per_epoch": 2.0, "epochs": 3})
            self.run.seal()
        (self.folder / "checkpoint.npz").unlink(missing_ok=True)
        self.future.set_result(None)

    def die(self) -> None:
        """End as a killed process does."""
        self.future.set_exception(WorkerDiedError())


class LonelyWorker:
    """One worker of one server."""

    is_shared: ClassVar[bool] = False

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.ended: list[Future[None]] = []
        self.warmed_up = 0
        self.is_closed = False

    @property
    def task(self) -> Task:
        """What it was given last."""
        return self.tasks[-1]

    def count(self) -> int:
        return 1

    def train(self, folder: str, wish: str, seconds: float, patience: float) -> Future[None]:
        assert seconds > 0
        assert patience >= 0
        self.tasks.append(Task(Path(folder), wish))
        return self.task.future

    def warm_up(self) -> None:
        self.warmed_up += 1

    def end(self, future: Future[None]) -> None:
        self.ended.append(future)

    def close(self) -> None:
        self.is_closed = True


class Cluster:
    """Like a scheduler: a training of a given key is one task, whoever asks for it.

    `is_away` while it cannot be reached; `size` is how many workers it has.
    """

    def __init__(self, size: int = 2) -> None:
        self.size = size
        self.is_away = False
        self.tasks: dict[tuple[str, str], Task] = {}
        self.wanted_by: dict[tuple[str, str], list[Future[None]]] = {}

    def connect(self) -> SharedWorkers:
        return SharedWorkers(self)

    def train(self, folder: str, wish: str) -> Future[None]:
        key = (Path(folder).name, wish)
        task = self.tasks.setdefault(key, Task(Path(folder), wish))
        mine: Future[None] = Future()
        self.wanted_by.setdefault(key, []).append(mine)

        def pass_on(done: Future[None]) -> None:
            if mine.cancelled():
                return
            if done.exception() is not None:
                mine.set_exception(done.exception())
            else:
                mine.set_result(None)

        task.future.add_done_callback(pass_on)
        return mine

    def is_wanted(self, task: Task) -> bool:
        wishes = self.wanted_by[task.folder.name, task.wish]
        return any(not future.cancelled() for future in wishes)

    def restart(self) -> None:
        """Forget everything, as a scheduler does that is started anew."""
        for wishes in self.wanted_by.values():
            for future in wishes:
                future.cancel()
        self.tasks.clear()
        self.wanted_by.clear()


class SharedWorkers:
    """One server's view of a cluster."""

    is_shared: ClassVar[bool] = True

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def count(self) -> int:
        if self._cluster.is_away:
            raise OSError("nobody answers")
        return self._cluster.size

    def train(self, folder: str, wish: str, seconds: float, patience: float) -> Future[None]:  # noqa: ARG002
        return self._cluster.train(folder, wish)

    def warm_up(self) -> None:
        pass

    def end(self, future: Future[None]) -> None:  # noqa: ARG002
        raise AssertionError("a shared pool looks after itself")

    def close(self) -> None:
        pass
