"""How much memory this host gives the lab, and what the lab decides by it.

A free host gives a container a fraction of the machine, and says so in its control group: what
the machine has as a whole means nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MEGABYTE = 1_000_000

ENOUGH_TO_TRAIN = 600
"""Megabytes: the server (150), a worker that trains the largest network thriftily (400), and room
for the pages of their libraries. With less, these are read from disk over and over."""

PLENTY = 1_500
"""Megabytes: from here on a worker may compile loops as a whole and stay ready while idle."""

_SHORT_IDLE_SECONDS = 60
_UNLIMITED = 1 << 60
"""Bytes: control groups of version 1 write a number near 2^63 for no limit."""


@dataclass(frozen=True)
class Host:
    """Where the lab runs. `memory` is in bytes; None where the system does not say."""

    memory: int | None = None

    @classmethod
    def read(cls, root: Path = Path("/")) -> Self:
        """The host as the files of Linux below `root` describe it: its tightest limit."""
        return cls(min([*_group_limits(root), *_machine_memory(root)], default=None))

    @property
    def megabytes(self) -> int | None:
        return None if self.memory is None else self.memory // MEGABYTE

    @property
    def can_train(self) -> bool:
        """Whether a worker fits beside the server."""
        return self.memory is None or self.memory >= ENOUGH_TO_TRAIN * MEGABYTE

    @property
    def is_short_of_memory(self) -> bool:
        """Whether a worker has to be thrifty, at the price of some speed in long trainings."""
        return self.memory is not None and self.memory < PLENTY * MEGABYTE

    def idle_seconds(self, usual: int) -> int:
        """How long an idle worker may live on."""
        return min(usual, _SHORT_IDLE_SECONDS) if self.is_short_of_memory else usual

    def in_words(self) -> str:
        """One line for the log."""
        if self.memory is None:
            return "This system does not say how much memory the lab may use."
        if not self.can_train:
            follows = f"too little to train (that takes {ENOUGH_TO_TRAIN} MB); all else works"
        elif self.is_short_of_memory:
            follows = "enough to train thriftily"
        else:
            follows = "plenty"
        return f"The lab may use {self.megabytes:,} MB of memory: {follows}."


def _group_limits(root: Path) -> Iterator[int]:
    """The limits of this process's memory group and of the groups around it."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _number, controllers, path = line.split(":", 2)
        if controllers == "":
            yield from _limits_along(root / "sys/fs/cgroup", path, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _limits_along(root / "sys/fs/cgroup/memory", path, "memory.limit_in_bytes")


def _limits_along(mount: Path, path: str, file: str) -> Iterator[int]:
    """What `file` says in a group's folder and in those above it.

    In a container the path may be that of the host; its own group then lies at the mount itself.
    """
    folder = mount / path.lstrip("/")
    for each in (folder, *folder.parents):
        with suppress(OSError, ValueError):  # "max", or no such file
            limit = int((each / file).read_text(encoding="ascii"))
            if limit < _UNLIMITED:
                yield limit
        if each == mount:
            return


def _machine_memory(root: Path) -> Iterator[int]:
    with suppress(OSError):
        for line in (root / "proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemTotal:"):
                yield int(line.split()[1]) * 1024
