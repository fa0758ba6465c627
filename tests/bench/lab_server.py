"""A server that a benchmark starts, stops and starts again; its address stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import PROJECT, answers, free_port

_START = 120.0
_STOP = 30.0


class LabServer:
    """`address` is host and port; `log`, if given, is the file that takes what it prints."""

    def __init__(self, runs: Path, *, log: Path | None = None, **environment: str) -> None:
        self._port = free_port()
        self._log = Path(os.devnull) if log is None else log
        self._environment = {**os.environ, "AELAB_RUNS": str(runs), **environment}
        self.address = f"127.0.0.1:{self._port}"
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start it in a session of its own, by which its workers are known; wait for an answer."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--server.port", str(self._port)],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START
        while not answers(f"http://{self.address}"):
            assert self.process.poll() is None, "the server ended at once"
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.1)

    def stop(self, how: int = signal.SIGTERM) -> float:
        """End it, by force if it does not go; the seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(how)
        try:
            self.process.wait(timeout=_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - begun
