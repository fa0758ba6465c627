"""The door to the training service, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from aecore.service.folders import Folders
from aecore.service.trainer import Trainer
from aecore.specs import TrainingSpec
from tests.conftest import PROJECT


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
    monkeypatch.setattr(Trainer, "from_environment", lambda root, *_: begun.append(root))
    if something_waits:
        Folders(runs).ask(TrainingSpec("plain"))
    learn = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    assert not learn.exception
    assert begun == [runs] * something_waits
