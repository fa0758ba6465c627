"""Streamlit's own controls have names in the visitor's language, and answers are read aloud."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import settled

ENGLISH = """() => [...document.querySelectorAll("[aria-label]")]
    .map(each => each.ariaLabel)
    .filter(name => !/[^\\x00-\\x7f]/.test(name) && /[a-z]{4}/i.test(name))"""
"""The names that hold no Chinese, but English words."""


def test_no_control_has_an_english_name_in_chinese(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/train?language=zh")
    settled(page)
    expect(page.get_by_role("button", name="说明：轮数")).to_be_visible()
    page.get_by_role("button", name="上传权重").click()
    expect(page.get_by_test_id("stFileUploaderDropzoneInput")).to_be_attached()
    assert page.evaluate(ENGLISH) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="分享").click()
    expect(page.get_by_role("button", name="关闭").first).to_be_visible()
    assert page.evaluate(ENGLISH) == []
    expect(page.get_by_test_id("stSkipToContent")).to_have_text("跳到正文")


def test_names_follow_the_language_there_and_back(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/denoise")
    settled(page)
    steps = page.get_by_test_id("stNumberInputStepUp").first
    expect(steps).to_have_accessible_name("One step more")
    page.get_by_role("radio", name="中文").click()
    expect(steps).to_have_accessible_name("加一档")
    page.get_by_role("radio", name="English").click()
    expect(steps).to_have_accessible_name("One step more")


def test_an_answer_is_read_aloud_when_it_comes_and_not_with_the_page(
    lab_url: str, page: Page
) -> None:
    page.goto(f"{lab_url}/draw")
    settled(page)
    region = page.locator(".st-key-announced_same_five").get_by_role("status")
    region.evaluate("region => { window.known = region; }")
    question = page.locator(".st-key-predict_same_five")
    question.get_by_role("spinbutton").fill("3")
    question.get_by_role("button", name="That is my prediction").click()
    expect(region).to_have_text(re.compile(r"^You said: 3 rows; It is: \d rows?$"))
    assert region.evaluate("region => region === window.known")  # readers hear of no other
    expect(page.locator(".st-key-predicted_same_five")).to_be_focused()  # goes on from there
    page.locator(".st-key-predicted_same_five").get_by_role("button", name="Ask me again").click()
    expect(question).to_be_focused()
    question.get_by_role("button", name="Just show me").press("Enter")
    expect(page.locator(".st-key-predicted_same_five")).to_be_focused()
    menu = page.get_by_test_id("stTopNav")
    for name in ("Denoise", "Draw"):
        menu.get_by_role("link", name=name).click()
        expect(page).to_have_title(re.compile(name))
        settled(page)
    expect(page.locator(".st-key-predicted_same_five .verdict")).to_be_visible()
    expect(region).to_have_text("")
