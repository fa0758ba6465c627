"""The worker's memory: giving back what is not in use, and whether a worker was killed for it."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

_COUNTERS = Path("/proc/vmstat")
_MACHINE = Path("/proc/sys/kernel/random/boot_id")
_MAPS = Path("/proc/self/smaps")
_DONTNEED = 4
_LARGE = 16_000_000


def is_short_of_memory() -> bool:
    """Whether the server told this worker, when it started it, that memory is short here."""
    return os.environ.get("AELAB_THRIFTY") == "1"


def give_back() -> None:
    """Give back what malloc keeps for later, and let go of the large libraries' code.

    Reading a page of a library brings its neighbours along, of which most are never used; what is
    used again is found again where the operating system keeps files. Nothing happens where the C
    library is another one.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        _let_go("r-xp")


def give_back_tables() -> None:
    """Let go of the tables that only loading the large libraries needed; once is enough."""
    with suppress(OSError, AttributeError):
        _let_go("r--p")


def _let_go(rights: str) -> None:
    library = ctypes.CDLL("libc.so.6")
    for found, start, length in _large_libraries():
        if found == rights:
            library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _DONTNEED)


@cache
def _large_libraries() -> list[tuple[str, int, int]]:
    """Where large libraries lie unchanged in memory: rights, addresses and lengths of their parts.

    A part that was written to, be it while it was loaded, is not in its file and must stay. Asked
    for first when TensorFlow is there, and then known: looking takes longer than giving back.
    """
    found = []
    for line in _MAPS.read_text(encoding="utf-8").splitlines():
        name, *values = line.split()
        if "-" in name:
            start, end = (int(each, 16) for each in name.split("-"))
            rights = values[0]
            is_library = "w" not in rights and line.endswith((".so", ".so.2"))
            is_large = is_library and end - start >= _LARGE
        elif is_large and name == "Anonymous:" and values[0] == "0":
            found.append((rights, start, end - start))
    return found


def memory_kills() -> str:
    """Which machine this is, and how many processes it has killed for want of memory.

    "" where nobody counts. It is written down when a training begins, to be compared with the
    count after the worker died: the killed process itself cannot tell.
    """
    with suppress(OSError):
        for line in _COUNTERS.read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return f"{_MACHINE.read_text(encoding='ascii').strip()} {line.split()[1]}"
    return ""


def was_killed_for_memory(before: str, now: str) -> bool:
    """Whether the same machine has killed a process for memory between two counts."""
    machine, _space, count = before.partition(" ")
    machine_now, _space, count_now = now.partition(" ")
    return machine == machine_now != "" and count != count_now
