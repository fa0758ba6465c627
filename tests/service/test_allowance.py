"""How many trainings may begin within an hour."""

from __future__ import annotations

import pytest

from aecore.service.allowance import Allowance
from aecore.service.limits import Limits
from aecore.service.refusals import (
    RefusedError,
    ServerTrainsTooOftenError,
    VisitorTrainsTooOftenError,
)
from tests.service.fakes import Clock

HOUR = 3_600.0


def allowance(*, server: int, visitor: int) -> tuple[Allowance, Clock]:
    clock = Clock()
    limits = Limits(trainings_an_hour=server, browser_trainings_an_hour=visitor)
    return Allowance(limits, clock), clock


def test_one_visitor_may_begin_so_many_within_an_hour() -> None:
    mine, clock = allowance(server=99, visitor=2)
    mine.take("a")
    clock.passes(600)
    mine.take("a")
    clock.passes(600)
    with pytest.raises(VisitorTrainsTooOftenError) as caught:
        mine.take("a")
    assert (caught.value.count, caught.value.seconds) == (2, HOUR - 1_200)
    mine.take("b")
    clock.passes(HOUR - 1_200)
    mine.take("a")
    with pytest.raises(VisitorTrainsTooOftenError):
        mine.take("a")


def test_all_together_may_begin_so_many_within_an_hour() -> None:
    mine, clock = allowance(server=3, visitor=2)
    for visitor in "abc":
        mine.take(visitor)
        clock.passes(60)
    with pytest.raises(ServerTrainsTooOftenError) as caught:
        mine.take("d")
    assert (caught.value.count, caught.value.seconds) == (3, HOUR - 180)
    clock.passes(HOUR - 180)
    mine.take("d")


def test_what_is_refused_does_not_count() -> None:
    mine, clock = allowance(server=1, visitor=9)
    mine.take("a")
    for _ in range(5):
        clock.passes(HOUR / 6)
        with pytest.raises(RefusedError):
            mine.take("b")
    clock.passes(HOUR / 6)
    mine.take("b")


def test_what_could_not_begin_does_not_count() -> None:
    mine, clock = allowance(server=9, visitor=2)
    mine.take("a")
    clock.passes(HOUR / 2)
    mine.take("a")
    mine.give_back("a")
    mine.give_back("b")  # who took none
    mine.take("a")
    with pytest.raises(VisitorTrainsTooOftenError):
        mine.take("a")
    clock.passes(HOUR / 2)
    mine.take("a")


def test_a_server_may_allow_none() -> None:
    mine, _ = allowance(server=0, visitor=9)
    with pytest.raises(ServerTrainsTooOftenError):
        mine.take("a")
