"""Denoise in a real browser: the chart, the levels, the numbers under the pictures."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.conftest import settled, wait_until
from tests.ui.engine.test_live import Visitor, grey, server_grey
from tests.ui.seen import see_everything

SIZES = "heads => heads.map((head) => parseFloat(getComputedStyle(head).fontSize))"
"""The sizes of headings' letters."""

LINES = "parts => new Set(parts.map((part) => part.getBoundingClientRect().top)).size"


def lines_of_kinds(page: Page) -> int:
    """In how many lines the kinds of noise stand."""
    kinds = page.locator(".st-key-bound_noise_kind button")
    expect(kinds).to_have_count(4)
    return int(kinds.evaluate_all(LINES))


def open_denoise(page: Page, lab_url: str, query: str = "") -> None:
    page.goto(f"{lab_url}/denoise{query}")
    expect(page.get_by_text("A slip in the chapter's last snippet")).to_be_visible(timeout=90_000)
    settled(page)


def test_pictures_numbers_and_chart(page: Page, lab_url: str) -> None:
    open_denoise(page, lab_url)
    assert lines_of_kinds(page) == 1
    page.set_viewport_size({"width": 1920, "height": 1080})
    assert lines_of_kinds(page) == 1
    see_everything(page)
    expect(page.locator(".attempts figure").filter(has_text="With noise")).to_contain_text("PSNR")
    expect(page.locator(".attempts figure").filter(has_text="Median")).to_contain_text("SSIM")
    expect(page.locator(".attempts figure.best")).to_have_count(1)
    expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()


def test_more_noise_lowers_the_psnr(page: Page, lab_url: str) -> None:
    open_denoise(page, lab_url)
    see_everything(page)
    noisy = page.locator(".attempts figure").filter(has_text="With noise").locator("figcaption")

    def decibels() -> float:
        found = re.search(r"PSNR ([0-9.]+)", noisy.inner_text())
        assert found is not None
        return float(found[1])

    before = decibels()
    slider = page.get_by_role("slider", name=re.compile("σ of the noise"))
    slider.focus()
    slider.press("End")
    wait_until(lambda: decibels() < before - 2, seconds=30)


def test_the_networks_follow_the_slider_and_filters_its_end(page: Page, lab_url: str) -> None:
    visitor = Visitor(page)
    visitor.open(f"{lab_url}/denoise?models=plain,denoise,pca&filters=median")
    assert page.locator(".attempts span").count() == 0  # no place for numbers: nobody predicted
    see_everything(page)
    settled(page)
    track = page.locator(".st-key-bound_noise_level [data-testid=stSlider]").bounding_box()
    thumb = page.locator(".st-key-bound_noise_level input").bounding_box()
    assert track is not None
    assert thumb is not None
    attempts = page.locator(".attempts .attempt")
    sent, height = visitor.sent, thumb["y"] + thumb["height"] / 2
    page.mouse.move(thumb["x"] + thumb["width"] / 2, height)
    page.mouse.down()
    page.mouse.move(track["x"] + 0.6 * track["width"], height, steps=5)
    expect(page.locator(".attempts canvas.live")).to_have_count(4)  # the noisy one and three models
    expect(attempts.filter(has_text="Median")).to_have_class(re.compile("behind"))
    shown = [grey(canvas) for canvas in page.locator(".attempts canvas.live").all()]
    numbers = attempts.locator("span").all_inner_texts()
    assert visitor.sent == sent
    page.mouse.up()
    expect(page.locator(".attempts canvas.live")).to_have_count(0)
    settled(page)
    pictures = page.locator(".attempts figure img")
    for number, picture in enumerate(shown, start=1):
        assert abs(server_grey(pictures.nth(number)) - picture).max() <= 1
    for here, there in zip(attempts.locator("span").all_inner_texts()[:6], numbers, strict=False):
        assert abs(float(here) - float(there)) <= 0.011 + 0.09 * (float(here) > 1)
    page.evaluate(_NOTE_WHAT_IS_SHOWN_AHEAD)
    page.get_by_role("radio", name="Black block").click()
    expect(page.get_by_role("slider", name=re.compile("Side of the black square"))).to_be_visible()
    settled(page)
    assert page.evaluate("window.shownAhead") == 0, "the old noise at the new one's level"


_NOTE_WHAT_IS_SHOWN_AHEAD = """() => {
  window.shownAhead = 0;
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      window.shownAhead += [...addedNodes].filter((node) => node.matches?.('canvas.live')).length;
    }
  }).observe(document.body, { subtree: true, childList: true });
}"""


def test_a_link_opens_the_same_noise(page: Page, lab_url: str) -> None:
    open_denoise(page, lab_url, "?noise_kind=block&noise_level=12&digit=3")
    expect(page.get_by_role("slider", name=re.compile("Side of the black square"))).to_have_value(
        "12"
    )
    expect(page.get_by_alt_text(re.compile(r"\(test image 3\): With noise"))).to_be_visible()


def test_without_a_drawing_there_is_a_way_to_the_canvas(page: Page, lab_url: str) -> None:
    open_denoise(page, lab_url)
    page.get_by_role("radio", name="My drawing").or_(
        page.get_by_role("button", name="My drawing")
    ).first.click()
    expect(page.get_by_text("You have not drawn anything yet")).to_be_visible()
    page.get_by_role("link", name="To the canvas: Draw").click()
    expect(page.locator("canvas.upper-canvas")).to_be_visible()


def test_on_a_phone_everything_fits_and_slider_and_pictures_share_a_screen(
    browser: Browser, lab_url: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    open_denoise(page, lab_url)
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollWidth") <= 390
    assert lines_of_kinds(page) == 1
    pictures = page.locator(".attempts img")
    for part in (page.locator(".st-key-bound_noise_level"), pictures.first, pictures.nth(2)):
        expect(part).to_be_in_viewport(ratio=1)
    title, *parts = page.locator("h1, h2").evaluate_all(SIZES)
    assert title > max(parts) == min(parts)
    context.close()
