"""Streamlit's own controls have names in the visitor's language."""

from __future__ import annotations

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
