"""The door to the training service, without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from aecore.runs import Run
from aecore.service.folders import Folders
from aecore.service.trainer import Trainer
from aecore.specs import TrainingSpec
from tests.bench.lab_server import LabServer
from tests.bench.student import Ledger, classroom
from tests.conftest import PROJECT, in_its_own_loop


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    st.cache_resource.clear()
    yield tmp_path
    st.cache_resource.clear()


@pytest.mark.parametrize("something_waits", [True, False])
def test_what_a_server_left_goes_on_whichever_page_is_opened(
    runs: Path, monkeypatch: pytest.MonkeyPatch, *, something_waits: bool
) -> None:
    begun = []
    monkeypatch.setattr(Trainer, "from_environment", lambda root, *_, **__: begun.append(root))
    if something_waits:
        Folders(runs).ask(TrainingSpec("plain"))
    learn = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    assert not learn.exception
    assert begun == [runs] * something_waits


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
    assert server.process.returncode == 0  # it was not ended by force
    status = run.status()
    assert (status.state, status.attempt) == ("queued", 1)
    assert run.has_checkpoint()
