"""Several servers that share a cluster and a folder, round by round, with workers of our own."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from aecore.runs import Run, Status
from aecore.service.limits import Limits
from aecore.service.trainer import Trainer
from aecore.specs import TrainingSpec
from tests.service.fakes import Clock, Cluster, Task

SPECS = [TrainingSpec("plain", images=1_000, epochs=8, seed=seed) for seed in range(6)]
A, B, C = SPECS[:3]


class Class:
    """Some servers, their cluster, their folder, and the one clock of a test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = Clock()
        self.cluster = Cluster(size=2)
        self.first, self.second = self.server(), self.server()

    def server(self) -> Trainer:
        return Trainer(self.root, self.cluster.connect(), Limits(), clock=self.clock)

    def tick(self, *servers: Trainer) -> None:
        self.clock.passes(4)  # longer than anybody waits before he looks again
        for server in servers or (self.first, self.second):
            server.tick()

    def all_visitors_left(self) -> None:
        """Nobody who asked for anything is here any more."""
        long_ago = time.time() - 60
        for file in self.root.glob("*/visited-*"):
            os.utime(file, (long_ago, long_ago))

    def task(self, spec: TrainingSpec) -> Task:
        """The one task of that spec's present wish."""
        wish = self.status(spec).wish
        return self.cluster.tasks[spec.key, wish]

    def status(self, spec: TrainingSpec) -> Status:
        return Run(self.root / spec.key).status()


@pytest.fixture
def lab(tmp_path: Path) -> Class:
    return Class(tmp_path)


def place(server: Trainer, spec: TrainingSpec) -> int | None:
    ticket = server.ticket(spec.key)
    return None if ticket is None else ticket.place


def test_a_wish_on_two_servers_is_one_task(lab: Class) -> None:
    lab.first.submit(A, "a")
    lab.second.submit(A, "b")
    lab.tick()
    assert len(lab.cluster.tasks) == 1
    lab.task(A).begin()
    lab.tick()
    assert (place(lab.first, A), place(lab.second, A)) == (0, 0)
    lab.task(A).end()
    lab.tick()
    assert (place(lab.first, A), place(lab.second, A)) == (None, None)
    assert len(lab.cluster.tasks) == 1


def test_a_server_that_stalls_does_no_harm(lab: Class) -> None:
    """A does nothing for long, while its run goes on, ends, and is asked for again at B."""
    lab.first.submit(A, "a")
    lab.tick()
    before = lab.task(A)
    before.begin()
    before.beat(epoch=1)
    for _ in range(5):
        lab.tick(lab.second)
    lab.all_visitors_left()
    assert lab.second.stop(A.key, "b")
    before.end("stopped")
    lab.tick(lab.second)
    lab.second.submit(A, "b")
    lab.tick(lab.second)
    after = lab.task(A)
    assert after is not before
    after.begin()
    lab.tick(lab.second)

    lab.tick(lab.first)
    lab.tick()
    assert lab.task(A) is after
    assert (lab.status(A).state, lab.status(A).attempt) == ("running", 1)
    assert (place(lab.first, A), place(lab.second, A)) == (0, 0)


def test_a_server_that_stalls_does_not_take_an_old_failure_for_a_new_one(lab: Class) -> None:
    lab.first.submit(A, "a")
    lab.tick()
    for _ in range(3):  # the cluster gives up three times, and B takes note
        lab.task(A).begin()
        lab.task(A).die()
        lab.tick(lab.second)
        lab.tick(lab.second)
    assert lab.status(A).state == "failed"
    lab.second.submit(A, "b")
    lab.tick(lab.second)
    lab.task(A).begin()
    lab.tick()
    lab.tick()
    assert (lab.status(A).state, lab.status(A).attempt) == ("running", 1)


def test_a_server_that_dies_leaves_its_runs_to_the_others(lab: Class) -> None:
    lab.first.submit(A, "a")
    lab.first.submit(B, "b")
    lab.tick(lab.first)
    lab.task(A).begin()
    lab.tick(lab.second)  # the only one now
    assert (place(lab.second, A), place(lab.second, B)) == (0, 1)
    assert lab.cluster.is_wanted(lab.task(B))


def test_a_restart_of_all_servers_loses_nothing(lab: Class) -> None:
    for number, spec in enumerate(SPECS[:4]):
        lab.first.submit(spec, f"v{number}")
        os.utime(lab.root / spec.key / "spec.json", ns=(number, number))
    third = lab.server()
    lab.tick(third)
    assert [place(third, spec) for spec in SPECS[:4]] == [1, 2, 3, 4]


def test_without_workers_everything_waits_and_visitors_are_told(lab: Class) -> None:
    lab.cluster.size = 0
    lab.first.submit(A, "a")
    for _ in range(50):
        lab.tick()
    assert not lab.first.has_workers
    assert place(lab.first, A) == 1
    assert (lab.status(A).state, lab.status(A).attempt) == ("queued", 1)
    lab.cluster.size = 1
    lab.tick()
    assert lab.first.has_workers
    lab.task(A).begin()
    lab.task(A).end()
    lab.tick()
    assert lab.status(A).state == "done"


def test_a_queue_longer_than_the_cluster_waits_in_it(lab: Class) -> None:
    for number, spec in enumerate(SPECS):
        server = (lab.first, lab.second)[number % 2]
        server.submit(spec, f"v{number}")
        lab.tick()
    assert len(lab.cluster.tasks) == len(SPECS)
    for spec in SPECS[:2]:
        lab.task(spec).begin()
    for _ in range(100):  # far longer than a silent worker lives
        lab.tick()
    assert [place(lab.first, spec) for spec in SPECS] == [0, 0, 1, 2, 3, 4]
    assert [place(lab.second, spec) for spec in SPECS] == [0, 0, 1, 2, 3, 4]
    assert all(lab.status(spec).attempt == 1 for spec in SPECS)


def test_a_scheduler_that_restarts_is_asked_again(lab: Class) -> None:
    lab.first.submit(A, "a")
    lab.first.submit(B, "b")
    lab.tick()
    lab.task(A).begin()
    lab.tick()
    lab.cluster.is_away = True
    lab.cluster.restart()
    lab.tick()
    assert not lab.first.has_workers
    lab.cluster.is_away = False
    lab.tick()
    lab.tick()
    assert lab.first.has_workers
    for spec in (A, B):
        assert lab.cluster.is_wanted(lab.task(spec))
        assert lab.status(spec).attempt == 1


def test_stop_leaves_alone_what_visitors_elsewhere_want(lab: Class) -> None:
    lab.first.submit(A, "a")
    lab.second.submit(A, "b")
    lab.tick()
    assert not lab.first.stop(A.key, "a")
    assert lab.status(A).state == "queued"
    lab.task(A).begin()
    lab.tick()
    lab.first.submit(A, "a")
    assert not lab.first.stop(A.key, "a")
    assert not Run(lab.root / A.key).stop_requested()
    assert lab.second.stop(A.key, "b")
    assert Run(lab.root / A.key).stop_requested()


def test_stop_does_not_wait_for_visitors_who_left_elsewhere(lab: Class) -> None:
    lab.first.submit(A, "a")
    lab.second.submit(A, "b")
    lab.tick()
    lab.all_visitors_left()
    assert lab.first.stop(A.key, "a")
    assert not (lab.root / A.key).exists()
    lab.tick()
    assert (place(lab.first, A), place(lab.second, A)) == (None, None)
    assert not any(lab.cluster.is_wanted(task) for task in lab.cluster.tasks.values())


def test_what_is_left_at_one_server_can_be_asked_for_at_the_other_at_once(lab: Class) -> None:
    lab.first.submit(A, "a")
    lab.tick()
    assert lab.first.stop(A.key, "a")
    lab.second.submit(A, "b")  # which has not noticed yet
    lab.tick()
    lab.tick()
    assert lab.status(A).state == "queued"
    assert lab.cluster.is_wanted(lab.task(A))


def test_what_was_left_after_an_epoch_is_left_everywhere(lab: Class) -> None:
    lab.first.submit(A, "a")
    lab.tick()
    lab.task(A).begin()
    lab.task(A).beat(epoch=1)
    lab.task(A).end("stopped")
    lab.tick()
    lab.first.submit(A, "a")
    lab.tick()
    assert lab.first.stop(A.key, "a")
    lab.tick()
    assert lab.status(A).state == "stopped"
    assert (place(lab.first, A), place(lab.second, A)) == (None, None)
    assert not lab.cluster.is_wanted(lab.task(A))
