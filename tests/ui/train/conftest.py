"""A folder of runs for each test, and a trainer for it alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from aecore.ui.service import trainer


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of runs, and a trainer for it alone."""
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    st.cache_resource.clear()
    yield tmp_path
    trainer().close()
    st.cache_resource.clear()
