"""The local worker: one process, and only what training needs in it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest

from aecore.service.tasks import warm_up
from aecore.service.workers import LocalWorker
from aecore.worker.memory import is_short_of_memory
from tests.conftest import wait_until

PATIENCE = 120


def test_two_first_visitors_start_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class SlowToStart:
        def submit(self, *_: object) -> Future[None]:
            return Future()

    def make(_: LocalWorker) -> SlowToStart:
        time.sleep(0.05)
        made.append(SlowToStart())
        return made[-1]

    monkeypatch.setattr(LocalWorker, "_new_executor", make)
    worker = LocalWorker(60)
    one_looks = threading.Thread(target=worker.warm_up)
    one_trains = threading.Thread(target=worker.train, args=("folder", "wish", 60.0, 60.0))
    for thread in (one_looks, one_trains):
        thread.start()
    for thread in (one_looks, one_trains):
        thread.join()
    assert len(made) == 1


def test_the_worker_loads_nothing_that_training_does_not_use_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Keras would load pandas, scikit-learn and more if it could: 110 MB for nothing."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    worker = LocalWorker(60, thrifty=True)
    try:
        worker._submit(warm_up).result(PATIENCE)
        loaded = worker._submit(
            lambda: {name for name, module in sys.modules.items() if module is not None}
        ).result(PATIENCE)
        assert worker._submit(is_short_of_memory).result(PATIENCE)
        assert list(tmp_path.rglob("*.py"))  # what TensorFlow made of Python functions
    finally:
        worker.close()
    assert not list(tmp_path.iterdir())
    assert "tensorflow" in loaded
    heavy = {"pandas", "pyarrow", "sklearn", "matplotlib", "IPython", "streamlit"}
    assert not loaded & heavy


def test_a_worker_may_be_told_to_stay_for_years() -> None:
    worker = LocalWorker(10**9)
    try:
        assert worker._submit(os.getpid).result(PATIENCE)
    finally:
        worker.close()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux")
def test_a_worker_that_died_just_now_weighs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until its server has taken notice, the system knows its number, but no memory of it."""
    died = subprocess.Popen([sys.executable, "-c", ""])
    wait_until(lambda: psutil.Process(died.pid).status() == psutil.STATUS_ZOMBIE, seconds=60)
    monkeypatch.setattr(LocalWorker, "processes", [died.pid])
    assert LocalWorker(60)._weight() == 0
    died.wait()


@pytest.mark.parametrize(
    ("thrifty", "weight", "stays"),
    [
        (True, 300_000_000, True),
        (True, 500_000_000, False),
        (False, 500_000_000, True),
        (False, 900_000_000, False),
    ],
)
def test_a_worker_that_has_grown_heavy_ends_with_its_task(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    weight: int,
    *,
    thrifty: bool,
    stays: bool,
) -> None:
    monkeypatch.setattr(LocalWorker, "_weight", lambda _: weight)
    worker = LocalWorker(60, thrifty=thrifty)
    try:
        first = worker._submit(os.getpid).result(PATIENCE)
        wait_until(lambda: (worker._last_use > 0) == stays, seconds=10)
        assert (worker._executor is not None) == stays
        wait_until(lambda: psutil.pid_exists(first) == stays, seconds=10)
        second = worker._submit(os.getpid).result(PATIENCE)
    finally:
        worker.close()
    assert (first == second) == stays
    assert not caplog.records
