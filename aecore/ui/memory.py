"""Ask the C library to be thrifty: a free host gives as little as 690 MB."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

_M_ARENA_MAX = -8
_M_MMAP_THRESHOLD = -3
_FROM_BYTES = 256 * 1024


@cache
def be_thrifty() -> None:
    """Let all threads share two heaps, and give large arrays back as soon as they are freed.

    Every visitor's script runs in threads of its own, and glibc would give each thread its own
    heap, which keeps what it once held. Where the C library is not glibc nothing happens.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_M_ARENA_MAX, 2)
        library.mallopt(_M_MMAP_THRESHOLD, _FROM_BYTES)
