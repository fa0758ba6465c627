"""One server for a folder: a lock of the operating system's, which ends with the process."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import IO


class FolderInUseError(Exception):
    """Another server trains in this folder."""


def lock_folder(root: Path) -> IO[bytes] | None:
    """Lock a folder of runs; closing the answer unlocks it.

    None where nothing can be written or the file system knows no locks. Raises FolderInUseError.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = root / ".server"
        if lock.exists() and not lock.is_file():  # a pipe would let us wait for ever
            logging.getLogger(__name__).warning("%s is no ordinary file: nothing is locked", lock)
            return None
        file = lock.open("ab")
    except OSError:
        logging.getLogger(__name__).warning("%s cannot be written to", root)
        return None
    try:
        _lock(file)
    except BlockingIOError as error:
        file.close()
        raise FolderInUseError(
            f"Another server trains in {root}. Give this one a folder of its own with AELAB_RUNS, "
            "or let both share the workers of a Dask scheduler: see docs/scaling.md."
        ) from error
    except OSError:
        logging.getLogger(__name__).warning("%s cannot be locked", root)
    return file


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
