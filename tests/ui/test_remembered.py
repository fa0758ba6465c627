"""What a browser is known by when it loads a page anew, and what nobody else learns."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from weakref import WeakValueDictionary

import pytest
from streamlit.testing.v1 import AppTest

from aecore.ui import remembered
from aecore.ui.questions import Prediction
from aecore.ui.remembered import Remembered
from tests.ui.test_predictions import opened, say
from tests.ui.test_predictions import visit as visit_of


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> pytest.MonkeyPatch:
    """A browser of this test alone."""
    use(monkeypatch, request.node.name)
    return monkeypatch


def use(patch: pytest.MonkeyPatch, name: str | None) -> None:
    """Let pages be opened in the browser of that name; None keeps no cookies."""
    patch.setattr(remembered, "browser_name", lambda: name)


def held(page: AppTest) -> Prediction | None:
    found: Prediction | None = visit_of(page).predictions.get("epoch")
    return found


@pytest.mark.usefixtures("browser")
def test_a_page_loaded_anew_knows_what_was_predicted() -> None:
    before = opened("train")
    say(before, "epoch", 3)
    again = opened("train")
    assert held(again) == Prediction(3)
    assert not {"predictions", "epoch"} & set(again.query_params)


def test_two_pages_that_a_browser_opens_at_once_know_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As it does when it opens the pages of yesterday again."""
    meeting = threading.Barrier(2)

    class Interrupted(WeakValueDictionary[str, Remembered]):
        """Python's own may be interrupted just so, between looking and writing."""

        def setdefault(self, key: str, default: Remembered) -> Remembered:  # type: ignore[override]
            found = self.get(key)
            with suppress(threading.BrokenBarrierError):
                meeting.wait(timeout=0.5)
            if found is None:
                self[key] = found = default
            return found

    browsers = Interrupted()
    monkeypatch.setattr(remembered, "_of_browsers", lambda: browsers)
    with ThreadPoolExecutor(2) as pages:
        first, second = pages.map(remembered._of_browser, ["a", "a"])
    assert first is second


@pytest.mark.parametrize("other", ["another", None])
def test_nobody_else_does(browser: pytest.MonkeyPatch, other: str | None) -> None:
    before = opened("train")
    say(before, "epoch", 3)
    use(browser, other)
    assert held(opened("train")) is None


@pytest.mark.usefixtures("browser")
def test_it_is_forgotten_with_the_last_page() -> None:
    last = [opened("train")]
    say(last[0], "epoch", 3)
    last.clear()
    gc.collect()
    assert held(opened("train")) is None
