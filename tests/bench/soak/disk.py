"""A small disk for the runs, which can be filled, and folders that can be made read-only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BALLAST = "ballast"
_KEEPS_TIMES_OF_ITS_OWN = "used"


class Disk:
    """`runs` lies on a file system of its own where this machine lets us mount one.

    Filling the disk and making the folder read-only need that (Linux, as root): permissions say
    nothing to root, and nobody else's disk should be filled.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.is_own = os.path.ismount(root)
        self.runs = root / "runs"
        self.runs.mkdir()

    @contextmanager
    def full(self) -> Iterator[None]:
        ballast = self.root / _BALLAST
        # Unbuffered: what a buffer still holds is written, in vain, when the file is closed.
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))
        try:
            yield
        finally:
            ballast.unlink(missing_ok=True)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        _run("mount", "--bind", str(self.runs), str(self.runs))
        try:
            _run("mount", "-o", "remount,bind,ro", str(self.runs))
            yield
        finally:
            _run("umount", "--lazy", str(self.runs))

    def age(self, seconds: float) -> None:
        """Let all files be older by `seconds` (younger if negative): the clock was moved.

        Those whose time is no time, but a number that we gave, stay.
        """
        by = int(seconds * 1e9)
        for file in self.runs.rglob("*"):
            with suppress(OSError):
                if file.is_file() and file.name != _KEEPS_TIMES_OF_ITS_OWN:
                    then = file.stat().st_mtime_ns - by
                    os.utime(file, ns=(then, then))


@contextmanager
def small_disk(root: Path, megabytes: int) -> Iterator[Disk]:
    root.mkdir()
    size = f"size={megabytes}m"
    with suppress(OSError, subprocess.CalledProcessError):
        _run("mount", "-t", "tmpfs", "-o", size, "tmpfs", str(root))
    try:
        yield Disk(root)
    finally:
        if os.path.ismount(root):
            _run("umount", "--lazy", str(root))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
