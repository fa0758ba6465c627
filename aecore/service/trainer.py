"""The training service: what pages call, and the thread that keeps it going.

    queue       who waits, and what visitors may ask         memory
    dispatcher  who works: gives out jobs, notices deaths    workers
    folders     what is wanted, and how far it is            disk

Everything that matters stands in the runs' folders: whoever starts a server on them goes on where
the last one ended. With a Dask scheduler several servers share them. Each asks for every run that
has not ended, under the same key; Dask trains a key once, and again when a worker dies.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from aecore.runs import RunError
from aecore.service.allowance import Allowance
from aecore.service.dispatcher import Dispatcher, Report
from aecore.service.estimates import Estimator
from aecore.service.folder_lock import lock_folder
from aecore.service.folders import Folders
from aecore.service.host import Host
from aecore.service.limits import Limits
from aecore.service.queue import OPEN, Job, Queue, Ticket, Visitors
from aecore.service.refusals import CannotWriteError, HostTooSmallError, NoRoomError
from aecore.service.workers import DaskWorkers, LocalWorker, Workers
from aecore.specs import TrainingSpec

_TICK = 0.5
"""Seconds between two rounds; news, such as a job's end, begins one at once."""

_SCAN = 1.0
"""Seconds between two looks for runs that others asked for, and for who is here."""

_RETRY = 3.0
"""Seconds until workers that could not be reached are asked again."""

_WEIGH = 60.0
"""Seconds until a folder that is too full, but in use, is weighed again."""

_STUCK = 30.0
"""Seconds after which a round that does not end is a sign of trouble, such as a disk that hangs."""

_RECENT = 20
"""Estimates begin with what this many of the last runs took."""


class Trainer:
    """The service of one server. Pages may call every method but `tick` from any thread."""

    def __init__(
        self,
        root: Path,
        workers: Workers,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        is_connected: Callable[[str], bool] | None = None,
        host: Host = Host(),  # noqa: B008 - it never changes
    ) -> None:
        """Raises FolderInUseError if another server trains in `root` without sharing workers."""
        self.limits = limits
        self.host = host
        self.estimator = Estimator()
        self.has_workers = True
        self._folder_lock = None if workers.is_shared else lock_folder(root)
        self._workers = workers
        self._clock = clock
        self._folders = Folders(root)
        self._visitors = Visitors(clock, is_connected)
        self._allowance = Allowance(limits, clock)
        self._queue = Queue(
            limits.queue_length,
            self._visitors,
            self.expected_seconds,
            self._allowance.take,
        )
        self._dispatcher = Dispatcher(workers, self._folders, limits, clock)
        self._lock = threading.Lock()  # for queue, visitors and allowance: memory
        self._next_scan = self._next_count = -float("inf")
        self._weigh_at = clock()
        self._has_room = True
        self._last_round = clock()
        self._wants_warm_worker = False
        self._leaving: set[str] = set()
        self._left = threading.Condition(self._lock)
        self._closed = threading.Event()
        self._news = threading.Event()
        self._thread = threading.Thread(target=self._work, name="trainer", daemon=True)
        for name in reversed(self._folders.store.newest(_RECENT)):
            self.estimator.learn_from(self._folders.run(name))

    @property
    def is_alive(self) -> bool:
        """Whether the service goes on: its thread has finished a round not long ago."""
        return self._thread.is_alive() and self._clock() - self._last_round < _STUCK

    @classmethod
    def from_environment(
        cls,
        root: Path,
        limits: Limits,
        environment: Mapping[str, str],
        is_connected: Callable[[str], bool],
    ) -> Self:
        """A trainer with the workers that AELAB_DASK_SCHEDULER asks for, started.

        `is_connected` says of a visitor whether a page of his is open, however long he only reads.

        Raises FolderInUseError.
        """
        scheduler = environment.get("AELAB_DASK_SCHEDULER")
        host = Host.read()
        idle, thrifty = host.idle_seconds(limits.idle_seconds), host.is_short_of_memory
        workers = DaskWorkers(scheduler) if scheduler else LocalWorker(idle, thrifty=thrifty)
        trainer = cls(
            root,
            workers,
            limits,
            is_connected=is_connected,
            host=host,
        )
        # A warning, or nobody would see it: Python shows no more where nothing is configured.
        logging.getLogger(__name__).warning(host.in_words())
        return trainer.start()

    @property
    def can_train(self) -> bool:
        """Whether a worker fits into this host's memory; those of a cluster are elsewhere."""
        return self._workers.is_shared or self.host.can_train

    def start(self) -> Self:
        """Start the thread that keeps the service going."""
        self._thread.start()
        return self

    # What visitors do ------------------------------------------------------------------------

    def submit(self, spec: TrainingSpec, visitor: str, brought: bytes = b"") -> str:
        """Ask for a training; returns the run's key, to watch it by.

        `brought` is the file with the weights, if the spec says that they were trained elsewhere.

        Whoever asks for a spec that waits, trains or is finished gets that run; one that is being
        stopped goes on afterwards. Raises RefusedError.
        """
        while not self._folders.is_answered(spec.key):
            if not self.can_train:
                raise HostTooSmallError
            with self._left:
                # Or its folder would be found as somebody left it, and removed.
                self._left.wait_for(lambda: spec.key not in self._leaving)
                if not self._has_room and spec.key not in self._queue:
                    raise NoRoomError(OPEN)
                job, is_new = self._queue.ask(spec, visitor)
            if is_new:
                self._write(job, brought)
                if job.written.exception() is not None:
                    with self._lock:
                        self._allowance.give_back(visitor)
            job.written.result()
            if self._folders.is_gone(spec.key):  # left at another server just now
                self._write(job, brought)
            if not self._folders.is_stopping(spec.key):
                break
            with self._lock:
                if self._queue.ask_again(job, visitor):
                    break
        self.look_at(spec.key, visitor)
        if self._workers.is_shared:
            self._folders.note_visitors([spec.key])
        self._news.set()
        return spec.key

    def stop(self, key: str, visitor: str) -> bool:
        """Stop a run, or take it out of the queue, and keep what it has learnt.

        While others who asked for it are here the run goes on without this visitor: False.
        """
        with self._lock:
            is_nobody_s = self._queue.leave(key, visitor)
        if not is_nobody_s or self._is_wanted_elsewhere(key):
            return False
        with self._lock:
            if not self._queue.leave(key, visitor):  # somebody joined just now
                return False
            waited = self._queue.take_out(key)
            if waited:
                self._leaving.add(key)
        if waited:
            self._drop(key)
        else:
            with suppress(RunError, OSError):
                self._folders.store.get(key).request_stop()
        self._news.set()
        return True

    def _drop(self, key: str) -> None:
        try:
            self._folders.drop(key)
        finally:
            with self._left:
                self._leaving.discard(key)
                self._left.notify_all()

    def look_at(self, key: str, visitor: str) -> None:
        """Note that a visitor is here and has this run open."""
        with self._lock:
            is_new = self._visitors.look(visitor, key)
        if is_new:
            self._folders.mark_used(key)

    def ticket(self, key: str, visitor: str = "") -> Ticket | None:
        """Where a job stands; None for a run that is neither to be trained nor training."""
        with self._lock:
            return self._queue.ticket(key, visitor)

    def waiting(self) -> int:
        """How many jobs wait."""
        with self._lock:
            return self._queue.count_waiting()

    def expected_wait(self) -> float:
        """Seconds until a job submitted now would train."""
        with self._lock:
            return self._queue.seconds_until_free()

    def expected_seconds(self, spec: TrainingSpec) -> float:
        """Seconds that a training takes here, which stops it at its limit."""
        return min(self.estimator.seconds(spec), self.limits.job_seconds)

    def silence(self, key: str) -> float:
        """Seconds since the worker of this run showed life; 0 for a run that does not train."""
        with self._lock:
            return self._queue.silence(key, self._clock())

    def cannot_write(self, key: str) -> bool:
        """Whether a run has left the queue because its folder cannot be written to.

        It is taken up again as soon as that is possible.
        """
        return self._folders.has_unwritten(key)

    def warm_up(self) -> None:
        """Somebody will train soon: let a worker make itself ready, if one fits."""
        self._wants_warm_worker = self.can_train
        self._news.set()

    def hand_over(self) -> None:
        """Leave everything to the next server, since this one was asked to stop.

        The worker ends at once, and what it trained waits: that it ends here is no failure of it.
        """
        self._end()
        if not self._workers.is_shared:
            for name in self._dispatcher.given():
                self._folders.put_back(name)
        self._free_the_folder()

    def close(self) -> None:
        """End the thread and the workers; runs go on when a server finds them again."""
        self._end()
        self._free_the_folder()

    def _end(self) -> None:
        self._closed.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()
        self._workers.close()

    def _free_the_folder(self) -> None:
        if self._folder_lock is not None:
            self._folder_lock.close()

    def _write(self, job: Job, brought: bytes = b"") -> None:
        """Write a job's folder; whoever joins meanwhile waits for `job.written`."""
        problem = None
        try:
            is_wanted = self._folders.ask(job.spec, brought)
        except OSError as error:
            logging.getLogger(__name__).warning("no run can be written: %s", error.strerror)
            is_wanted, problem = False, CannotWriteError()
        with self._lock:
            if not is_wanted:
                self._queue.remove(job)
        if problem is None and not job.written.done():
            job.written.set_result(None)
        elif problem is not None and not job.written.done():
            job.written.set_exception(problem)
        elif problem is not None:
            raise problem

    def _is_wanted_elsewhere(self, key: str) -> bool:
        return self._workers.is_shared and self._folders.find_visitors_elsewhere(key)

    # The trainer's own thread ----------------------------------------------------------------

    def _work(self) -> None:
        while not self._closed.is_set():
            self.tick()
            self._news.wait(_TICK)
            self._news.clear()

    def tick(self) -> None:
        """One round: take up runs, give out jobs, take in what ended, tidy up."""
        for what in (self._scan, self._give_out, self._take_in, self._make_room):
            try:
                what()
            except Exception:
                logging.getLogger(__name__).exception("the trainer stumbled and goes on")
        self._last_round = self._clock()

    def _scan(self) -> None:
        """Take up what a server that died left, and what other servers were asked for."""
        if self._clock() < self._next_scan:
            return
        self._next_scan = self._clock() + _SCAN
        with self._lock:
            known = self._queue.names() | self._leaving
        found = []
        if self.can_train:
            self._folders.catch_up(known)
            found = self._folders.unfinished(known)
        with self._lock:
            for spec in found:
                self._queue.take_up(spec)
            wanted = self._queue.wanted()
            self._visitors.forget_the_gone()
        if self._workers.is_shared:
            self._folders.note_visitors(wanted)

    def _give_out(self) -> None:
        """Give jobs to the workers. They are asked without the lock: a cluster may take long."""
        with self._lock:
            is_needed = bool(self._queue.names()) or self._wants_warm_worker
        if not is_needed or self._clock() < self._next_count:
            return
        try:
            count = self._workers.count()
            with self._lock:
                self._queue.workers = max(1, count)
                jobs = self._queue.ready(None if self._workers.is_shared else count)
            for job in jobs:
                self._dispatcher.give(job.name, self._news.set)
                with self._lock:
                    job.is_given = True
                    job.trains = not self._workers.is_shared
                    job.sign = self._clock()
            if self._wants_warm_worker and self._dispatcher.is_idle:
                self._workers.warm_up()
        except Exception:
            logging.getLogger(__name__).exception("the workers cannot be reached")
            self.has_workers = False
            self._next_count = self._clock() + _RETRY
            return
        self.has_workers = count > 0
        self._wants_warm_worker = False

    def _take_in(self) -> None:
        """Note how far the given jobs are, and let go of those that ended."""
        with self._lock:
            known = self._queue.names()
        for name, report in self._dispatcher.look_after(known).items():
            with self._lock:
                job = self._queue.job(name)
                successor = None if job is None else self._note(job, report)
            if report.state == "ended":
                self._weigh_at = self._clock()
                self._folders.forget_visitors(name)
                self.estimator.learn_from(self._folders.run(name))
            if successor is not None:
                self._write(successor)
            if report.state in ("ended", "lost"):
                self._news.set()

    def _note(self, job: Job, report: Report) -> Job | None:
        """Take a report into the queue; returns the job that follows one that ended."""
        if report.state == "ended":
            return self._queue.end(job)
        if report.state == "lost":
            self._queue.put_back(job)
            return None
        job.trains = report.state == "trains"
        job.seconds_left, job.sign = report.seconds_left, report.sign
        return None

    def _make_room(self) -> None:
        """Weigh the folder when a run has ended, and now and then while it is too full."""
        if self._clock() < self._weigh_at:
            return
        self._has_room = self._folders.make_room(self.limits.runs_megabytes, self._is_in_use)
        self._weigh_at = float("inf") if self._has_room else self._clock() + _WEIGH

    def _is_in_use(self, name: str) -> bool:
        with self._lock:
            return self._visitors.is_open(name) or name in self._queue
