"""Durations as visitors read them."""

from __future__ import annotations

from aecore.ui.language import _


def spoken_seconds(seconds: float) -> str:
    """A duration in words that need no exactness."""
    if seconds < 1.5:
        return _("1 second")
    if seconds < 90:
        return _("{seconds:.0f} seconds").format(seconds=seconds)
    if seconds < 2 * 3_600:
        return _("{minutes:.0f} minutes").format(minutes=seconds / 60)
    return _("{hours:.0f} hours").format(hours=seconds / 3_600)
