"""axe-core finds nothing on any page, light or dark; the keyboard's place is seen on both."""

from __future__ import annotations

import io
import re
from importlib.resources import files
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

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


def luminance(colour: str) -> float:
    """The relative luminance, by WCAG, of a colour as browsers write it: `rgb(29, 95, 158)`."""
    channels = [int(channel) / 255 for channel in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_place_of_the_keyboard_is_seen(lab_url: str, page: Page) -> None:
    page.goto(lab_url)
    settled(page)
    link = page.get_by_test_id("stTopNav").get_by_role("link", name="Train")
    knob = page.locator(".stSlider [data-focus-visible]")
    for dark in (False, True):
        if dark:
            darken(page)
        page.get_by_test_id("stTopNav").get_by_role("link", name="Learn").focus()
        page.keyboard.press("Tab")
        expect(link).to_be_focused()
        seen_around(page, link)
        page.locator(".stSlider input").first.focus()
        seen_around(page, knob)


def seen_around(page: Page, control: Locator) -> None:
    """It has an outline of two pixels and three times the contrast to the page."""
    expect(control).to_have_css("outline-style", "solid")
    expect(control).to_have_css("outline-width", "2px")
    assert contrast((control, "outlineColor"), (page.locator(".stApp"), "backgroundColor")) >= 3


def contrast(*shown: tuple[Locator, str]) -> float:
    """How much, by WCAG, two colours of elements differ."""
    one, other = (
        luminance(element.evaluate(f"e => getComputedStyle(e).{colour}"))
        for element, colour in shown
    )
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def colours(element: Locator) -> int:
    """How many colours one sees where an element is."""
    seen = Image.open(io.BytesIO(element.screenshot())).convert("RGB")
    return len(seen.getcolors(seen.width * seen.height) or [])


def test_forced_colours_leave_what_a_colour_alone_says(lab_url: str, page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(lab_url)
    settled(page)
    expect(page.locator(READY[""])).to_be_visible()
    chosen, other = (page.get_by_role("radio", name=digit, exact=True) for digit in "78")
    assert contrast((chosen, "backgroundColor"), (other, "backgroundColor")) >= 3
    assert contrast((chosen, "backgroundColor"), (chosen.locator("p"), "color")) >= 4.5
    assert colours(page.locator(".code.bars").first) > 1
    assert colours(page.locator(".stSlider [role=group] > div > div").first) > 1  # its track
    assert colours(page.locator(".code-board .numbers input").first) > 1
    page.goto(f"{lab_url}/latent")
    settled(page)
    expect(page.locator(READY["latent"])).to_be_visible()
    assert colours(page.locator(".legend i").first) > 1
    layer = page.locator("[data-layer=density]")
    before = layer.screenshot()
    layer.check()
    assert layer.screenshot() != before
    page.goto(f"{lab_url}/inside")
    settled(page)
    expect(page.locator(READY["inside"])).to_be_visible()
    assert colours(page.locator(".stage.filters canvas").first) > 10  # not only its grid
