"""Visitors who have seen all answers: for tests of what stands behind a prediction."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from aecore.ui.questions import QUESTION, Prediction
from aecore.ui.state import Visit
from tests.conftest import settled


def everything_seen() -> Visit:
    """The visit of somebody who pressed "Just show me" at every question."""
    return Visit(predictions={name: Prediction(None) for name in QUESTION})


def see_everything(page: Page) -> None:
    """Press "Just show me" at every question of the page, and go back to its head."""
    buttons = page.get_by_role("button", name="Just show me")
    expect(buttons.first).to_be_visible()
    settled(page)  # with all its questions
    while left := buttons.count():
        buttons.first.click()
        expect(buttons).to_have_count(left - 1)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
