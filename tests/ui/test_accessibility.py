"""axe-core finds nothing on any page, light or dark."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import settled
from tests.ui.seen import see_everything

PAGES = ("", "train", "draw", "denoise", "latent", "inside", "teaching")

READY = {
    "": "button.reset:not(:empty)",  # the board of code sliders has its words
    "latent": '.lab-map[data-ready="true"]',
    "inside": '.lab-inside[data-ready="true"]',
}
"""What is there when a page is there."""

NO_FADING = ".stElementContainer { opacity: 1 !important; transition: none !important }"
"""While a script runs, Streamlit fades what it wrote before: for a moment, too pale to read."""

FADED = """() => Promise.allSettled(document.getAnimations()
    .filter(each => each instanceof CSSTransition).map(each => each.finished))"""
"""Colours are what they will be."""

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # off unless asked for
}


def violations(page: Page) -> list[str]:
    """Each violated rule with the elements that violate it, and how."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", OPTIONS)
    return [
        f"{rule['id']}: {node['html']}\n{node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_what_newer_axe_asks_for(page: Page) -> None:
    """Rules of axe 4.14 that the version at hand does not know yet."""
    for button in page.locator(".legend button, .zoom button").all():
        name = button.get_attribute("aria-label") or ""
        assert button.inner_text() in name or not button.inner_text().isalnum()
    assert page.locator("figure[role]").count() == 0


def darken(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".stApp")).to_have_css("color-scheme", "dark")
    page.evaluate(FADED)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(lab_url: str, page: Page, path: str) -> None:
    """In the light the questions, in the dark the answers."""
    page.goto(f"{lab_url}/{path}")
    settled(page)
    if path in READY:
        expect(page.locator(READY[path])).to_be_visible()
    page.add_style_tag(content=NO_FADING)
    assert violations(page) == []
    assert_what_newer_axe_asks_for(page)
    if path != "teaching":
        see_everything(page)
        expect(page.get_by_role("heading", name="What you predicted")).to_be_visible()
        if path == "denoise":
            expect(page.locator('[data-testid="stVegaLiteChart"] svg.marks')).to_be_visible()
        settled(page)
    darken(page)
    assert violations(page) == []


def test_axe_finds_nothing_in_what_is_handed_out(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/train")
    settled(page)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_alt_text("QR code of the link to this page")).to_be_visible()
    settled(page)
    page.add_style_tag(content=NO_FADING)
    assert violations(page) == []
    darken(page)
    assert violations(page) == []
