"""The turnstile: a few pages at a time, and nobody is kept out for good."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aecore.ui import turnstile as subject
from aecore.ui.turnstile import turnstile
from tests.conftest import wait_until


@pytest.fixture
def inside() -> list[int]:
    """Which of the crowd's pages got in."""
    return []


@contextmanager
def crowd(inside: list[int]) -> Iterator[None]:
    """Six pages that come at once, and that go when this ends."""
    may_go = threading.Event()

    def visit(number: int) -> None:
        with turnstile():
            inside.append(number)
            may_go.wait(30)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    yield
    may_go.set()
    for thread in threads:
        thread.join(10)


def test_a_few_go_in_at_a_time_and_the_others_follow(
    inside: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "_PATIENCE", 30.0)
    with crowd(inside):
        wait_until(lambda: len(inside) == 2, seconds=10)
        assert len(inside) == 2
    assert sorted(inside) == list(range(6))


def test_slow_pages_do_not_keep_the_others_out(
    inside: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "_PATIENCE", 0.1)
    with crowd(inside):
        wait_until(lambda: len(inside) == 6, seconds=10)


def test_a_page_that_fails_gives_its_place_back() -> None:
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), turnstile():
            _ = 1 / 0
    assert subject._PLACES._value == 2
