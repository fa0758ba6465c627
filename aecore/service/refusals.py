"""Why a wish cannot be granted now, and when it can."""

from __future__ import annotations


class RefusedError(Exception):
    """A wish that cannot be granted now; the subclasses say why.

    seconds  when to come back, as far as we know
    count    the limit that is reached, if it is a number
    """

    def __init__(self, seconds: float | None = None, count: int | None = None) -> None:
        super().__init__(f"{type(self).__name__}: again in {seconds} s")
        self.seconds = seconds
        self.count = count


class QueueFullError(RefusedError):
    """As many jobs wait as may wait."""


class OneIsWaitingError(RefusedError):
    """The visitor has another job waiting."""


class VisitorTrainsTooOftenError(RefusedError):
    """The visitor asked for as many trainings within an hour as one may."""


class ServerTrainsTooOftenError(RefusedError):
    """All visitors together did."""


class NoRoomError(RefusedError):
    """The runs that are open fill the disk space that runs may take."""


class HostTooSmallError(RefusedError):
    """The host has too little memory for any training."""


class CannotWriteError(RefusedError):
    """The runs' folder is full or read-only."""
