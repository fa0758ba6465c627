"""The door to the training service, without a browser."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import psutil
import pytest

from aecore.runs import Run
from aecore.service.folders import Folders
from aecore.service.trainer import Trainer
from aecore.specs import TrainingSpec
from aecore.ui import opening
from aecore.ui.models import open_model, visitor_runs
from tests.bench.lab_server import LabServer
from tests.bench.student import Ledger, classroom
from tests.conftest import in_its_own_loop, wait_until


def test_what_a_server_left_goes_on_before_anybody_comes(tmp_path: Path) -> None:
    spec = TrainingSpec("plain", images=10_000, epochs=2)
    Folders(tmp_path).ask(spec)
    server = LabServer(tmp_path)
    server.start()
    try:
        wait_until(lambda: Run(tmp_path / spec.key).last_status().is_over, seconds=120)
        idle = psutil.Process(server.process.pid).children(recursive=True)
    finally:
        server.stop()
    assert Run(tmp_path / spec.key).status().state == "done"
    assert idle
    _gone, left = psutil.wait_procs(idle, timeout=10)
    assert not left


def test_a_value_that_is_refused_is_in_the_log_from_the_start(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused() -> Trainer:
        return Trainer.from_environment(
            Path("runs"), {"AELAB_QUEUE_LENGTH": "many"}, is_connected=lambda _: False
        )

    monkeypatch.setattr(opening, "trainer", refused)
    opening.prepare()
    assert "AELAB_QUEUE_LENGTH must be a whole number" in caplog.text
    assert open_model("plain").code_size == 32  # all else is there


def test_a_variable_that_is_empty_is_as_good_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AELAB_RUNS", raising=False)
    usual = visitor_runs().root
    monkeypatch.setenv("AELAB_RUNS", "")
    assert visitor_runs().root == usual


def test_a_server_that_is_stopped_ends_its_worker_and_leaves_the_training_to_the_next(
    tmp_path: Path,
) -> None:
    spec = TrainingSpec("plain", images=60_000, epochs=60)
    run = Run(tmp_path / spec.key)
    server = LabServer(tmp_path)

    async def train() -> None:
        async with classroom(server.address, Ledger(), 1) as (student,):
            await student.open("train", "images=60000&epochs=60")
            await student.press("Train")
            while not run.has_checkpoint():
                await asyncio.sleep(0.1)

    server.start()
    try:
        in_its_own_loop(train())
    finally:
        server.stop()
    assert server.process.returncode == -signal.SIGTERM  # it was not ended by force
    status = run.status()
    assert (status.state, status.attempt) == ("queued", 1)
    assert run.has_checkpoint()
