"""Who waits, and what visitors may ask: memory and a clock, nothing else."""

from __future__ import annotations

import pytest

from aecore.service.queue import OPEN, PRESENT, Job, Queue, Visitors
from aecore.service.refusals import OneIsWaitingError, QueueFullError
from aecore.specs import TrainingSpec
from tests.service.fakes import Clock

SPECS = [TrainingSpec("plain", seed=seed) for seed in range(6)]
A, B, C = SPECS[:3]
SECONDS = 10.0
"""Every training is expected to take as long."""


class Room:
    """A queue, its visitors and their clock."""

    def __init__(self, length: int = 30, *, can_tell_who_left: bool = True) -> None:
        self.clock = Clock()
        self.left: set[str] = set()
        self.visitors = Visitors(
            self.clock, (lambda name: name not in self.left) if can_tell_who_left else None
        )
        self.queue = Queue(length, self.visitors, lambda _: SECONDS, lambda _: None)

    def ask(self, spec: TrainingSpec, visitor: str) -> Job:
        self.visitors.look(visitor, spec.key)
        job, is_new = self.queue.ask(spec, visitor)
        if is_new:
            job.written.set_result(None)
        return job

    def train(self, spec: TrainingSpec, visitor: str = "somebody") -> Job:
        job = self.ask(spec, visitor)
        job.is_given = job.trains = True
        return job

    def place(self, spec: TrainingSpec) -> int | None:
        ticket = self.queue.ticket(spec.key, "")
        return None if ticket is None else ticket.place


def test_jobs_wait_in_the_order_they_were_asked_for() -> None:
    room = Room()
    for number, spec in enumerate((A, B, C)):
        room.ask(spec, f"v{number}")
    assert [room.place(spec) for spec in (A, B, C)] == [1, 2, 3]
    assert [job.spec for job in room.queue.ready(1)] == [A]
    assert [job.spec for job in room.queue.ready(2)] == [A, B]
    assert [job.spec for job in room.queue.ready(None)] == [A, B, C]


def test_a_worker_that_is_busy_is_given_nothing_more() -> None:
    room = Room()
    room.train(A)
    room.ask(B, "v")
    assert room.queue.ready(1) == []
    assert [job.spec for job in room.queue.ready(2)] == [B]


def test_a_job_whose_folder_is_not_written_yet_is_given_to_nobody() -> None:
    room = Room()
    job, is_new = room.queue.ask(A, "v")
    assert is_new
    assert room.queue.ready(None) == []
    job.written.set_exception(OSError("full"))
    assert room.queue.ready(None) == []


def test_whoever_asks_for_the_same_joins() -> None:
    room = Room()
    first = room.ask(A, "v1")
    second, is_new = room.queue.ask(A, "v2")
    assert second is first
    assert not is_new
    assert first.visitors == {"v1", "v2"}


def test_the_queue_is_bounded_but_joining_is_free() -> None:
    room = Room(length=2)
    room.train(A, "v0")
    room.ask(B, "v1")
    room.ask(C, "v2")
    with pytest.raises(QueueFullError):
        room.ask(SPECS[3], "v3")
    room.ask(C, "v3")
    room.queue.take_up(SPECS[4])  # let in before the server was started anew
    assert room.place(SPECS[4]) == 3


def test_a_visitor_has_one_job_waiting() -> None:
    room = Room()
    room.train(A, "v")
    room.ask(B, "v")
    with pytest.raises(OneIsWaitingError):
        room.ask(C, "v")
    room.ask(B, "v")
    room.ask(C, "w")
    with pytest.raises(OneIsWaitingError):
        room.ask(C, "v")
    assert room.queue.leave(B.key, "v")
    assert room.queue.take_out(B.key)
    room.ask(C, "v")


def test_what_others_wait_for_is_not_taken_from_them() -> None:
    room = Room()
    room.ask(A, "v1")
    room.ask(A, "v2")
    assert not room.queue.leave(A.key, "v1")
    assert room.queue.leave(A.key, "v2")


def test_whoever_only_reads_is_here_as_long_as_his_page_is_open() -> None:
    room = Room()
    room.train(A, "the teacher")
    room.clock.passes(OPEN)
    room.visitors.look("a pupil", A.key)
    assert not room.queue.leave(A.key, "a pupil")
    room.left.add("the teacher")
    assert room.queue.leave(A.key, "a pupil")


def test_visitors_who_are_gone_do_not_count() -> None:
    room = Room(can_tell_who_left=False)
    room.ask(A, "v1")
    room.ask(A, "v2")
    room.clock.passes(PRESENT + 1)
    room.visitors.look("v1", A.key)
    assert room.queue.leave(A.key, "v1")


def test_whoever_loads_the_page_anew_may_stop_at_once() -> None:
    room = Room()
    room.train(A, "the session before")
    room.left.add("the session before")
    room.visitors.look("the session after", A.key)
    assert room.queue.leave(A.key, "the session after")


def test_others_are_counted_without_oneself() -> None:
    room = Room()
    room.ask(A, "v1")
    room.ask(A, "v2")
    for visitor, others in (("v1", 1), ("v2", 1), ("v3", 2)):
        ticket = room.queue.ticket(A.key, visitor)
        assert ticket is not None
        assert ticket.others == others


def test_a_job_that_trains_cannot_be_taken_out() -> None:
    room = Room()
    room.train(A)
    assert not room.queue.take_out(A.key)
    assert room.place(A) == 0


def test_waits_add_up_over_the_workers() -> None:
    room = Room()
    assert room.queue.seconds_until_free() == 0
    job = room.train(A)
    assert room.queue.seconds_until_free() == SECONDS
    job.seconds_left = 4.0
    room.ask(B, "v1")
    room.ask(C, "v2")
    tickets = [room.queue.ticket(spec.key, "") for spec in (B, C)]
    assert [ticket.seconds_before for ticket in tickets if ticket] == [4.0, 14.0]
    room.queue.workers = 2
    tickets = [room.queue.ticket(spec.key, "") for spec in (B, C)]
    assert [ticket.seconds_before for ticket in tickets if ticket] == [0.0, 4.0]


def test_a_job_that_was_lost_comes_first_again() -> None:
    room = Room()
    job = room.train(A)
    room.ask(B, "v1")
    room.queue.put_back(job)
    assert [room.place(spec) for spec in (A, B)] == [1, 2]
    assert [each.spec for each in room.queue.ready(1)] == [A]


def test_what_is_asked_for_while_it_stops_waits_anew() -> None:
    room = Room()
    job = room.train(A, "v1")
    room.ask(B, "v2")
    assert room.queue.ask_again(job, "v1")
    assert room.place(A) == 2
    successor = room.queue.end(job)
    assert successor is not None
    assert successor.visitors == {"v1"}
    assert not successor.is_ready
    successor.written.set_result(None)
    assert [room.place(spec) for spec in (B, A)] == [1, 2]


def test_what_nobody_asked_for_again_is_over() -> None:
    room = Room()
    job = room.train(A, "v1")
    room.queue.ask_again(job, "v1")
    room.queue.leave(A.key, "v1")
    assert room.queue.end(job) is None
    assert A.key not in room.queue
    assert not room.queue.ask_again(job, "v1")


def test_silence_is_that_of_a_worker() -> None:
    room = Room()
    job = room.ask(A, "v")
    job.sign = 5.0
    assert room.queue.silence(A.key, 9.0) == 0
    job.trains = True
    assert room.queue.silence(A.key, 9.0) == 4.0
    assert room.queue.silence(B.key, 9.0) == 0


def test_a_run_stays_open_for_a_while() -> None:
    room = Room(can_tell_who_left=False)
    assert room.visitors.look("v", "run")
    assert not room.visitors.look("w", "run")
    room.clock.passes(PRESENT + 1)
    assert room.visitors.look("v", "run")
    room.clock.passes(OPEN - 1)
    assert room.visitors.is_open("run")
    room.clock.passes(2)
    assert not room.visitors.is_open("run")
    room.visitors.forget_the_gone()
    assert not room.visitors.present({"v"})
