"""The limit of open files."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import PROJECT

_SCRIPT = """
import resource
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
from aecore.ui.opening import obey_the_host
obey_the_host()
soft, still_hard = resource.getrlimit(resource.RLIMIT_NOFILE)
assert still_hard == hard
assert soft >= min(hard, 16_384), soft
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_server_may_open_more_files_than_systems_begin_with() -> None:
    subprocess.run(
        [sys.executable, "-c", _SCRIPT], cwd=PROJECT, check=True, stderr=subprocess.DEVNULL
    )
