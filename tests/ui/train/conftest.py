"""A folder of runs for each test, and a trainer for it alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import forget_the_service


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of runs, and a trainer for it alone."""
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    forget_the_service()
    yield tmp_path
    forget_the_service()
