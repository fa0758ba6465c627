"""A real Dask cluster on this machine: a scheduler and some workers, each its own process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aecore.service.workers import DaskWorkers
from tests.conftest import PROJECT, free_port, wait_until


@contextmanager
def dask_cluster(scratch: Path, workers: int) -> Iterator[str]:
    """Start the cluster; yields the scheduler's address."""
    address = f"tcp://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    processes = [_start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")]
    for number in range(workers):
        place = str(scratch / f"worker-{number}")
        options = ("--nthreads", "1", "--no-dashboard", "--local-directory", place)
        processes.append(_start("worker", address, *options))
    pool = DaskWorkers(address)
    wait_until(lambda: _count(pool) == workers, seconds=60)
    pool.close()
    yield address
    for process in reversed(processes):
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # it ends a training first; nobody needs that any more
            process.kill()
            process.wait()


def _start(what: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
    return subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL)


def _count(pool: DaskWorkers) -> int:
    try:
        return pool.count()
    except OSError:
        return 0
