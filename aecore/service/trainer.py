"""The training service: one queue per server, one folder per wish, whoever asks for it.

A thread of the trainer's own gives jobs to workers, hears when workers die or hang, and finds
runs whose server died. Everything that matters stands in the runs' folders, so that several
servers can share them and a restart loses nothing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

from aecore.runs import Reason, Run, RunError, RunStore, Status
from aecore.service.estimates import Estimator
from aecore.service.housekeeping import make_room, mark_used, remove
from aecore.service.leases import Claim, current_claim, make_claim
from aecore.service.limits import Limits
from aecore.service.workers import DaskWorkers, LocalWorker, Workers
from aecore.specs import TrainingSpec

_TICK = 0.2
_RESCAN = 1.0
_RETRY = 3.0
_PRESENT = 15.0
"""A visitor whose page has not asked for this long is gone."""

_OPEN = 600.0
"""A run that nobody looked at for this long may be removed."""

_LAST_ATTEMPT = 3
"""Two attempts to train, and one to keep the last good epoch."""

_UNFINISHED = ("queued", "running")

_RECENT = 20
"""Estimates begin with what this many of the last runs took."""

_ANSWERED: frozenset[Reason] = frozenset({"not_a_number", "exploded", "no_better_than_mean"})
"""Failures that belong to the spec: training it again would end the same way."""


class RefusedError(Exception):
    """A wish that cannot be granted now; the subclasses say why."""


class QueueFullError(RefusedError):
    """As many jobs wait as may wait."""


class OneIsWaitingError(RefusedError):
    """The visitor has another job waiting."""


class CannotWriteError(RefusedError):
    """The runs' folder is full or read-only."""


@dataclass(frozen=True)
class Ticket:
    """Where a job stands in this server's queue.

    place          1 for the next one to train, 0 once it trains
    seconds_before expected wait until it trains
    seconds        expected time it trains
    others         how many other visitors who asked for it are here
    """

    place: int
    seconds_before: float
    seconds: float
    others: int


@dataclass
class _Job:
    run: Run
    spec: TrainingSpec
    claim: Claim
    visitors: set[str] = field(default_factory=set)
    future: Future[None] | None = None
    submitted: float = 0.0
    submissions: int = 0
    wanted_again: set[str] = field(default_factory=set)

    @property
    def is_stopping(self) -> bool:
        """Whether its worker was asked to stop, or only keeps what it has learnt."""
        stopped = self.run.stop_requested() or self.run.last_status().state not in _UNFINISHED
        return self.future is not None and stopped


@dataclass
class _Pulse:
    """When something last showed life, on this process's own clock."""

    sign: object
    seen: float


class Trainer:
    """The service of one server. Every method may be called from any thread."""

    def __init__(self, root: Path, workers: Workers, limits: Limits) -> None:
        self.limits = limits
        self.estimator = Estimator()
        self._store = RunStore(root)
        self._workers = workers
        self._name = uuid4().hex
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._settled: set[str] = set()
        self._pulses: dict[str, _Pulse] = {}
        self._present: dict[str, float] = {}
        self._looked_at: dict[str, float] = {}
        self._beats = 0
        self._next_scan = 0.0
        self._ask_workers_again = 0.0
        self.has_workers = True
        self._weighed: set[str] = set()
        self._closed = threading.Event()
        self._news = threading.Event()
        for name in reversed(self._store.newest(_RECENT)):
            self.estimator.learn_from(self._store.get(name))
        self._thread = threading.Thread(target=self._work, name="trainer", daemon=True)
        self._thread.start()

    @classmethod
    def from_environment(cls, root: Path, environment: Mapping[str, str]) -> Trainer:
        """A trainer as configured: AELAB_DASK_SCHEDULER, and the limits in aecore.service.limits.

        Raises ConfigurationError.
        """
        limits = Limits.from_environment(environment)
        scheduler = environment.get("AELAB_DASK_SCHEDULER")
        workers = DaskWorkers(scheduler) if scheduler else LocalWorker(limits.idle_seconds)
        return cls(root, workers, limits)

    # What visitors do ------------------------------------------------------------------------

    def submit(self, spec: TrainingSpec, visitor: str) -> str:
        """Ask for a training; returns the run's key, to watch it by.

        Whoever asks for a spec that waits, trains or is finished gets that run. Raises
        QueueFullError, OneIsWaitingError or CannotWriteError.
        """
        with self._lock:
            job = self._jobs.get(spec.key)
            if job is None:
                job = self._enqueue_if_needed(spec, visitor)
            elif job.future is None and visitor not in job.visitors:
                self._refuse_second_wait(visitor)
            if job is not None:
                job.visitors.add(visitor)
                if job.is_stopping:
                    job.wanted_again.add(visitor)
            self.look_at(spec.key, visitor)
            return spec.key

    def stop(self, key: str, visitor: str) -> bool:
        """Stop a run, or take it out of the queue, and keep what it has learnt.

        While others who asked for it are here the run goes on without this visitor: False.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is not None:
                job.visitors.discard(visitor)
                job.wanted_again.discard(visitor)
                if self._present_among(job.visitors):
                    return False
                if job.future is None:
                    self._drop(job)
                    return True
            with suppress(RunError, OSError):
                self._store.get(key).request_stop()
            return True

    def look_at(self, key: str, visitor: str) -> None:
        """Note that a visitor is here and has this run open."""
        now = time.monotonic()
        with self._lock:
            self._present[visitor] = now
            if now - self._looked_at.get(key, -_OPEN) > _PRESENT:
                mark_used(self._store, {key})
            self._looked_at[key] = now

    def ticket(self, key: str, visitor: str = "") -> Ticket | None:
        """Where a job stands; None for a run that this server neither queues nor trains."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return None
            others = len(self._present_among(job.visitors - {visitor}))
            expected = self.estimator.seconds(job.spec)
            if job.wanted_again:
                return Ticket(1, self._seconds_until_free(self._waiting()), expected, others)
            if job.future is not None:
                return Ticket(0, 0.0, expected, others)
            waiting = [other.run.name for other in self._waiting()]
            place = waiting.index(key) + 1
            before = [self._jobs[name] for name in waiting[: place - 1]]
            return Ticket(place, self._seconds_until_free(before), expected, others)

    def expected_wait(self) -> float:
        """Seconds until a job submitted now would train."""
        with self._lock:
            return self._seconds_until_free(self._waiting())

    def silence(self, key: str) -> float:
        """Seconds since the run last showed life, as far as this server watched it."""
        with suppress(RunError):
            beat = self._store.get(key).status().beat
            with self._lock:
                return self._seconds_silent(key, beat)
        return 0.0

    def warm_up(self) -> None:
        """Somebody will train soon: start the worker."""
        with self._lock:
            if any(job.future is not None for job in self._jobs.values()):
                return
        try:
            self._workers.warm_up()
        except Exception:
            logging.getLogger(__name__).exception("no worker could be started")

    def close(self) -> None:
        """End the thread and the workers; runs go on when a server finds them again."""
        self._closed.set()
        self._news.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._workers.close()

    # The queue -------------------------------------------------------------------------------

    def _waiting(self) -> list[_Job]:
        return [job for job in self._jobs.values() if job.future is None]

    def _present_among(self, visitors: set[str]) -> set[str]:
        now = time.monotonic()
        return {v for v in visitors if now - self._present.get(v, -_PRESENT) < _PRESENT}

    def _refuse_if_crowded(self, visitor: str) -> None:
        self._refuse_second_wait(visitor)
        if len(self._waiting()) >= self.limits.queue_length:
            raise QueueFullError

    def _refuse_second_wait(self, visitor: str) -> None:
        if any(visitor in job.visitors for job in self._waiting()):
            raise OneIsWaitingError

    def _enqueue_if_needed(self, spec: TrainingSpec, visitor: str) -> _Job | None:
        run = Run(self._store.root / spec.key)
        if _is_answered(run) or self._is_trained_elsewhere(run):
            return None
        self._refuse_if_crowded(visitor)
        try:
            return self._enqueue(run, spec)
        except OSError as error:
            raise CannotWriteError(str(error)) from error

    def _enqueue(self, run: Run, spec: TrainingSpec) -> _Job | None:
        """Claim a run and put it last in the queue; None if another server was faster."""
        run.write_spec(spec)
        claim = make_claim(run, self._name, after=current_claim(run))
        if claim is None:
            return None
        (run.folder / "stop").unlink(missing_ok=True)
        before = run.last_status()
        run.write_status(Status(epoch=before.epoch, beat=before.beat + 1))
        return self._append(run, spec, claim)

    def _append(self, run: Run, spec: TrainingSpec, claim: Claim) -> _Job:
        job = self._jobs[run.name] = _Job(run, spec, claim)
        self._settled.discard(run.name)
        self._news.set()
        return job

    def _drop(self, job: _Job) -> None:
        """Take a waiting job out of the queue; a folder without any epoch goes with it."""
        del self._jobs[job.run.name]
        if job.run.has_epochs():
            self._write(job.run, state="stopped")
        else:
            remove(job.run)

    def _seconds_until_free(self, before: list[_Job]) -> float:
        running = [self._seconds_left(job) for job in self._jobs.values() if job.future]
        queued = [self.estimator.seconds(job.spec) for job in before]
        return (sum(running) + sum(queued)) / max(1, len(running))

    def _seconds_left(self, job: _Job) -> float:
        left = job.run.last_status().seconds_left
        return self.estimator.seconds(job.spec) if left is None else left

    # The trainer's own thread ----------------------------------------------------------------

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                capacity = self._capacity()
                with self._lock:
                    self._beat()
                    for job in [job for job in self._jobs.values() if job.future is not None]:
                        self._look_after(job)
                    self._dispatch(capacity)
                    if time.monotonic() >= self._next_scan:
                        self._next_scan = time.monotonic() + _RESCAN
                        self._adopt_orphans()
                        self._make_room()
                        self._forget_the_gone()
            except Exception:
                logging.getLogger(__name__).exception("the trainer stumbled and goes on")
            self._news.wait(_TICK)
            self._news.clear()

    def _capacity(self) -> int:
        """How many jobs may train at once; 0 while the workers cannot be reached."""
        if not self._jobs or time.monotonic() < self._ask_workers_again:
            return 0
        try:  # without the lock: a cluster may take seconds to answer
            capacity = self._workers.capacity()
        except Exception:
            logging.getLogger(__name__).exception("the workers cannot be reached")
            self.has_workers = False
            self._ask_workers_again = time.monotonic() + _RETRY
            return 0
        self.has_workers = True
        return capacity

    def _dispatch(self, capacity: int) -> None:
        """Give waiting jobs to workers that are free."""
        waiting = self._waiting()
        running = len(self._jobs) - len(waiting)
        for job in waiting[: max(0, capacity - running)]:
            job.future = self._workers.train(
                str(job.run.folder), job.claim.number, float(self.limits.job_seconds)
            )
            job.future.add_done_callback(lambda _: self._news.set())
            job.submitted = time.monotonic()
            job.submissions += 1

    def _look_after(self, job: _Job) -> None:
        """Take in a job that ended; end one that hangs."""
        assert job.future is not None  # noqa: S101 - for the type checker
        if not job.future.done():
            silent = self._seconds_silent(job.run.name, job.run.last_status().beat)
            late = time.monotonic() - job.submitted - self.limits.job_seconds
            if max(silent, late) > self.limits.hang_seconds:
                self._workers.end(job.future)
                self._take_up_again(job)
            return
        if not _is_ended(job.run):
            self._take_up_again(job)
        else:
            del self._jobs[job.run.name]
            self.estimator.learn_from(job.run)
            if job.wanted_again:
                self._enqueue_again(job)

    def _enqueue_again(self, job: _Job) -> None:
        """Train was pressed while the run was being stopped: it goes on, last in the queue."""
        with suppress(OSError):
            again = self._enqueue(job.run, job.spec)
            if again is not None:
                again.visitors = job.wanted_again

    def _take_up_again(self, job: _Job) -> None:
        """After a worker died: once more from the last epoch, then only to keep that epoch."""
        status = job.run.last_status()
        job.future = None
        attempt = max(status.attempt, job.submissions) + 1
        if attempt > _LAST_ATTEMPT:
            self._write(job.run, state="failed", message="worker_died", seconds_left=None)
            del self._jobs[job.run.name]
        else:
            self._write(job.run, state="queued", attempt=attempt, message="worker_died")
            self._jobs = {job.run.name: job} | self._jobs  # it has waited before

    def _write(self, run: Run, **changes: object) -> None:
        status = run.last_status()
        try:
            run.write_status(replace(status, beat=status.beat + 1, **changes))  # type: ignore[arg-type]
        except OSError:
            logging.getLogger(__name__).warning("no status can be written to %s", run.folder)

    def _make_room(self) -> None:
        """Weigh the folder again whenever a run was finished."""
        if self._settled <= self._weighed:
            return
        self._weighed = set(self._settled)
        now = time.monotonic()
        keep = {name for name, seen in self._looked_at.items() if now - seen < _OPEN}
        for name in make_room(self._store, self.limits.runs_megabytes, keep | set(self._jobs)):
            self._settled.discard(name)

    def _forget_the_gone(self) -> None:
        now = time.monotonic()
        self._present = {v: seen for v, seen in self._present.items() if now - seen < _OPEN}
        self._looked_at = {k: seen for k, seen in self._looked_at.items() if now - seen < _OPEN}
        self._pulses = {k: p for k, p in self._pulses.items() if now - p.seen < 2 * _OPEN}

    # Other servers ---------------------------------------------------------------------------

    def _beat(self) -> None:
        """Show life to servers that share the folder: a file's time stamp that moves.

        The stamp is a counter, not a time; setting it needs no disk space.
        """
        self._beats += 1
        file = self._server_file(self._name)
        with suppress(OSError):
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
            _set_stamp(file, self._beats)

    def _server_file(self, name: str) -> Path:
        return self._store.root / ".servers" / name

    def _seconds_silent(self, name: str, sign: object) -> float:
        """Seconds since `sign` last changed; 0 when it is seen for the first time."""
        now = time.monotonic()
        pulse = self._pulses.get(name)
        if pulse is None or pulse.sign != sign:
            pulse = self._pulses[name] = _Pulse(sign, now)
        return now - pulse.seen

    def _is_trained_elsewhere(self, run: Run) -> bool:
        """Whether a server that is alive, as far as we know, has this run waiting or training."""
        status, claim = run.last_status(), current_claim(run)
        if claim is None or claim.owner == self._name or status.is_over:
            return False
        return not self._is_orphan(run, claim, status)

    def _is_orphan(self, run: Run, claim: Claim, status: Status) -> bool:
        """Whether neither the run's server nor its worker has shown life for a while."""
        owner = self._seconds_silent(
            f"server {claim.owner}", _stamp(self._server_file(claim.owner))
        )
        worker = self._seconds_silent(run.name, status.beat)
        return min(owner, worker) >= self.limits.stale_seconds

    def _adopt_orphans(self) -> None:
        """Take over runs whose server died."""
        for name in set(self._store.names()) - set(self._jobs) - self._settled:
            run = self._store.get(name)
            status, claim = run.last_status(), current_claim(run)
            if status.is_over:
                self._settled.add(name)
            elif claim is not None and self._is_orphan(run, claim, status):
                self._adopt(run, claim, status)

    def _adopt(self, run: Run, claim: Claim, status: Status) -> None:
        try:
            spec = run.spec()
            taken = make_claim(run, self._name, after=claim)
        except (RunError, OSError):
            return
        if taken is None:
            return
        died = status.state != "queued"
        if status.attempt + died > _LAST_ATTEMPT:
            self._write(run, state="failed", message="worker_died", seconds_left=None)
            return
        reason: Reason = "worker_died" if died else ""
        self._write(run, state="queued", attempt=status.attempt + died, message=reason)
        self._append(run, spec, taken)


def _is_answered(run: Run) -> bool:
    """Whether the run has ended in a way that training again would not change."""
    status = run.last_status()
    if status.state == "failed":
        return status.message in _ANSWERED
    return status.state == "done" and run.is_sealed()


def _is_ended(run: Run) -> bool:
    """Whether a worker left the run as it is meant to stay, with its last good epoch kept."""
    is_over = run.last_status().is_over
    return is_over and (run.is_sealed() or not (run.folder / "checkpoint.npz").exists())


def _stamp(file: Path) -> int:
    """The file's time stamp, read through an open file: network file systems check it anew."""
    try:
        with file.open("rb") as handle:
            return os.fstat(handle.fileno()).st_mtime_ns
    except OSError:
        return -1


def _set_stamp(file: Path, number: int) -> None:
    os.utime(file, ns=(number * 1_000_000_000, number * 1_000_000_000))
