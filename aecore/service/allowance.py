"""How many trainings may begin within an hour: of one visitor, and of all together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from aecore.service.limits import Limits
from aecore.service.refusals import ServerTrainsTooOftenError, VisitorTrainsTooOftenError

_HOUR = 3_600.0


class Allowance:
    """Remembers who began a training within the last hour, on a clock of seconds."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._visitor_s = limits.browser_trainings_an_hour
        self._server_s = limits.trainings_an_hour
        self._clock = clock
        self._begun: deque[tuple[float, str]] = deque()

    def take(self, visitor: str) -> None:
        """Count one more training of this visitor.

        Raises VisitorTrainsTooOftenError or ServerTrainsTooOftenError, and counts nothing.
        """
        now = self._clock()
        while self._begun and self._begun[0][0] <= now - _HOUR:
            self._begun.popleft()
        mine = [begun for begun, whose in self._begun if whose == visitor]
        if len(mine) >= self._visitor_s:
            raise VisitorTrainsTooOftenError(_until_free(mine, now), self._visitor_s)
        if len(self._begun) >= self._server_s:
            all_begun = [begun for begun, _ in self._begun]
            raise ServerTrainsTooOftenError(_until_free(all_begun, now), self._server_s)
        self._begun.append((now, visitor))

    def give_back(self, visitor: str) -> None:
        """Do not count the last training of this visitor: it could not begin after all."""
        mine = [each for each in self._begun if each[1] == visitor]
        if mine:
            self._begun.remove(mine[-1])


def _until_free(begun: list[float], now: float) -> float:
    """Seconds until the first of them is an hour old."""
    return begun[0] + _HOUR - now if begun else _HOUR
