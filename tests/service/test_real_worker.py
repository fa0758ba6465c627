"""What must not break the training service: a real worker, and faults that really happen.

The rules of queue and recovery are tested beside, with workers that train nothing.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from aecore.runs import Run, Status
from aecore.service.limits import Limits
from aecore.service.refusals import CannotWriteError
from aecore.service.trainer import Trainer
from aecore.service.workers import LocalWorker
from aecore.specs import TrainingSpec
from tests.conftest import wait_until

# Eight epochs of four large steps: the smallest training that beats the mean image.
SHORT = TrainingSpec("plain", images=1_000, epochs=8, learning_rate=0.01)
LONG = TrainingSpec("plain", images=5_000, epochs=200)
PATIENCE = 120

Start = Callable[..., Trainer]


@pytest.fixture(scope="module")
def worker() -> Iterator[LocalWorker]:
    """One worker for all servers: whoever comes next need not wait for TensorFlow again."""
    worker = LocalWorker(300)
    yield worker
    worker.close()


@pytest.fixture
def start(tmp_path: Path, worker: LocalWorker) -> Iterator[Start]:
    """Starts servers, one after the other, on one folder unless told otherwise."""
    started = []

    def new_trainer(limits: Limits | None = None, root: Path = tmp_path) -> Trainer:
        trainer = Trainer(root, worker, limits or Limits()).start()
        started.append((trainer, root))
        return trainer

    yield new_trainer
    close = worker.close
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "close", lambda: None)
        for trainer, _root in started:
            trainer.close()
    if not all(has_nothing_to_do(root) for _trainer, root in started):
        close()


def has_nothing_to_do(root: Path) -> bool:
    return all(Run(spec.parent).last_status().is_over for spec in root.glob("*/spec.json"))


def status(tmp_path: Path, key: str) -> Status:
    return Run(tmp_path / key).last_status()


def reaches(tmp_path: Path, key: str, epoch: int) -> Callable[[], bool]:
    return lambda: status(tmp_path, key).epoch >= epoch


def ends(tmp_path: Path, key: str) -> Callable[[], bool]:
    def ended() -> bool:
        return status(tmp_path, key).state in ("done", "stopped", "failed")

    return ended


def is_kept(tmp_path: Path, key: str) -> Callable[[], bool]:
    """Whether the model is whole and the run's last word is written, which comes after it."""
    run = Run(tmp_path / key)
    return lambda: run.is_sealed() and run.status().is_over


def workers_of(server: int) -> list[int]:
    """The training processes of another server."""
    found = []
    for task in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((task / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == server and has_tensorflow(int(task.name)):
                found.append(int(task.name))
    return found


def has_tensorflow(process: int) -> bool:
    """Whether a process has it loaded; one that has ended has not."""
    with suppress(OSError):
        return "libtensorflow" in Path(f"/proc/{process}/maps").read_text()
    return False


def kill(worker: LocalWorker) -> None:
    (pid,) = worker.processes
    os.kill(pid, signal.SIGKILL)


def test_thirty_simultaneous_wishes_cost_one_training(start: Start, tmp_path: Path) -> None:
    trainer = start()
    gate = threading.Barrier(30)
    keys: list[str] = []

    def wish(visitor: str) -> None:
        gate.wait()
        keys.append(trainer.submit(SHORT, visitor))

    threads = [threading.Thread(target=wish, args=(f"v{i}",)) for i in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert keys == [SHORT.key] * 30
    wait_until(ends(tmp_path, SHORT.key), seconds=PATIENCE)
    run = Run(tmp_path / SHORT.key)
    run.verify()
    assert run.status().attempt == 1
    sealed = (run.folder / "checksums.json").stat().st_mtime_ns
    assert trainer.submit(SHORT, "late") == SHORT.key  # opens at once
    wait_until(lambda: trainer.ticket(SHORT.key) is None, seconds=5)
    assert (run.folder / "checksums.json").stat().st_mtime_ns == sealed


def test_a_killed_worker_is_noticed_and_the_run_goes_on_once(
    start: Start, worker: LocalWorker, tmp_path: Path
) -> None:
    trainer = start()
    key = trainer.submit(LONG, "a")
    wait_until(reaches(tmp_path, key, 2), seconds=PATIENCE)

    kill(worker)
    wait_until(lambda: status(tmp_path, key).message == "worker_died", seconds=5)
    epoch = status(tmp_path, key).epoch
    assert epoch >= 2
    wait_until(reaches(tmp_path, key, epoch + 2), seconds=PATIENCE)
    assert status(tmp_path, key).attempt == 2

    kill(worker)
    wait_until(ends(tmp_path, key), seconds=PATIENCE)
    final = status(tmp_path, key)
    assert (final.state, final.message) == ("failed", "worker_died")
    wait_until(is_kept(tmp_path, key), seconds=PATIENCE)
    run = Run(tmp_path / key)
    run.verify()
    assert run.metrics()["epochs"] >= epoch + 2


def test_stop_answers_within_a_second_and_keeps_the_model(start: Start, tmp_path: Path) -> None:
    trainer = start()
    key = trainer.submit(LONG, "a")
    wait_until(reaches(tmp_path, key, 1), seconds=PATIENCE)

    pressed = time.monotonic()
    assert trainer.stop(key, "a")
    wait_until(lambda: status(tmp_path, key).state == "stopped", seconds=PATIENCE)
    assert time.monotonic() - pressed < 1.0
    kept = status(tmp_path, key).epoch
    trainer.submit(LONG, "a")  # while the model is written; and it goes on from there
    wait_until(is_kept(tmp_path, key), seconds=PATIENCE)
    Run(tmp_path / key).verify()
    wait_until(reaches(tmp_path, key, kept + 1), seconds=PATIENCE)
    assert Run(tmp_path / key).epoch_numbers()[0] == 1
    trainer.stop(key, "a")
    wait_until(lambda: trainer.ticket(key) is None, seconds=PATIENCE)


def test_a_hanging_worker_is_ended_at_its_limit(
    start: Start, worker: LocalWorker, tmp_path: Path
) -> None:
    trainer = start(Limits(job_seconds=600, hang_seconds=3))
    key = trainer.submit(LONG, "a")
    wait_until(reaches(tmp_path, key, 1), seconds=PATIENCE)
    (pid,) = worker.processes

    os.kill(pid, signal.SIGSTOP)

    wait_until(lambda: status(tmp_path, key).attempt == 2, seconds=30)
    epoch = status(tmp_path, key).epoch
    wait_until(reaches(tmp_path, key, epoch + 1), seconds=PATIENCE)
    assert pid not in worker.processes
    trainer.stop(key, "a")
    wait_until(is_kept(tmp_path, key), seconds=PATIENCE)


def test_the_time_limit_stops_a_job_and_keeps_its_model(start: Start, tmp_path: Path) -> None:
    trainer = start(Limits(job_seconds=3))
    key = trainer.submit(LONG, "nobody who stays")
    wait_until(ends(tmp_path, key), seconds=PATIENCE)
    final = status(tmp_path, key)
    assert (final.state, final.message) == ("stopped", "time_limit")
    wait_until(is_kept(tmp_path, key), seconds=PATIENCE)


def test_a_full_disk_is_said_and_training_goes_on_in_memory(small_disk: Path, start: Start) -> None:
    trainer = start(root=small_disk)
    key = trainer.submit(TrainingSpec("plain", images=5_000, epochs=80), "a")
    wait_until(lambda: status(small_disk, key).message == "disk_full", seconds=PATIENCE)
    run = Run(small_disk / key)
    assert not run.is_sealed()
    wait_until(
        lambda: status(small_disk, key).epoch > run.epoch_numbers()[-1] + 1, seconds=PATIENCE
    )

    grow = ["mount", "-o", "remount,size=40m", str(small_disk)]
    subprocess.run(grow, check=True)
    wait_until(lambda: status(small_disk, key).state == "done", seconds=PATIENCE)
    run.verify()
    assert run.epoch_numbers() == list(range(1, 81))


def test_a_disk_that_stays_full_ends_in_a_plain_failure(small_disk: Path, start: Start) -> None:
    trainer = start(root=small_disk)
    key = trainer.submit(TrainingSpec("plain", images=1_000, epochs=60), "a")
    wait_until(ends(small_disk, key), seconds=PATIENCE)
    final = status(small_disk, key)
    assert (final.state, final.message) == ("failed", "disk_full")
    assert not Run(small_disk / key).is_sealed()
    second = TrainingSpec("plain", images=1_000, epochs=60, seed=1)
    (small_disk / "filler").write_bytes(b"")
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(bytes(4_000_000))
    with pytest.raises(CannotWriteError):
        trainer.submit(second, "b")


def test_out_of_memory_leaves_the_server_and_the_others_alone(
    start: Start, worker: LocalWorker, tmp_path: Path
) -> None:
    trainer = start()
    first = trainer.submit(SHORT, "a")
    wait_until(is_kept(tmp_path, first), seconds=PATIENCE)
    (pid,) = worker.processes
    used = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (used + 50_000_000, resource.RLIM_INFINITY))

    greedy = TrainingSpec("conv", code_size=1_568, images=2_000, epochs=1, batch_size=1_024)
    hungry = trainer.submit(greedy, "a")
    trouble = lambda: status(tmp_path, hungry).message in ("out_of_memory", "worker_died")  # noqa: E731
    try:
        wait_until(trouble, seconds=PATIENCE)
    finally:  # the next training, and the next test, may have the same worker
        if pid in worker.processes:
            resource.prlimit(
                pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            )

    modest = TrainingSpec("plain", images=1_000, epochs=8, learning_rate=0.01, seed=1)
    other = trainer.submit(modest, "b")
    wait_until(is_kept(tmp_path, other), seconds=PATIENCE)
    assert status(tmp_path, other).state == "done"


SERVER = """
import sys, time
from pathlib import Path
from aecore.service.limits import Limits
from aecore.specs import TrainingSpec
from aecore.service.trainer import Trainer
from aecore.service.workers import LocalWorker
trainer = Trainer(Path(sys.argv[1]), LocalWorker(60), Limits()).start()
trainer.submit(TrainingSpec("plain", images=5_000, epochs=200), "a")
trainer.submit(TrainingSpec("plain", images=1_000, epochs=8, learning_rate=0.01), "b")
time.sleep(600)
"""


def test_a_killed_server_s_runs_go_on_after_the_restart(start: Start, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)], env=os.environ | {"TMPDIR": str(scratch)}
    )
    wait_until(reaches(tmp_path, LONG.key, 2), seconds=PATIENCE)
    assert list(scratch.glob("*-aelab-worker"))
    assert status(tmp_path, SHORT.key).state == "queued"
    (orphan,) = workers_of(server.pid)
    server.kill()
    server.wait()
    wait_until(lambda: not has_tensorflow(orphan), seconds=10)
    assert not list(scratch.glob("*-aelab-worker"))
    epoch = status(tmp_path, LONG.key).epoch

    trainer = start()

    wait_until(lambda: status(tmp_path, LONG.key).attempt == 2, seconds=PATIENCE)
    wait_until(reaches(tmp_path, LONG.key, epoch + 1), seconds=PATIENCE)
    trainer.stop(LONG.key, "a")
    wait_until(ends(tmp_path, SHORT.key), seconds=PATIENCE)
    assert status(tmp_path, SHORT.key).state == "done"
