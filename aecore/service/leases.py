"""Who may train a run: numbered claim files, so that several servers can share one folder.

A claim is a file `claim-0001`, made with O_CREAT | O_EXCL, which exactly one process can do,
also on a network file system. Whoever finds the claim's owner dead makes the next number; the
highest number counts. A worker is told the number it works under and gives up when it sees a
higher one: so two workers never fill the same folder for long.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from aecore.runs import Run


@dataclass(frozen=True)
class Claim:
    """The right to train a run. `number` grows with every change of owner."""

    number: int
    owner: str


def current_claim(run: Run) -> Claim | None:
    """The claim that counts, or None while nobody has claimed the run."""
    files = sorted(run.folder.glob("claim-*"))
    while files:
        file = files.pop()
        with contextlib.suppress(OSError, ValueError):
            return Claim(int(file.name.removeprefix("claim-")), file.read_text(encoding="ascii"))
    return None


def make_claim(run: Run, owner: str, *, after: Claim | None) -> Claim | None:
    """Claim a run whose current claim is `after`; None if somebody else was faster.

    Raises OSError when the disk is full or read-only.
    """
    number = 1 if after is None else after.number + 1
    try:
        with _file(run, number).open("x", encoding="ascii") as handle:
            handle.write(owner)
    except FileExistsError:
        return None
    return Claim(number, owner)


def is_overruled(run: Run, number: int) -> bool:
    """Whether somebody made a later claim than `number` (or removed the folder)."""
    return _file(run, number + 1).exists() or not _file(run, number).exists()


def _file(run: Run, number: int) -> Path:
    return run.folder / f"claim-{number:04d}"
