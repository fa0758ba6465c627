"""Who trains: one local process, or the workers of a Dask cluster. Both are executors."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar, Protocol

from aecore.service import tasks
from aecore.service.processors import ALLOWED, use_processors

_ANSWER = 5.0
"""Seconds a scheduler may take to answer."""

_LOOKS_AFTER_SERVER = 1.0
"""Seconds between two looks of a worker whether its server is still there."""

_LONGEST_IDLE = 2_000_000
"""Seconds that a worker may be told to wait: the system counts milliseconds in 31 bits."""

_HEAVY = {False: 800_000_000, True: 370_000_000}
"""Bytes of its own from which on a worker is better started anew after a training: where there is
plenty of memory, and where it is short."""

_WORKER_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
    "MALLOC_ARENA_MAX": "2",  # or each of TensorFlow's threads keeps a heap of its own
    "AELAB_THRIFTY": "0",
}

_THRIFTY_ENVIRONMENT = {
    "AELAB_THRIFTY": "1",
    # What large arrays took is given back at once. Whoever names one of the two alone leaves the
    # other at 128 kB: then every step of a training would fetch anew what the last one gave back.
    "MALLOC_TRIM_THRESHOLD_": "10000000",
    "MALLOC_MMAP_THRESHOLD_": "4000000",
}


class Workers(Protocol):
    """What the service needs of a pool of workers.

    is_shared  whether other servers give jobs to the same pool. Then jobs wait in the pool, which
               tries again when a worker dies and ends one that hangs; otherwise the trainer does.
    """

    is_shared: ClassVar[bool]

    def count(self) -> int:
        """How many jobs can train at the same time; raises if nobody answers."""

    def train(self, folder: str, wish: str, seconds: float, patience: float) -> Future[None]:
        """Let a worker train what is wanted of a folder; of one wish only one training comes.

        See `aecore.worker.training.train`. The future fails when the worker dies (of a shared
        pool: too often), and is cancelled when the connection to the pool is lost.
        """

    def warm_up(self) -> None:
        """Make workers ready for a job that will soon come."""

    def end(self, future: Future[None]) -> None:
        """End by force the worker that hangs on this job (never of a shared pool)."""

    def close(self) -> None:
        """End all workers that belong to this server."""


def _begin(server: int, scratch: str, processors: frozenset[int]) -> None:
    """What a worker does first: take its processors, and see to its own end.

    It ends with its server, however that ended: one that was killed for the memory it took would
    else leave a worker behind that takes as much again beside the next one. Training goes on
    there, from the last epoch. `scratch` is what nobody else removes then.
    """
    use_processors(processors)
    threading.Thread(target=_end_without, args=(server, scratch), daemon=True).start()


def _end_without(server: int, scratch: str) -> None:
    while os.getppid() == server:  # Windows never says anything else
        time.sleep(_LOOKS_AFTER_SERVER)
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)


class LocalWorker:
    """One process beside the server, started when it is needed and ended after idling.

    loky starts it with a fresh interpreter (never a fork of the server) and without importing
    the server's main module.
    """

    is_shared: ClassVar[bool] = False

    def __init__(self, idle_seconds: int, *, thrifty: bool = False) -> None:
        """`thrifty` asks the worker to spare memory rather than time.

        TensorFlow never gives back all that a training took (some 9 MB for each new shape of
        network), so a worker that has grown heavy ends with it.
        """
        self._idle_seconds = min(idle_seconds, _LONGEST_IDLE)
        self._thrifty = thrifty
        self._environment = _WORKER_ENVIRONMENT | (_THRIFTY_ENVIRONMENT if thrifty else {})
        self._executor: Any = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._last_use = -float("inf")
        self._lock = threading.RLock()

    def count(self) -> int:
        return 1

    @property
    def processes(self) -> list[int]:
        """The number of its process; none while it is not needed."""
        executor = self._executor
        return [] if executor is None else list(executor._processes)

    def train(self, folder: str, wish: str, seconds: float, patience: float) -> Future[None]:  # noqa: ARG002 - nobody else asks
        return self._submit(tasks.train, folder, seconds, patience)

    def warm_up(self) -> None:
        with self._lock:  # two first visitors shall not start two processes
            is_warm = time.monotonic() - self._last_use < self._idle_seconds
            if not is_warm:
                self._submit(tasks.warm_up)

    def end(self, future: Future[None]) -> None:  # noqa: ARG002 - there is only one worker
        self.close()

    def close(self) -> None:
        self._end(wait=True)

    def _end(self, *, wait: bool) -> None:
        with self._lock:
            executor, self._executor = self._executor, None
            scratch, self._scratch = self._scratch, None
        if executor is not None:
            executor.shutdown(wait=wait, kill_workers=True)
        if scratch is not None:
            scratch.cleanup()

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
        """A worker that puts what TensorFlow generates where it can be found when it is killed."""
        from loky import ProcessPoolExecutor

        self._scratch = tempfile.TemporaryDirectory("-aelab-worker", ignore_cleanup_errors=True)
        return ProcessPoolExecutor(
            max_workers=1,
            timeout=self._idle_seconds,
            env=self._environment | {"TMPDIR": self._scratch.name},
            initializer=_begin,
            initargs=(os.getpid(), self._scratch.name, ALLOWED),
        )

    def _watched(self, future: Future[None]) -> Future[None]:
        future.add_done_callback(self._note_use)
        return future

    def _note_use(self, future: Future[None]) -> None:
        died = not future.cancelled() and future.exception() is not None
        is_heavy = self._weight() > _HEAVY[self._thrifty]
        if is_heavy:
            self._end(wait=False)  # this is the executor's own thread, as a rule
        self._last_use = -float("inf") if died or is_heavy else time.monotonic()

    def _weight(self) -> int:
        """Bytes of the process's own memory; 0 where the system does not say, or if it died."""
        found = 0
        with contextlib.suppress(OSError):
            for process in self.processes:
                status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
                _, _, known = status.partition("RssAnon:")
                found += int(known.split()[0]) * 1024 if known else 0
        return found


class DaskWorkers:
    """The workers of a Dask cluster, which share the runs' folder with the servers.

    Needs `distributed` (requirements-dask.txt). Workers must have one thread each. Dask knows a
    training by its spec and its wish: whoever asks for the same gets the same future, a task
    whose worker dies is given to another one, and one that nobody waits for any more goes.
    """

    is_shared: ClassVar[bool] = True

    def __init__(self, scheduler: str) -> None:
        self._scheduler = scheduler
        self._client: Any = None
        self._executor: Any = None
        self._warm: dict[str, Any] = {}

    def count(self) -> int:
        client = self._connected()
        return len(client.sync(client.scheduler.ncores, callback_timeout=_ANSWER))

    def train(self, folder: str, wish: str, seconds: float, patience: float) -> Future[None]:
        self._connected()
        key = ("train", Path(folder).name, wish)
        future: Future[None] = self._executor.submit(
            tasks.train, folder, seconds, patience, key=key
        )
        return future

    def warm_up(self) -> None:
        """Once for every worker, whichever server asks; the futures are kept, or Dask forgets."""
        client = self._connected()
        workers = client.sync(client.scheduler.ncores, callback_timeout=_ANSWER)
        self._warm = {
            worker: self._warm.get(worker)
            or client.submit(tasks.warm_up, key=("warm up", worker), workers=[worker])
            for worker in workers
        }

    def end(self, future: Future[None]) -> None:
        """Nothing: Dask restarts a worker that shows no life (its option `worker-ttl`)."""

    def close(self) -> None:
        client, self._client = self._client, None
        self._warm = {}
        if client is not None:
            client.close()

    def _connected(self) -> Any:  # noqa: ANN401 - distributed is untyped
        """The client; a new one after the scheduler was away for longer than it waits."""
        if self._client is not None and self._client.status == "closed":
            self._client = None
            self._warm = {}
        if self._client is None:
            import distributed

            connect: Any = distributed.Client  # untyped
            self._client = connect(self._scheduler, timeout=_ANSWER, set_as_default=False)
            self._executor = self._client.get_executor(pure=False)
        return self._client
