"""A real Dask cluster on this machine: a scheduler and some workers, each its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aecore.service.workers import DaskWorkers
from tests.conftest import PROJECT, free_port, wait_until


class DaskCluster:
    """Processes that can be started and killed one by one; the address stays."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._port = str(free_port())
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        return self._start(
            "scheduler", "--host", "127.0.0.1", "--port", self._port, "--no-dashboard"
        )

    def start_worker(self) -> subprocess.Popen[bytes]:
        place = str(self._scratch / f"worker-{len(self._processes)}")
        options = ("--nthreads", "1", "--memory-limit", "0", "--no-dashboard")
        return self._start("worker", self.address, *options, "--local-directory", place)

    def wait_for(self, workers: int) -> None:
        """Wait until that many workers are there."""
        pool = DaskWorkers(self.address)
        wait_until(lambda: _count(pool) == workers, seconds=60)
        pool.close()

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(timeout=3)
            except subprocess.TimeoutExpired:  # it ends a training first; nobody needs that
                process.kill()
                process.wait()

    def _start(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
        environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "6s"}
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL)
        self._processes.append(process)
        return process


@contextmanager
def dask_cluster(scratch: Path, workers: int) -> Iterator[str]:
    """Start a cluster; yields the scheduler's address."""
    cluster = DaskCluster(scratch)
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        cluster.wait_for(workers)
        yield cluster.address
    finally:
        cluster.close()


def _count(pool: DaskWorkers) -> int:
    try:
        return pool.count()
    except OSError:
        return 0
