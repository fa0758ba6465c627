"""Which processors a server takes, and which are left to its worker."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import PROJECT

_SCRIPT = """
import os, threading
from aecore.service.workers import LocalWorker
from aecore.ui.opening import obey_the_host

allowed = os.sched_getaffinity(0)
threading.Thread(target=threading.Event().wait, daemon=True).start()
obey_the_host()
kept = {frozenset(os.sched_getaffinity(int(thread))) for thread in os.listdir("/proc/self/task")}
assert len(kept) == 1, kept
(one,) = kept
assert len(one) == 1 and one <= allowed, one

worker = LocalWorker(5)
has = worker._submit(os.sched_getaffinity, 0).result()
worker.close()
assert has == allowed, has
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be asked for it")
def test_a_server_keeps_to_one_processor_and_its_worker_has_them_all() -> None:
    subprocess.run(
        [sys.executable, "-c", _SCRIPT], cwd=PROJECT, check=True, stderr=subprocess.DEVNULL
    )
