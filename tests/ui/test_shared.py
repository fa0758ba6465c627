"""What is made once for all visitors: asked for together, made once; forgotten when it failed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from aecore.ui.shared import shared


def test_who_asks_while_it_is_made_waits_for_the_same_answer() -> None:
    made, go_on = [], Event()

    @shared(2)
    def opened(name: str) -> object:
        made.append(name)
        assert go_on.wait(10)
        return object()

    together = Barrier(9)

    def ask(name: str) -> object:
        together.wait(10)
        return opened(name)

    with ThreadPoolExecutor(8) as visitors:
        answers = [visitors.submit(ask, "plain") for _ in range(8)]
        together.wait(10)
        go_on.set()
        assert len({id(each.result(10)) for each in answers}) == 1
    assert made == ["plain"]


def test_the_least_recently_asked_for_is_made_anew() -> None:
    made = []

    @shared(2)
    def opened(name: str) -> str:
        made.append(name)
        return name.upper()

    assert [opened(name) for name in ("plain", "deep", "plain", "conv", "plain", "deep")] == [
        "PLAIN", "DEEP", "PLAIN", "CONV", "PLAIN", "DEEP",
    ]  # fmt: skip
    assert made == ["plain", "deep", "conv", "deep"]


def test_what_failed_is_tried_again() -> None:
    broken = True

    @shared(2)
    def opened(name: str) -> str:
        if broken:
            raise ValueError(name)
        return name

    for _ in range(2):
        with pytest.raises(ValueError, match="plain"):
            opened("plain")
    broken = False
    assert opened("plain") == "plain"
