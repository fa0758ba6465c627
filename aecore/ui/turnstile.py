"""A turnstile for pages: when a whole class clicks in the same second, a few at a time are made.

Python runs one thread at a time. Thirty pages made together all come when the last one is ready,
and slower, for the threads wake each other; one after another, half of them come in half the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

_PLACES = Semaphore(2)
_PATIENCE = 1.0
"""Seconds after which one goes in anyway, lest a page that is slow to make keeps others out."""


@contextmanager
def turnstile() -> Iterator[None]:
    """Wait for a place, and give it back at the end, however the page ends."""
    is_mine = _PLACES.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        if is_mine:
            _PLACES.release()
