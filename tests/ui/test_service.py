"""The door to the training service, without a browser."""

from __future__ import annotations

import asyncio
import signal
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from aecore.runs import Run
from aecore.service.folder_lock import lock_folder
from aecore.service.folders import Folders
from aecore.service.limits import Limits
from aecore.specs import TrainingSpec
from aecore.ui import opening
from aecore.ui.models import open_model, visitor_runs
from aecore.ui.service import browsers, trainer
from tests.bench.lab_server import LabServer
from tests.bench.student import Ledger, classroom
from tests.conftest import PROJECT, forget_the_service, in_its_own_loop, wait_until


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


def test_a_server_whose_folder_is_in_use_says_so_once_in_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    forget_the_service()
    with lock_folder(tmp_path) or nullcontext():
        opening.prepare()
        for _visit in range(2):
            test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
            test.run().switch_page("pages/train.py").run()
            assert "not set up for training" in test.error[0].value
    told = [record for record in caplog.records if "trains in" in record.getMessage()]
    assert len(told) == 1
    assert not any(record.exc_info for record in caplog.records)
    assert open_model("plain").code_size == 32  # all else is there


def test_a_value_that_cannot_be_obeyed_is_in_the_log_once_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    monkeypatch.setenv("AELAB_QUEUE_LENGTH", "many")
    forget_the_service()
    opening.prepare()
    assert trainer().limits == Limits()
    browsers()
    forget_the_service()
    assert caplog.text.count("AELAB_QUEUE_LENGTH must be a whole number") == 1


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
