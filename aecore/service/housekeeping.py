"""Disk space for runs: which were used last, and removal of those that were not."""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from aecore.runs import Run, RunStore

_USED = "used"
_STEP = 2_000_000_000
"""Nanoseconds between two uses: some file systems keep times no finer than that."""

_REMOVED = ".removed-"

_KEY = re.compile(r"[0-9a-f]{16}")
"""The name of a folder that a visitor's run has; nobody else's is touched."""

_LEFT = 3_600.0
"""Seconds after which nobody is still about to finish a file or a folder."""


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
            os.utime(file, ns=(newest + _STEP, newest + _STEP))


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
    _remove_half_made_runs(store, is_kept)
    runs = store.runs()
    for run in runs:
        if run.last_status().is_over:
            _remove_half_written_files(run)
    weights = {run.name: _weight(run) for run in runs}
    for run in sorted(runs, key=_last_use):
        if sum(weights.values()) <= megabytes * 1_000_000:
            break
        if run.last_status().is_over and not is_kept(run.name):
            remove(run)
            del weights[run.name]
    return sum(weights.values()) <= megabytes * 1_000_000


def _remove_half_made_runs(store: RunStore, is_kept: Callable[[str], bool]) -> None:
    """What a server left that was killed before it had written the spec, which comes last."""
    for folder in store.root.glob("*"):
        is_run_s = _KEY.fullmatch(folder.name) and not is_kept(folder.name)
        if is_run_s and _is_half_made(folder):
            remove(Run(folder))


def _is_half_made(folder: Path) -> bool:
    try:
        is_folder = folder.is_dir() and not folder.is_symlink()
        return is_folder and not (folder / "spec.json").exists() and _was_left(folder)
    except OSError:  # it cannot be read just now
        return False


def _remove_half_written_files(run: Run) -> None:
    """What a worker left that was killed while it wrote: see `aecore.runs.write_atomically`."""
    with suppress(OSError):
        for file in run.folder.rglob(".*"):
            if _was_left(file):
                file.unlink()


def _was_left(path: Path) -> bool:
    return time.time() - path.lstat().st_mtime > _LEFT


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
