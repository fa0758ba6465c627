"""Disk space for runs: which were used last, and removal of those that were not."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from aecore.runs import Run, RunStore

_USED = "used"
_REMOVED = ".removed-"


def mark_used(store: RunStore, names: AbstractSet[str]) -> None:
    """Note that these runs were used just now.

    The order of use is a number that grows, kept as the modification time of a file: no clock
    is asked, and a full disk is no obstacle.
    """
    newest = max(map(_last_use, store.runs()), default=0)
    for name in names & set(store.names()):
        file = store.root / name / _USED
        with suppress(OSError):
            file.touch()
            os.utime(file, ns=(newest + 1, newest + 1))


def _last_use(run: Run) -> int:
    try:
        return (run.folder / _USED).stat().st_mtime_ns
    except OSError:
        return 0


def make_room(store: RunStore, megabytes: int, is_kept: Callable[[str], bool]) -> bool:
    """Remove the least recently used finished runs until the rest fits; False if it does not.

    Runs that `is_kept` names, and runs that wait or train, stay whatever they weigh.
    """
    for grave in store.root.glob(f"{_REMOVED}*"):  # a server ended while it removed them
        shutil.rmtree(grave, ignore_errors=True)
    runs = store.runs()
    weights = {run.name: _weight(run) for run in runs}
    for run in sorted(runs, key=_last_use):
        if sum(weights.values()) <= megabytes * 1_000_000:
            break
        if run.last_status().is_over and not is_kept(run.name):
            remove(run)
            del weights[run.name]
    return sum(weights.values()) <= megabytes * 1_000_000


def remove(run: Run) -> None:
    """Remove a run's folder; a reader sees it whole or not at all."""
    grave = run.folder.with_name(f"{_REMOVED}{uuid4().hex}")
    try:
        run.folder.rename(grave)
    except OSError:
        logging.getLogger(__name__).warning("%s cannot be removed", run.name)
        return
    shutil.rmtree(grave, ignore_errors=True)


def _weight(run: Run) -> int:
    """Bytes of a run's files; somebody may remove them meanwhile."""
    total = 0
    for folder, _, files in os.walk(run.folder):
        for file in files:
            with suppress(OSError):
                total += Path(folder, file).stat().st_size
    return total
