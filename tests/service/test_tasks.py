"""What every worker does before it trains, wherever it is."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, types
nothing = lambda *_: None
sys.modules["aecore.worker.training"] = types.SimpleNamespace(train=nothing, warm_up=nothing)
from aecore.service import tasks
tasks.{task}
assert "pandas" in sys.modules and sys.modules["pandas"] is None
"""


@pytest.mark.parametrize("task", ["warm_up()", "train('folder', 1.0, 1.0)"])
def test_a_worker_of_a_cluster_loads_nothing_that_training_does_not_use(task: str) -> None:
    program = [sys.executable, "-c", PROGRAM.format(task=task)]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr == ""
