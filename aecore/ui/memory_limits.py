"""Be thrifty with memory and processors: a free host gives little of either, to many visitors."""

from __future__ import annotations

import ctypes
from contextlib import suppress

from streamlit.components.v2.bidi_component import serialization
from threadpoolctl import threadpool_limits

_M_ARENA_MAX = -8
_M_MMAP_THRESHOLD = -3
_FROM_BYTES = 256 * 1024


def be_thrifty() -> None:
    """Let all threads share two heaps, give large arrays back at once, and multiply in one thread.

    Every visitor's script runs in threads of its own. glibc would give each thread its own heap,
    which keeps what it once held; where the C library is another one nothing happens. And BLAS
    would split a product of matrices among all processors, which then wait for each other in busy
    loops: for products as small as ours that costs more than it saves.

    And Streamlit loads pandas and PyArrow, 80 MB, to see whether what a component is sent is a
    data frame. None of ours ever is.
    """
    threadpool_limits(1, user_api="blas")
    serialization.is_dataframe_like = _never  # type: ignore[attr-defined]
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_M_ARENA_MAX, 2)
        library.mallopt(_M_MMAP_THRESHOLD, _FROM_BYTES)


def _never(obj: object) -> bool:  # noqa: ARG001 - as Streamlit's own
    return False
