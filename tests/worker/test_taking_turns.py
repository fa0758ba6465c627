"""Who may write into a run's folder, when two workers were given the same run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from aecore.runs import Reason, Run, State, Status, write_atomically
from aecore.specs import TrainingSpec
from aecore.worker import training
from aecore.worker.reporter import Reporter
from aecore.worker.training import train
from tests.conftest import wait_until

SPEC = TrainingSpec("plain", images=1_000, epochs=8, learning_rate=0.01)
PATIENCE = 120


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / SPEC.key)
    run.write_spec(SPEC)
    return run


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Status]:
    """Nothing is trained; with which status it would have begun is noted."""
    begun: list[Status] = []
    monkeypatch.setattr(
        training._Training, "complete", lambda this: begun.append(this.reporter.status)
    )
    monkeypatch.setattr(training, "_prepare_process", lambda: None)
    monkeypatch.setattr(training, "DEAD_AFTER", 0.5)
    return begun


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_a_run_that_has_ended_is_left_alone(run: Run, trained: list[Status], state: str) -> None:
    ended = Status(state, epoch=3, beat=7)  # type: ignore[arg-type]
    run.write_status(ended)
    train(str(run.folder))
    assert not trained
    assert run.status() == ended


def test_a_run_that_was_removed_stays_removed(tmp_path: Path, trained: list[Status]) -> None:
    train(str(tmp_path / "gone"))
    assert not trained
    assert not (tmp_path / "gone").exists()


def test_a_run_whose_worker_died_is_taken_over(run: Run, trained: list[Status]) -> None:
    run.write_status(Status("running", epoch=3, beat=7, wish="w", seconds_left=9.0))
    train(str(run.folder))
    assert [(status.attempt, status.wish) for status in trained] == [(2, "w")]
    assert trained[0].seconds_left is None  # nobody knows yet


def test_a_run_with_a_worker_is_left_to_it(run: Run, trained: list[Status]) -> None:
    with Reporter(run, Status("running")) as reporter:
        second = threading.Thread(target=train, args=(str(run.folder),))
        second.start()
        second.join(timeout=2)  # four times as long as a dead worker is waited for
        assert second.is_alive()
        reporter.update(state="done")
    second.join(timeout=60)
    assert not second.is_alive()
    assert not trained
    assert run.status().state == "done"


@pytest.mark.parametrize(
    "change", [{"attempt": 2}, {"wish": "another", "state": "queued"}], ids=["taken", "asked anew"]
)
def test_a_worker_that_stood_still_writes_nothing_more(run: Run, change: dict[str, object]) -> None:
    with Reporter(run, Status("running", wish="w")) as reporter:
        later = replace(run.status(), **change)  # type: ignore[arg-type]
        run.write_status(later)
        wait_until(lambda: reporter.is_overruled, seconds=5)
        reporter.update(state="failed", now=True)
    assert run.status() == later


def test_a_disk_that_was_full_for_a_while_is_not_told_of_a_whole_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullWhileKeeping(training._Training):
        def __init__(
            self, _run: Run, reporter: Reporter, alarm: training._Alarm, _seconds: float
        ) -> None:
            self.reporter, self.alarm, self.spec, self.now = reporter, alarm, SPEC, None

        def _go_on_from_checkpoint(self) -> None:
            pass

        def _learn(self) -> tuple[State, Reason]:
            return "done", ""

        def _keep(self) -> None:
            self.reporter.update(message="disk_full", now=True)

    monkeypatch.setattr(training, "_Training", FullWhileKeeping)
    train(str(run.folder))
    assert (run.status().state, run.status().message) == ("done", "")


def test_a_removed_folder_does_not_come_back(run: Run) -> None:
    with Reporter(run, Status("running")) as reporter:
        run.folder.rename(run.folder.with_name("removed"))
        wait_until(lambda: reporter.is_overruled, seconds=5)
    assert not run.folder.exists()


def test_a_removed_run_is_trained_no_longer_though_its_worker_just_wrote_there(run: Run) -> None:
    """Whoever writes an epoch makes the folder anew; a run it is no more."""
    with Reporter(run, Status("running")) as reporter:
        shutil.rmtree(run.folder)
        write_atomically(run.folder / "epochs" / "0001.npz", b"")
        run.write_status(reporter.status)
        wait_until(lambda: reporter.is_overruled, seconds=5)


def test_a_damaged_status_is_written_anew(run: Run) -> None:
    with Reporter(run, Status("running")) as reporter:
        (run.folder / "status.json").write_bytes(b"{")
        reporter.update(epoch=1, now=True)
        assert not reporter.is_overruled
        assert run.status().epoch == 1


@contextmanager
def worker(run: Run, arguments: str = "") -> Iterator[subprocess.Popen[bytes]]:
    program = f"from aecore.worker.training import train; train({str(run.folder)!r}{arguments})"
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_worker_that_wakes_up_gives_way(run: Run) -> None:
    """One stands still for so long that another takes the run over; then it wakes up."""
    run.write_spec(TrainingSpec("plain", images=5_000, epochs=200))
    with worker(run) as sleeper:
        wait_until(lambda: run.last_status().epoch >= 1, seconds=PATIENCE)
        os.kill(sleeper.pid, signal.SIGSTOP)
        with worker(run) as second:
            wait_until(lambda: run.last_status().attempt == 2, seconds=PATIENCE)
            os.kill(sleeper.pid, signal.SIGCONT)
            assert sleeper.wait(timeout=PATIENCE) == 0
            epoch = run.status().epoch
            wait_until(lambda: run.last_status().epoch > epoch, seconds=PATIENCE)
            run.request_stop()
            assert second.wait(timeout=PATIENCE) == 0
    assert (run.status().state, run.status().attempt) == ("stopped", 2)
    run.verify()


STUCK = """
import time
from aecore.worker import training
training._Training.complete = lambda this: time.sleep(600)
training.train({folder!r}, 0.2, 0.3)
"""


def test_a_process_that_is_stuck_ends_itself(run: Run) -> None:
    program = STUCK.format(folder=str(run.folder))
    ended = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)
    assert ended.returncode == 1
    assert run.status().state == "running"  # and so another worker goes on with it


LONG_IN_KEEPING = """
import time
from aecore.specs import TrainingSpec
from aecore.worker import training

class Slow(training._Training):
    def __init__(self, run, reporter, alarm, seconds):
        self.reporter, self.alarm, self.spec, self.now = reporter, alarm, run.spec(), None
        self._go_on_from_checkpoint = lambda: None
        self._learn = lambda: time.sleep(1) or ("stopped", "time_limit")
        self._keep = lambda: time.sleep(1.5)

training._Training = Slow
training.train({folder!r}, 1, 1)
"""


def test_what_learnt_until_its_limit_is_given_time_to_be_kept(run: Run) -> None:
    program = LONG_IN_KEEPING.format(folder=str(run.folder))
    ended = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)
    assert ended.returncode == 0
    assert run.status().state == "stopped"
