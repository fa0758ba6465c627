"""Who waits: jobs in the order they were asked for, and what visitors may ask of them.

Everything here is memory: no files, no threads, no workers. The trainer holds its lock around
every call, and a call takes microseconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass, field

from aecore.service.refusals import OneIsWaitingError, QueueFullError
from aecore.specs import TrainingSpec

PRESENT = 15.0
"""A visitor whose page has not asked for this many seconds is gone, where nobody knows better."""

OPEN = 600.0
"""A run that nobody looked at for this many seconds may be removed."""


@dataclass(frozen=True)
class Ticket:
    """Where a job stands in the queue.

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
class Job:
    """A training that somebody asked for and that has not ended.

    visitors      who asked for it
    is_given      whether the workers have it (they may still let it wait)
    trains        whether it trains, as far as we know
    seconds_left  what its worker expects, once it trains
    sign          when its worker last showed life, on the trainer's clock
    wanted_again  who asked for it while it was being stopped
    written       done when its folder is; fails with CannotWriteError
    """

    spec: TrainingSpec
    visitors: set[str] = field(default_factory=set)
    is_given: bool = False
    trains: bool = False
    seconds_left: float | None = None
    sign: float = 0.0
    wanted_again: set[str] = field(default_factory=set)
    written: Future[None] = field(default_factory=Future)

    @property
    def name(self) -> str:
        return self.spec.key

    @property
    def is_ready(self) -> bool:
        """Whether it can be given to a worker."""
        return not self.is_given and self.written.done() and self.written.exception() is None


class Visitors:
    """Who is here, and which runs they have open.

    `is_connected` tells who is on a page, however long he only reads; None where nobody can tell.
    """

    def __init__(
        self, clock: Callable[[], float], is_connected: Callable[[str], bool] | None
    ) -> None:
        self._clock = clock
        self._is_connected = is_connected
        self._seen: dict[str, float] = {}
        self._opened: dict[str, float] = {}

    def look(self, visitor: str, run: str) -> bool:
        """Note that a visitor looks at a run; True if nobody did just now."""
        now = self._clock()
        is_new = now - self._opened.get(run, -OPEN) > PRESENT
        self._seen[visitor] = self._opened[run] = now
        return is_new

    def present(self, visitors: Collection[str]) -> set[str]:
        """Those of the visitors who are here."""
        since = self._clock() - PRESENT
        is_here = self._is_connected or (lambda name: self._seen.get(name, since) > since)
        return set(filter(is_here, visitors))

    def is_open(self, run: str) -> bool:
        """Whether somebody looked at the run lately."""
        return self._clock() - self._opened.get(run, -OPEN) < OPEN

    def forget_the_gone(self) -> None:
        since = self._clock() - OPEN
        self._seen = {name: seen for name, seen in self._seen.items() if seen > since}
        self._opened = {name: seen for name, seen in self._opened.items() if seen > since}


class Queue:
    """All jobs, in order.

    length  how many may wait
    allow   is asked before a visitor's new job; raises RefusedError if there shall be none
    """

    def __init__(
        self,
        length: int,
        visitors: Visitors,
        estimate: Callable[[TrainingSpec], float],
        allow: Callable[[str], None],
    ) -> None:
        self.length = length
        self.workers = 1
        self._visitors = visitors
        self._estimate = estimate
        self._allow = allow
        self._jobs: dict[str, Job] = {}

    # What visitors do

    def ask(self, spec: TrainingSpec, visitor: str) -> tuple[Job, bool]:
        """Join the job of that spec, or put a new one last; True for a new one.

        Raises RefusedError.
        """
        job = self._jobs.get(spec.key)
        is_new = job is None
        if job is None or (not job.trains and visitor not in job.visitors):
            self._refuse_second_wait(visitor)
        if job is None:
            if len(self._waiting()) >= self.length:
                raise QueueFullError(self.seconds_until_free([]), self.length)
            self._allow(visitor)
            job = self._jobs[spec.key] = Job(spec)
        job.visitors.add(visitor)
        return job, is_new

    def ask_again(self, job: Job, visitor: str) -> bool:
        """Let a job that is being stopped go on afterwards; False if it has ended already."""
        job.wanted_again.add(visitor)
        return self._jobs.get(job.name) is job

    def leave(self, name: str, visitor: str) -> bool:
        """The visitor wants the job no more; False while others who asked for it are here."""
        job = self._jobs.get(name)
        if job is None:
            return True
        job.visitors.discard(visitor)
        job.wanted_again.discard(visitor)
        return not self._visitors.present(job.visitors)

    def take_out(self, name: str) -> bool:
        """Remove a job that waits; False if there is none, or if it trains."""
        job = self._jobs.get(name)
        if job is None or job.trains:
            return False
        del self._jobs[name]
        return True

    def ticket(self, name: str, visitor: str) -> Ticket | None:
        """Where a job stands; None if there is none."""
        job = self._jobs.get(name)
        if job is None:
            return None
        others = len(self._visitors.present(job.visitors - {visitor}))
        seconds = self._estimate(job.spec)
        if job.trains and not job.wanted_again:
            return Ticket(0, 0.0, seconds, others)
        waiting = self._waiting()
        before = waiting if job.trains else waiting[: waiting.index(job)]
        return Ticket(len(before) + 1, self.seconds_until_free(before), seconds, others)

    def silence(self, name: str, now: float) -> float:
        """Seconds since the worker of a job showed life; 0 for a job that does not train."""
        job = self._jobs.get(name)
        return now - job.sign if job is not None and job.trains else 0.0

    # What the trainer does

    def __contains__(self, name: str) -> bool:
        return name in self._jobs

    def count_waiting(self) -> int:
        return len(self._waiting())

    def names(self) -> set[str]:
        return set(self._jobs)

    def job(self, name: str) -> Job | None:
        return self._jobs.get(name)

    def take_up(self, spec: TrainingSpec) -> None:
        """Put a job last that was found unfinished: it was let in before."""
        if spec.key not in self._jobs:
            job = self._jobs[spec.key] = Job(spec)
            job.written.set_result(None)

    def ready(self, count: int | None) -> list[Job]:
        """The next jobs for `count` workers that can hold one each, or all (None)."""
        jobs = [job for job in self._jobs.values() if job.is_ready]
        given = sum(job.is_given for job in self._jobs.values())
        return jobs if count is None else jobs[: max(0, count - given)]

    def wanted(self) -> list[str]:
        """The jobs that somebody asked for who is here."""
        return [n for n, job in self._jobs.items() if self._visitors.present(job.visitors)]

    def put_back(self, job: Job) -> None:
        """Its worker lost it: let it wait, first of all, since it has waited before."""
        job.is_given = job.trains = False
        job.seconds_left = None
        self._jobs = {job.name: job} | self._jobs

    def end(self, job: Job) -> Job | None:
        """Remove a job that has ended; returns its successor, if it was wanted again.

        The successor waits at the end of the queue; its folder is still to be written.
        """
        self._jobs.pop(job.name, None)
        if not job.wanted_again:
            return None
        again = self._jobs[job.name] = Job(job.spec, job.wanted_again)
        return again

    def remove(self, job: Job) -> None:
        if self._jobs.get(job.name) is job:
            del self._jobs[job.name]

    def seconds_until_free(self, before: list[Job] | None = None) -> float:
        """Expected seconds until a worker is free, after the jobs `before` (all that wait)."""
        training = [job for job in self._jobs.values() if job.trains]
        free = sorted(self._seconds_left(job) for job in training)
        free += [0.0] * (self.workers - len(free))
        heapq.heapify(free)
        for job in self._waiting() if before is None else before:
            heapq.heapreplace(free, free[0] + self._estimate(job.spec))
        return free[0]

    def _waiting(self) -> list[Job]:
        return [job for job in self._jobs.values() if not job.trains]

    def _seconds_left(self, job: Job) -> float:
        return self._estimate(job.spec) if job.seconds_left is None else job.seconds_left

    def _refuse_second_wait(self, visitor: str) -> None:
        waiting = self._waiting()
        for place, job in enumerate(waiting):
            if visitor in job.visitors:
                raise OneIsWaitingError(self.seconds_until_free(waiting[:place]))
