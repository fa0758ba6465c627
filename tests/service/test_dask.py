"""Several machines: a real Dask scheduler and two real workers, two servers, one runs folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aecore.runs import Run
from aecore.service.limits import Limits
from aecore.service.trainer import Trainer
from aecore.service.workers import DaskWorkers
from aecore.specs import TrainingSpec
from tests.conftest import wait_until
from tests.service.cluster import DaskCluster, dask_cluster

Replica = subprocess.Popen[str]

SHORT = TrainingSpec("plain", images=1_000, epochs=8, learning_rate=0.01)
LONG = TrainingSpec("plain", images=10_000, epochs=200)
PATIENCE = 240


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dask_cluster(tmp_path_factory.mktemp("dask"), workers=2) as address:
        yield address


@pytest.fixture
def start(scheduler: str, tmp_path: Path) -> Iterator[Callable[[], Trainer]]:
    started = []

    def new_server() -> Trainer:
        trainer = Trainer(tmp_path, DaskWorkers(scheduler), Limits(hang_seconds=20)).start()
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
trainer = Trainer(Path(sys.argv[1]), DaskWorkers(sys.argv[2]), Limits()).start()
spec = TrainingSpec(**eval(sys.argv[3]))
print(trainer.submit(spec, "b"), flush=True)
time.sleep(600)
"""


@pytest.fixture
def replica(scheduler: str, tmp_path: Path) -> Iterator[Callable[[TrainingSpec], Replica]]:
    """Starts a second server, in a process of its own, that asks for a training."""
    started: list[Replica] = []

    def new_replica(spec: TrainingSpec) -> Replica:
        process = subprocess.Popen(
            [sys.executable, "-c", REPLICA, str(tmp_path), scheduler, repr(spec.to_dict())],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().split() == [spec.key]
        return process

    yield new_replica
    for process in started:
        process.kill()
        process.wait()


def test_every_worker_is_warmed_up_whichever_server_asks(scheduler: str) -> None:
    pools = [DaskWorkers(scheduler) for _ in range(2)]
    try:
        for pool in pools:
            pool.warm_up()
        assert set(pools[0]._warm) == set(pools[1]._warm)
        futures = [future for pool in pools for future in pool._warm.values()]
        assert len({future.key for future in futures}) == pools[0].count() == 2
        wait_until(lambda: all(future.status == "finished" for future in futures), seconds=PATIENCE)
    finally:
        for pool in pools:
            pool.close()


def test_two_servers_train_a_wish_once(
    start: Callable[[], Trainer], replica: Callable[[TrainingSpec], Replica], tmp_path: Path
) -> None:
    trainer = start()
    assert trainer.submit(SHORT, "a") == SHORT.key
    wish = Run(tmp_path / SHORT.key).status().wish
    replica(SHORT)
    run = Run(tmp_path / SHORT.key)
    wait_until(run.is_sealed, seconds=PATIENCE)
    run.verify()
    wait_until(lambda: run.last_status().state == "done", seconds=30)
    wait_until(lambda: trainer.ticket(SHORT.key) is None, seconds=30)
    assert (run.status().attempt, run.status().wish) == (1, wish)


def test_a_server_that_stalls_finds_everything_as_the_others_left_it(
    start: Callable[[], Trainer], replica: Callable[[TrainingSpec], Replica], tmp_path: Path
) -> None:
    """It stands still while its run is stopped and asked for again at another server."""
    stalled = replica(LONG)
    run = Run(tmp_path / LONG.key)
    wait_until(lambda: run.last_status().epoch >= 1, seconds=PATIENCE)
    stalled.send_signal(signal.SIGSTOP)

    trainer = start()
    wait_until(lambda: _place(trainer, LONG) == 0, seconds=30)
    wait_until(lambda: trainer.stop(LONG.key, "a"), seconds=30)  # once b counts as gone
    wait_until(lambda: trainer.ticket(LONG.key) is None, seconds=PATIENCE)
    run.verify()
    kept = run.status().epoch
    trainer.submit(LONG, "a")
    wait_until(lambda: run.last_status().epoch > kept, seconds=PATIENCE)

    stalled.send_signal(signal.SIGCONT)
    wish, epoch = run.status().wish, run.status().epoch
    wait_until(lambda: run.last_status().epoch > epoch + 5, seconds=PATIENCE)
    assert (run.status().attempt, run.status().wish) == (1, wish)
    wait_until(lambda: trainer.stop(LONG.key, "a"), seconds=30)
    wait_until(lambda: trainer.ticket(LONG.key) is None, seconds=PATIENCE)


def test_a_server_that_dies_leaves_its_run_to_the_others(
    start: Callable[[], Trainer], replica: Callable[[TrainingSpec], Replica], tmp_path: Path
) -> None:
    dying = replica(SHORT)
    trainer = start()
    wait_until(lambda: _place(trainer, SHORT) is not None, seconds=30)
    dying.kill()
    run = Run(tmp_path / SHORT.key)
    wait_until(lambda: run.last_status().state == "done", seconds=PATIENCE)
    run.verify()


def test_a_queue_longer_than_the_cluster_waits_without_harm(
    start: Callable[[], Trainer], tmp_path: Path
) -> None:
    trainer = start()
    specs = [replace(SHORT, seed=seed, epochs=20) for seed in range(6)]
    for spec in specs:
        trainer.submit(spec, f"v{spec.seed}")
    runs = [Run(tmp_path / spec.key) for spec in specs]
    most = 0

    def all_are_trained() -> bool:
        nonlocal most
        states = [run.last_status() for run in runs]
        most = max(most, sum(status.state in ("running", "keeping") for status in states))
        return all(status.state == "done" for status in states)

    wait_until(all_are_trained, seconds=PATIENCE)
    assert most == 2
    assert all(run.status().attempt == 1 for run in runs)


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


def test_a_worker_that_stands_still_is_replaced(
    start: Callable[[], Trainer], tmp_path: Path
) -> None:
    trainer = start()
    key = trainer.submit(LONG, "a")
    run = Run(tmp_path / key)
    wait_until(lambda: run.last_status().epoch >= 1, seconds=PATIENCE)

    os.kill(_pid_that_trains(run), signal.SIGSTOP)

    wait_until(lambda: run.last_status().attempt == 2, seconds=PATIENCE)
    epoch = run.status().epoch
    wait_until(lambda: run.last_status().epoch > epoch, seconds=PATIENCE)
    trainer.stop(key, "a")
    wait_until(run.is_sealed, seconds=PATIENCE)


def test_without_workers_or_scheduler_a_run_waits_and_then_goes_on(tmp_path: Path) -> None:
    cluster = DaskCluster(tmp_path / "dask")
    scheduler = cluster.start_scheduler()
    cluster.wait_for(workers=0)
    trainer = Trainer(tmp_path, DaskWorkers(cluster.address), Limits(hang_seconds=1)).start()
    try:
        key = trainer.submit(LONG, "a")
        run = Run(tmp_path / key)
        wait_until(lambda: not trainer.has_workers, seconds=30)
        assert _place(trainer, LONG) == 1

        worker = cluster.start_worker()
        wait_until(lambda: run.last_status().epoch >= 1, seconds=PATIENCE)
        assert trainer.has_workers
        assert run.status().attempt == 1

        scheduler.kill()
        wait_until(lambda: not trainer.has_workers, seconds=30)
        cluster.start_scheduler()
        cluster.start_worker()
        wait_until(lambda: worker.poll() is not None, seconds=PATIENCE)  # ends by itself
        wait_until(lambda: run.last_status().attempt == 2, seconds=PATIENCE)
        epoch = run.status().epoch
        wait_until(lambda: run.last_status().epoch > epoch, seconds=PATIENCE)
        trainer.stop(key, "a")
        wait_until(run.is_sealed, seconds=PATIENCE)
    finally:
        trainer.close()
        cluster.close()


def _place(trainer: Trainer, spec: TrainingSpec) -> int | None:
    ticket = trainer.ticket(spec.key)
    return None if ticket is None else ticket.place


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
