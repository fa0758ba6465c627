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
    questions = page.locator("[class*='st-key-predict_']")
    expect(questions.first).to_be_visible()
    settled(page)
    while questions.count():
        classes = questions.first.get_attribute("class") or ""
        question = page.locator("." + next(c for c in classes.split() if "st-key-predict_" in c))
        question.get_by_role("button", name="Just show me").click()
        expect(question).to_have_count(0)
        settled(page)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
