"""Several machines: a real Dask scheduler and two real workers, two servers, one runs folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aecore.runs import Run
from aecore.service.limits import Limits
from aecore.service.trainer import Trainer
from aecore.service.workers import DaskWorkers
from aecore.specs import TrainingSpec
from tests.conftest import wait_until
from tests.service.cluster import dask_cluster

SHORT = TrainingSpec("plain", images=1_000, epochs=8, learning_rate=0.01)
LONG = TrainingSpec("plain", images=20_000, epochs=100)
PATIENCE = 180


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dask_cluster(tmp_path_factory.mktemp("dask"), workers=2) as address:
        yield address


@pytest.fixture
def start(scheduler: str, tmp_path: Path) -> Iterator[Callable[[], Trainer]]:
    started = []

    def new_server() -> Trainer:
        trainer = Trainer(tmp_path, DaskWorkers(scheduler), Limits())
        started.append(trainer)
        return trainer

    yield new_server
    for trainer in started:
        trainer.close()


REPLICA = """
import sys, time
from pathlib import Path
from aecore.service.limits import Limits
from aecore.specs import TrainingSpec
from aecore.service.trainer import Trainer
from aecore.service.workers import DaskWorkers
trainer = Trainer(Path(sys.argv[1]), DaskWorkers(sys.argv[2]), Limits())
spec = TrainingSpec("plain", images=1_000, epochs=8, learning_rate=0.01)
print(trainer.submit(spec, "b"), trainer.ticket(spec.key) is not None, flush=True)
time.sleep(600)
"""


def test_two_replicas_train_a_wish_once(
    start: Callable[[], Trainer], scheduler: str, tmp_path: Path
) -> None:
    trainer = start()
    replica = subprocess.Popen(
        [sys.executable, "-c", REPLICA, str(tmp_path), scheduler],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert trainer.submit(SHORT, "a") == SHORT.key
        assert replica.stdout is not None
        key, trains_there = replica.stdout.readline().split()
        assert key == SHORT.key
        run = Run(tmp_path / key)
        wait_until(run.is_sealed, seconds=PATIENCE)
        run.verify()
        assert trains_there == "False"
        assert len(list(run.folder.glob("claim-*"))) == 1
        wait_until(lambda: run.last_status().state == "done", seconds=30)
    finally:
        replica.kill()
        replica.wait()


def test_two_workers_train_side_by_side(start: Callable[[], Trainer], tmp_path: Path) -> None:
    trainer = start()
    keys = [
        trainer.submit(TrainingSpec("plain", images=20_000, epochs=40, seed=seed), f"v{seed}")
        for seed in range(2)
    ]

    def both_train() -> bool:
        states = [Run(tmp_path / key).last_status() for key in keys]
        return all(status.state == "running" and status.epoch > 0 for status in states)

    wait_until(both_train, seconds=PATIENCE)
    for seed, key in enumerate(keys):
        trainer.stop(key, f"v{seed}")
        wait_until(Run(tmp_path / key).is_sealed, seconds=PATIENCE)


def test_a_killed_dask_worker_s_run_goes_on(start: Callable[[], Trainer], tmp_path: Path) -> None:
    trainer = start()
    key = trainer.submit(LONG, "a")
    run = Run(tmp_path / key)
    wait_until(lambda: run.last_status().epoch >= 2, seconds=PATIENCE)
    epoch = run.last_status().epoch

    os.kill(_pid_that_trains(run), signal.SIGKILL)

    wait_until(lambda: run.last_status().attempt == 2, seconds=PATIENCE)
    wait_until(lambda: run.last_status().epoch > epoch, seconds=PATIENCE)
    trainer.stop(key, "a")
    wait_until(run.is_sealed, seconds=PATIENCE)
    run.verify()


def _pid_that_trains(run: Run) -> int:
    """The process with the largest use of the processor among those that hold TensorFlow."""
    before = _ticks()
    beat = run.last_status().beat
    wait_until(lambda: run.last_status().beat > beat + 3, seconds=30)
    used = {pid: ticks - before.get(pid, ticks) for pid, ticks in _ticks().items()}
    return max(used, key=used.__getitem__)


def _ticks() -> dict[int, int]:
    found = {}
    for task in Path("/proc").glob("[0-9]*"):
        try:
            command = (task / "cmdline").read_bytes()
            environment = (task / "environ").read_bytes()
            fields = re.sub(r"^.*\) ", "", (task / "stat").read_text()).split()
        except OSError:
            continue
        if b"spawn_main" in command and b"DASK" in environment:
            found[int(task.name)] = int(fields[11]) + int(fields[12])
    return found
