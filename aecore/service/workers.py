"""Who trains: one local process, or the workers of a Dask cluster. Both are executors."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from concurrent.futures import Future
from typing import Any, Protocol
from uuid import uuid4
from weakref import WeakKeyDictionary

from aecore.worker import training

_WORKER_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}


class Workers(Protocol):
    """What the trainer needs of a pool of workers."""

    def capacity(self) -> int:
        """How many jobs train at the same time."""

    def train(self, folder: str, claim: int, seconds: float) -> Future[None]:
        """Start `training.train` on a worker; the future fails when the worker dies."""

    def warm_up(self) -> None:
        """Make a worker ready for a job that will soon come."""

    def end(self, future: Future[None]) -> None:
        """End by force the worker that hangs on this job."""

    def close(self) -> None:
        """End all workers that belong to this server."""


def _travel_light() -> None:
    """Spare the worker 80 MB of packages that Keras loads if it can and that no training uses.

    None in `sys.modules` makes Python answer that there is no such module.
    """
    absent: dict[str, None] = dict.fromkeys(("pandas", "pyarrow", "sklearn"))
    sys.modules.update(absent)  # type: ignore[arg-type]


class LocalWorker:
    """One process beside the server, started when it is needed and ended after idling.

    loky starts it with a fresh interpreter (never a fork of the server) and without importing
    the server's main module.
    """

    def __init__(self, idle_seconds: int) -> None:
        self._idle_seconds = idle_seconds
        self._executor: Any = None
        self._last_use = -float("inf")
        self._lock = threading.RLock()

    def capacity(self) -> int:
        return 1

    def train(self, folder: str, claim: int, seconds: float) -> Future[None]:
        return self._submit(training.train, folder, claim, seconds)

    def warm_up(self) -> None:
        with self._lock:  # two first visitors shall not start two processes
            is_warm = time.monotonic() - self._last_use < self._idle_seconds
            if not is_warm:
                self._submit(training.warm_up)

    def end(self, future: Future[None]) -> None:  # noqa: ARG002 - there is only one worker
        self.close()

    def close(self) -> None:
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, kill_workers=True)

    def _submit(self, task: Any, *args: Any) -> Future[None]:  # noqa: ANN401 - passed on
        from loky.process_executor import BrokenProcessPool, ShutdownExecutorError

        with self._lock:
            self._last_use = time.monotonic()
            if self._executor is not None:
                with contextlib.suppress(BrokenProcessPool, ShutdownExecutorError):
                    return self._watched(self._executor.submit(task, *args))
            self._executor = self._new_executor()
            return self._watched(self._executor.submit(task, *args))

    def _new_executor(self) -> Any:  # noqa: ANN401 - loky is untyped
        from loky import ProcessPoolExecutor

        return ProcessPoolExecutor(
            max_workers=1,
            timeout=self._idle_seconds,
            env=_WORKER_ENVIRONMENT,
            initializer=_travel_light,
        )

    def _watched(self, future: Future[None]) -> Future[None]:
        future.add_done_callback(self._note_use)
        return future

    def _note_use(self, future: Future[None]) -> None:
        died = not future.cancelled() and future.exception() is not None
        self._last_use = -float("inf") if died else time.monotonic()


class DaskWorkers:
    """The workers of a Dask cluster, which share the runs folder with the server.

    Needs `distributed` (requirements-dask.txt). Workers must have one thread each.
    """

    def __init__(self, scheduler: str) -> None:
        self._scheduler = scheduler
        self._client: Any = None
        self._executor: Any = None
        self._task_keys: WeakKeyDictionary[Future[None], str] = WeakKeyDictionary()

    def capacity(self) -> int:
        return max(1, len(self._connected().nthreads()))

    def train(self, folder: str, claim: int, seconds: float) -> Future[None]:
        self._connected()
        key = f"train-{uuid4().hex}"
        future: Future[None] = self._executor.submit(
            training.train, folder, claim, seconds, key=key
        )
        self._task_keys[future] = key
        return future

    def warm_up(self) -> None:
        client = self._connected()
        for worker in client.nthreads():
            client.submit(training.warm_up, workers=[worker], pure=False, priority=10)

    def end(self, future: Future[None]) -> None:
        client, key = self._connected(), self._task_keys.get(future)
        hanging = [worker for worker, keys in client.processing().items() if key in keys]
        future.cancel()
        client.restart_workers(hanging, raise_for_error=False)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> Any:  # noqa: ANN401 - distributed is untyped
        if self._client is None:
            import distributed

            connect: Any = distributed.Client  # untyped
            self._client = connect(self._scheduler, timeout="5s", set_as_default=False)
            self._executor = self._client.get_executor(pure=False)
        return self._client
