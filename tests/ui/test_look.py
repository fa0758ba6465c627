"""What a lecture hall and a phone see, measured: sizes of pictures and letters, and the fold."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import settled, wait_until

HALL = 190
"""Pixels of a picture's side that the back of a lecture hall can read."""

LETTERS = 18
"""Pixels of the letters of a caption there."""

FINGER = 40
"""Pixels that a finger needs to meet what it means."""

LOW = """(controls, finger) => controls.filter((control) => {
    const around = parseFloat(getComputedStyle(control, "::before").height) || 0;
    return Math.max(control.getBoundingClientRect().height, around) < finger - 0.5;
}).map(control => control.outerHTML)"""


LINES_OF_BRACKET = """(element) => {
    const text = element.firstChild;
    const range = document.createRange();
    range.setStart(text, text.data.indexOf("（"));
    range.setEnd(text, text.length);
    return range.getClientRects().length;
}"""
"""In how many lines a text stands from its bracket on."""


def side(picture: Locator) -> float:
    box = picture.bounding_box()
    assert box is not None
    return min(box["width"], box["height"])


def bottom(element: Locator) -> float:
    """How far down on the page an element ends, in pixels."""
    box = element.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def letters(element: Locator) -> float:
    return float(element.evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))


def brightest(page: Page, element: Locator) -> int:
    """The brightest grey, 0 to 255, that is seen where an element is, without its edge."""
    box = element.bounding_box()
    assert box is not None
    inside = {"x": box["x"] + 8, "y": box["y"] + 8}
    size = {"width": box["width"] - 16, "height": box["height"] - 16}
    seen = Image.open(io.BytesIO(page.screenshot(clip={**inside, **size}))).convert("L")
    return int(np.asarray(seen).max())


@pytest.mark.parametrize("path", ["", "draw", "draw?draw_noise=0.5"])
def test_a_projector_gets_large_pictures_and_captions(lab_url: str, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto(f"{lab_url}/{path}")
    settled(page)
    expect(page.locator(".strip-row").first).to_be_visible()
    assert_a_hall_can_read(page)
    page.set_viewport_size({"width": 1920, "height": 1080})
    assert_a_hall_can_read(page)


def assert_a_hall_can_read(page: Page) -> None:
    stages = page.locator(".strip-stage")
    assert min(side(stage.locator("img, .code").first) for stage in stages.all()) >= HALL
    captions = page.locator(".lab figcaption:visible, .lab .small:visible")
    assert min(letters(caption) for caption in captions.all()) >= LETTERS
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0
    tools = page.locator(".st-key-easel_tools button")
    assert len({round(bottom(tool)) for tool in tools.all()}) <= 1  # all in one line


def test_a_projector_shows_both_maps_whole(lab_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{lab_url}/latent")
    page.locator('.lab-map[data-ready="true"]').wait_for()
    stages = page.locator(".lab-map .stage").all()
    assert len(stages) == 2
    for stage in stages:
        assert bottom(stage) <= 1080
        assert side(stage) >= 480


def draw_a_stroke(page: Page) -> None:
    """One line down the middle of the canvas."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.8 * box["height"], steps=8)


def test_a_phone_shows_drawing_and_answer_on_one_screen(lab_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 360})  # or a laptop, enlarged twice
    page.goto(f"{lab_url}/draw")
    settled(page)
    given = page.locator(".st-key-became img")
    assert side(given) <= side(page.locator("canvas.upper-canvas"))
    page.set_viewport_size({"width": 390, "height": 844})
    draw_a_stroke(page)
    page.mouse.up()
    expect(page.get_by_alt_text("Your drawing as an MNIST image")).to_be_visible()
    assert side(page.locator("canvas.upper-canvas")) >= 200
    assert bottom(page.locator("canvas.upper-canvas")) <= 844
    assert bottom(page.get_by_alt_text("Your drawing as an MNIST image")) <= 844
    assert bottom(page.get_by_role("button", name="Clear")) <= bottom(
        page.locator(".strip-row").first
    )
    assert bottom(page.locator(".strip-row").first) <= 844
    page.set_viewport_size({"width": 820, "height": 1180})  # a tablet: side by side
    wait_until(lambda: bottom(page.locator(".strip-row").nth(2)) <= 1180, seconds=10)


def test_a_finger_meets_what_it_means(lab_url: str, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    page = context.new_page()
    for path, ready in (
        ("train", ".stExpander summary"),
        ("latent", '.lab-map[data-ready="true"]'),
        ("inside", '.lab-inside[data-ready="true"]'),
    ):
        page.goto(f"{lab_url}/{path}")
        settled(page)
        page.locator(ready).wait_for()
        controls = page.locator("button:visible, summary:visible, label:has(input):visible")
        assert controls.evaluate_all(LOW, FINGER) == []
        assert page.get_by_test_id("stMain").evaluate("e => e.scrollWidth - e.clientWidth") == 0
    page.get_by_role("button", name="Share").tap()
    close = page.get_by_role("dialog").get_by_role("button", name="Close")
    expect(close).to_be_visible()
    assert close.evaluate_all(LOW, FINGER) == []
    close.tap()
    expect(close).to_have_count(0)
    page.get_by_role("button", name="Pages", exact=True).tap()
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links.first).to_be_in_viewport()
    assert links.evaluate_all(LOW, FINGER) == []
    page.goto(f"{lab_url}/train?language=zh")
    settled(page)
    card = page.locator(".st-key-bound_architecture strong", has_text="（二维编码）")
    expect(card).to_be_visible()
    assert card.evaluate(LINES_OF_BRACKET) == 1
    context.close()


def test_the_empty_canvas_invites_until_the_first_stroke(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/draw?language=zh")
    settled(page)
    expect(page.get_by_text("在这里写一个数字")).to_be_visible()
    page.goto(f"{lab_url}/draw")
    settled(page)
    invitation = page.get_by_text("Draw a digit here")
    expect(invitation).to_be_visible()
    assert brightest(page, page.locator("canvas.upper-canvas")) > 150  # on top of the canvas
    draw_a_stroke(page)
    assert not invitation.is_visible()  # at once: the button is still down
    page.mouse.up()
    expect(page.get_by_alt_text("Your drawing as an MNIST image")).to_be_visible()
    expect(invitation).to_have_count(0)
    page.get_by_role("button", name="Clear").click()
    expect(invitation).to_be_visible()
