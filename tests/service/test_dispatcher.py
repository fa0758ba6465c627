"""Who works: a dispatcher, folders, and workers that train nothing. No queue, no visitors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aecore.runs import Status
from aecore.service.dispatcher import Dispatcher, Report
from aecore.service.folders import Folders
from aecore.service.limits import Limits
from aecore.specs import TrainingSpec
from tests.service.fakes import Clock, Cluster, LonelyWorker

SPEC = TrainingSpec("plain", images=1_000, epochs=8)
LIMITS = Limits(hang_seconds=60)


class Office:
    """A dispatcher with one worker, which was given a job."""

    def __init__(self, root: Path) -> None:
        self.clock = Clock()
        self.worker = LonelyWorker()
        self.folders = Folders(root)
        self.dispatcher = Dispatcher(self.worker, self.folders, LIMITS, self.clock)
        self.calls = 0
        self.folders.ask(SPEC)
        self.give()

    def give(self) -> None:
        def count_calls() -> None:
            self.calls += 1

        self.dispatcher.give(SPEC.key, count_calls)

    def report(self) -> Report | None:
        return self.dispatcher.look_after({SPEC.key}).get(SPEC.key)

    def state(self) -> str:
        report = self.report()
        return "" if report is None else report.state

    def watch(self, seconds: float) -> str:
        """Let time pass and look every second, until the job trains no more; what became of it."""
        state, end = "trains", self.clock.now + seconds
        while state == "trains" and self.clock.now < end:
            self.clock.passes(1)
            state = self.state()
        return state


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_job_trains_until_it_ends(office: Office) -> None:
    assert office.state() == "trains"
    office.worker.task.begin()
    office.worker.task.beat(seconds_left=7.0)
    report = office.report()
    assert report == Report("trains", 7.0, office.clock.now)
    office.worker.task.end()
    assert office.calls == 1
    assert office.state() == "ended"
    assert office.dispatcher.is_idle
    assert office.report() is None


def test_a_worker_that_dies_is_followed_by_another(office: Office) -> None:
    office.worker.task.begin()
    office.worker.task.die()
    assert office.state() == "lost"
    status = office.folders.run(SPEC.key).status()
    assert (status.state, status.attempt, status.message) == ("queued", 2, "worker_died")
    office.give()
    assert office.worker.task.wish == status.wish
    assert office.state() == "trains"


def test_a_run_whose_workers_all_die_is_given_up(office: Office) -> None:
    for _ in range(2):
        office.worker.task.begin()
        office.worker.task.die()
        assert office.state() == "lost"
        office.give()
    office.worker.task.begin()
    office.worker.task.die()
    assert office.state() == "ended"
    assert office.folders.run(SPEC.key).status().message == "worker_died"


def test_a_worker_that_dies_before_it_begins_counts_as_well(office: Office) -> None:
    """Where TensorFlow cannot even be loaded, trying for ever would help nobody."""
    for _ in range(2):
        office.worker.task.die()
        assert office.state() == "lost"
        office.give()
    office.worker.task.die()
    assert office.state() == "ended"


def test_a_worker_that_dies_while_it_keeps_the_model_is_followed(office: Office) -> None:
    task = office.worker.task
    task.begin()
    task.beat(epoch=1)
    task.run.write_status(replace(task.run.status(), state="keeping"))
    task.die()
    assert office.state() == "lost"


def test_a_worker_s_last_word_counts_even_if_nothing_could_be_kept(office: Office) -> None:
    """On a full disk: trying again would not help, and the reason would be lost."""
    task = office.worker.task
    task.begin()
    task.beat(epoch=1)
    task.run.write_status(replace(task.run.status(), state="failed", message="disk_full"))
    task.future.set_result(None)
    assert office.state() == "ended"
    assert task.run.status().message == "disk_full"


def test_a_worker_without_life_is_ended_by_force(office: Office) -> None:
    task = office.worker.task
    task.begin()
    office.watch(59)
    task.beat()
    assert office.state() == "trains"
    office.watch(60)
    report = office.report()
    assert report is not None
    assert report.sign == office.clock.now - 60
    assert office.worker.ended == []
    assert office.watch(1) == "lost"
    assert office.worker.ended == [task.future]
    assert office.folders.run(SPEC.key).status().attempt == 2


def test_a_job_behind_a_long_warm_up_does_not_count_as_hanging(office: Office) -> None:
    assert office.watch(5 * LIMITS.hang_seconds) == "trains"
    office.worker.task.begin()
    assert office.state() == "trains"
    assert office.watch(LIMITS.hang_seconds) == "trains"
    assert office.folders.run(SPEC.key).status().attempt == 1


def test_a_worker_that_hangs_before_it_begins_is_ended_in_the_end(office: Office) -> None:
    task = office.worker.task
    assert office.watch(5 * LIMITS.hang_seconds + 1) == "lost"
    assert office.worker.ended == [task.future]


def test_what_passed_while_all_stood_still_is_no_silence(office: Office) -> None:
    """A container that was paused, or Ctrl-Z: the worker is as well as it was before."""
    task = office.worker.task
    task.begin()
    office.watch(1)
    office.clock.passes(10 * LIMITS.hang_seconds)
    assert office.watch(2) == "trains"
    assert office.worker.ended == []
    assert office.watch(LIMITS.hang_seconds) == "lost"  # but now it is heard to be silent


def test_while_a_model_is_kept_little_is_left(office: Office) -> None:
    """Or whoever waits behind would read for a moment that the whole training is still to come."""
    task = office.worker.task
    task.begin()
    task.beat(epoch=1, seconds_left=0.5)
    task.run.write_status(replace(task.run.status(), state="keeping", seconds_left=None))
    report = office.report()
    assert report is not None
    assert report.seconds_left is not None
    assert report.seconds_left < 5


def test_a_folder_that_cannot_be_read_for_a_moment_keeps_nothing_from_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(SPEC, seed=1)
    office.folders.ask(other)
    task = office.worker.task
    task.begin()
    task.end()
    office.dispatcher.give(other.key, lambda: None)
    read = Folders.status

    def stale(folders: Folders, name: str) -> Status | None:
        if name == other.key:
            raise OSError(116, "Stale file handle")
        return read(folders, name)

    with monkeypatch.context() as patched:
        patched.setattr(Folders, "status", stale)
        reports = office.dispatcher.look_after({SPEC.key, other.key})
    assert {name: report.state for name, report in reports.items()} == {SPEC.key: "ended"}
    office.worker.task.begin()
    assert office.dispatcher.look_after({other.key})[other.key].state == "trains"


def test_a_job_nobody_wants_is_taken_from_the_workers(office: Office) -> None:
    assert office.dispatcher.look_after(set()) == {}
    assert office.worker.task.future.cancelled()


def test_a_folder_that_is_removed_ends_the_job(office: Office) -> None:
    office.folders.drop(SPEC.key)
    assert office.state() == "ended"
    assert office.worker.task.future.cancelled()


def test_a_wish_that_was_renewed_is_given_anew(office: Office) -> None:
    """Another server noticed first that the run had ended, and was asked for it again."""
    office.worker.task.begin()
    office.worker.task.end("stopped", sealed=False)
    office.folders.ask(SPEC)
    assert office.state() == "lost"
    office.give()
    assert office.worker.task.wish == office.folders.run(SPEC.key).status().wish
    assert office.folders.run(SPEC.key).status().attempt == 1


def test_a_lost_connection_is_no_death(office: Office) -> None:
    office.worker.task.begin()
    office.worker.task.future.cancel()
    assert office.state() == "lost"
    assert office.folders.run(SPEC.key).status().attempt == 1
    assert office.folders.run(SPEC.key).status().state == "running"


def test_in_a_shared_pool_a_job_waits_as_long_as_it_must(tmp_path: Path) -> None:
    clock, cluster, folders = Clock(), Cluster(), Folders(tmp_path)
    dispatcher = Dispatcher(cluster.connect(), folders, LIMITS, clock)
    folders.ask(SPEC)
    dispatcher.give(SPEC.key, lambda: None)
    (task,) = cluster.tasks.values()

    clock.passes(10_000)
    report = dispatcher.look_after({SPEC.key})[SPEC.key]
    assert report.state == "waits"
    assert folders.run(SPEC.key).status().attempt == 1

    task.begin()
    assert dispatcher.look_after({SPEC.key})[SPEC.key].state == "trains"
    clock.passes(10_000)  # the pool ends workers that hang by itself
    assert dispatcher.look_after({SPEC.key})[SPEC.key].state == "trains"
    assert cluster.is_wanted(task)
