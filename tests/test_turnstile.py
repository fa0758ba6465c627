"""The turnstile: a few pages at a time, and nobody is kept out for good."""

from __future__ import annotations

import threading

import pytest

from aecore.ui import turnstile as subject
from aecore.ui.turnstile import turnstile
from tests.conftest import wait_until


@pytest.fixture
def crowd() -> tuple[threading.Event, list[int], list[threading.Thread]]:
    """Six pages that stay inside until the event; the list holds who is in."""
    may_go, inside = threading.Event(), []

    def visit(number: int) -> None:
        with turnstile():
            inside.append(number)
            may_go.wait(30)

    return may_go, inside, [threading.Thread(target=visit, args=(i,)) for i in range(6)]


def test_a_few_go_in_at_a_time_and_the_others_follow(
    crowd: tuple[threading.Event, list[int], list[threading.Thread]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subject, "_PATIENCE", 30.0)
    may_go, inside, threads = crowd
    for thread in threads:
        thread.start()
    wait_until(lambda: len(inside) == 2, seconds=10)
    assert len(inside) == 2
    may_go.set()
    for thread in threads:
        thread.join(10)
    assert sorted(inside) == list(range(6))


def test_slow_pages_do_not_keep_the_others_out(
    crowd: tuple[threading.Event, list[int], list[threading.Thread]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subject, "_PATIENCE", 0.1)
    may_go, inside, threads = crowd
    for thread in threads:
        thread.start()
    wait_until(lambda: len(inside) == 6, seconds=10)
    may_go.set()
    for thread in threads:
        thread.join(10)


def test_a_page_that_fails_gives_its_place_back() -> None:
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), turnstile():
            _ = 1 / 0
    assert subject._places()._value == 2
