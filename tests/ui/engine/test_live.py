"""Strips that follow the pen and the slider in a real browser, while the server hears nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.conftest import settled, two_frames, wait_until
from tests.ui.draw.test_in_browser import ink_on_canvas
from tests.ui.seen import see_everything

MODELS = "plain,deep,conv,denoise,pca"
TALL = ViewportSize(width=1280, height=1800)
"""A screen with room for every row."""

SEVEN = [(60, 60), (220, 60), (190, 120), (160, 180), (130, 240)]
_GREY = """canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 28, 28).data)
    .filter((_, i) => i % 4 === 0)"""
_GREY_OF_IMAGE = f"""async image => {{
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [28, 28];
  canvas.getContext('2d').drawImage(image, 0, 0);
  return ({_GREY})(canvas);
}}"""


class Visitor:
    """A page whose messages to the server are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent = 0
        page.on("websocket", lambda socket: socket.on("framesent", self._count))

    def _count(self, _frame: object) -> None:
        self.sent += 1

    def open(self, address: str) -> None:
        self.page.goto(address)
        settled(self.page)
        self.page.wait_for_function(
            "performance.getEntriesByName('live-strip-ready').length > 0", timeout=30_000
        )
        settled(self.page)

    def on_canvas(self, x: float, y: float) -> tuple[float, float]:
        box = self.page.locator("canvas.upper-canvas").bounding_box()
        assert box is not None
        return box["x"] + box["width"] * x / 280, box["y"] + box["height"] * y / 280

    def live(self, stage: str) -> Locator:
        """The browser's own pictures of that stage, one a row."""
        return self.page.locator(f".strip-stage.{stage} canvas.live")

    def numbers(self) -> list[str]:
        return self.page.locator(".strip-numbers b").all_inner_texts()


def grey(picture: Locator) -> np.ndarray:
    """A live picture's 784 grey values."""
    return np.array(picture.evaluate(_GREY))


def at_rest(picture: Locator) -> np.ndarray:
    """A live picture's grey values when no frame changes them any more."""
    before = grey(picture)
    while True:
        two_frames(picture.page)
        now = grey(picture)
        if np.array_equal(now, before):
            return now
        before = now


def server_grey(picture: Locator) -> np.ndarray:
    return np.array(picture.evaluate(_GREY_OF_IMAGE))


@pytest.fixture
def visitor(page: Page) -> Visitor:
    return Visitor(page)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Visitor]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="en-GB", has_touch=True, is_mobile=True
    )
    yield Visitor(context.new_page())
    context.close()


def test_every_row_follows_while_the_button_is_down(visitor: Visitor, lab_url: str) -> None:
    visitor.page.set_viewport_size(TALL)
    visitor.open(f"{lab_url}/draw?models={MODELS}")
    see_everything(visitor.page)
    settled(visitor.page)
    page, sent = visitor.page, visitor.sent
    page.mouse.move(*visitor.on_canvas(*SEVEN[0]))
    page.mouse.down()
    seen = []
    for point in SEVEN[1:]:
        page.mouse.move(*visitor.on_canvas(*point), steps=5)
        expect(visitor.live("decoded")).to_have_count(5)
        seen.append(grey(visitor.live("decoded").first))
    differences = [np.abs(one - other).mean() for one, other in pairwise(seen)]
    assert min(differences) > 1
    expect(visitor.live("compared").first).to_have_css("outline-style", "solid")  # its frame
    assert visitor.sent == sent
    expect(page.locator(".neighbours")).to_have_class(re.compile("behind"))
    last = at_rest(visitor.live("decoded").last)
    page.mouse.up()
    expect(page.locator(".steps")).to_be_visible()
    expect(visitor.live("decoded")).to_have_count(0)
    settled(page)
    assert np.abs(server_grey(page.locator(".decoded img").last) - last).mean() < 0.02 * 255


def test_a_second_stroke_is_seen_with_the_first(visitor: Visitor, lab_url: str) -> None:
    """While it is drawn, and after it, until the server answers."""
    visitor.open(f"{lab_url}/draw?models={MODELS}")
    page = visitor.page
    stroke(visitor, (60, 60), (220, 60))
    expect(page.locator(".steps")).to_be_visible()
    expect(visitor.live("given")).to_have_count(0)
    settled(page)
    page.mouse.move(*visitor.on_canvas(140, 110))
    page.mouse.down()
    page.mouse.move(*visitor.on_canvas(140, 220), steps=5)
    seen = at_rest(visitor.live("given").first).reshape(28, 28) > 100
    widths = seen.sum(axis=1)
    assert widths.max() > 15, "the bar of the first stroke"
    assert 0 < widths[20] < 6, "the line of the second"
    page.mouse.up()
    two_frames(page)
    two_frames(page)
    shown = page.locator(".strip-row").first.locator(".given canvas.live, .given img").last
    read = grey if shown.evaluate("picture => picture.matches('canvas')") else server_grey
    assert ((read(shown).reshape(28, 28) > 100).sum(axis=1)).max() > 15


def test_a_stroke_begun_before_the_first_one_s_answer_is_followed(
    visitor: Visitor, lab_url: str
) -> None:
    visitor.open(f"{lab_url}/draw?source=drawing&models={MODELS}")
    page = visitor.page
    stroke(visitor, (60, 60), (220, 60))
    page.mouse.move(*visitor.on_canvas(140, 110))
    page.mouse.down()
    page.mouse.move(*visitor.on_canvas(140, 140), steps=3)
    expect(page.locator(".steps")).to_be_visible()  # the answer is there, the pen still down
    settled(page)
    before = at_rest(visitor.live("given").first)
    page.mouse.move(*visitor.on_canvas(140, 240), steps=5)
    assert np.abs(at_rest(visitor.live("given").first) - before).mean() > 1
    page.mouse.up()


def stroke(visitor: Visitor, start: tuple[int, int], end: tuple[int, int]) -> None:
    visitor.page.mouse.move(*visitor.on_canvas(*start))
    visitor.page.mouse.down()
    visitor.page.mouse.move(*visitor.on_canvas(*end), steps=5)
    visitor.page.mouse.up()


def test_a_row_that_comes_into_view_catches_up(phone: Visitor, lab_url: str) -> None:
    """Nobody's processor is kept busy with rows that nobody sees."""
    phone.open(f"{lab_url}/draw?models={MODELS}")
    see_everything(phone.page)
    settled(phone.page)
    phone.page.mouse.move(*phone.on_canvas(*SEVEN[0]))
    phone.page.mouse.down()
    for point in SEVEN[1:]:
        phone.page.mouse.move(*phone.on_canvas(*point), steps=5)
    rows = phone.page.locator(".strip-row[data-model] .given canvas.live")
    assert not np.array_equal(grey(rows.last), grey(rows.first))
    rows.last.evaluate("picture => picture.scrollIntoView()")
    wait_until(lambda: np.array_equal(grey(rows.last), grey(rows.first)), seconds=10)
    phone.page.mouse.up()
    expect(phone.page.locator(".steps")).to_be_visible()


def test_the_first_stroke_after_clear_is_followed_too(visitor: Visitor, lab_url: str) -> None:
    visitor.open(f"{lab_url}/draw?source=drawing")
    expect(visitor.page.locator(".strip")).to_be_hidden()
    visitor.page.mouse.move(*visitor.on_canvas(60, 60))
    visitor.page.mouse.down()
    visitor.page.mouse.move(*visitor.on_canvas(200, 200), steps=5)
    expect(visitor.page.locator(".strip")).to_be_visible()
    assert grey(visitor.live("given").first).max() == 255
    assert visitor.numbers() == []  # nobody has predicted yet which model will keep most
    visitor.page.mouse.up()
    expect(visitor.page.locator(".steps")).to_be_visible()


def test_the_noise_follows_its_slider_and_the_server_hears_the_end(
    visitor: Visitor, lab_url: str
) -> None:
    visitor.page.set_viewport_size(TALL)
    visitor.open(f"{lab_url}/draw?models={MODELS}")
    see_everything(visitor.page)
    settled(visitor.page)
    page = visitor.page
    track = page.locator(".st-key-bound_draw_noise [data-testid=stSlider]").bounding_box()
    thumb = page.locator(".st-key-bound_draw_noise input").bounding_box()
    assert track is not None
    assert thumb is not None
    sent, height = visitor.sent, thumb["y"] + thumb["height"] / 2
    page.mouse.move(track["x"] + 8, height)
    page.mouse.down()
    noisy = []
    for share in (0.2, 0.4):
        page.mouse.move(track["x"] + share * track["width"], height, steps=5)
        expect(page.locator(".strip-stage.seen canvas.live").first).to_be_visible()
        noisy.append(at_rest(visitor.live("seen").first))
    assert np.abs(noisy[1] - noisy[0]).mean() > 5
    assert visitor.sent == sent
    numbers = visitor.numbers()
    page.mouse.up()
    expect(page.locator(".strip-stage.seen img").first).to_be_visible()
    expect(page.locator("canvas.live")).to_have_count(0)
    settled(page)
    assert np.array_equal(server_grey(page.locator(".seen img").first), noisy[1])
    for here, there in zip(visitor.numbers(), numbers, strict=True):
        assert float(here.split()[0]) == pytest.approx(float(there.split()[0]), rel=0.02, abs=2e-4)


def test_a_finger_on_a_phone_is_followed(phone: Visitor, lab_url: str) -> None:
    phone.open(f"{lab_url}/draw?models={MODELS}")
    phone.page.locator("canvas.upper-canvas").scroll_into_view_if_needed()
    session, sent = phone.page.context.new_cdp_session(phone.page), phone.sent

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [dict(zip(("x", "y"), phone.on_canvas(*point), strict=True)) for point in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", SEVEN[0])
    for point in SEVEN[1:]:
        touch("touchMove", point)
    expect(phone.live("decoded").first).to_be_attached()
    assert grey(phone.live("given").first).max() == 255
    before = at_rest(phone.live("given").first)
    phone.page.evaluate(_A_THUMB_LEAVES)
    touch("touchMove", (200, 250))
    touch("touchMove", (250, 250))
    two_frames(phone.page)
    assert not np.array_equal(at_rest(phone.live("given").first), before)
    assert phone.sent == sent
    touch("touchEnd")
    expect(phone.page.locator(".steps")).to_be_visible()
    settled(phone.page)
    ink = ink_on_canvas(phone.page)
    points = [(20.0, 20.0), (20.0, 200.0), (20.0, 250.0)]
    touch("touchStart", points[0])
    touch("touchMove", points[1])
    touch("touchStart", points[1], (150, 270))  # the palm of the hand that writes
    touch("touchMove", points[2], (150, 270))
    touch("touchCancel")  # the system takes them away: what was drawn counts
    wait_until(lambda: ink_on_canvas(phone.page) > ink + 2_000, seconds=10)


_A_THUMB_LEAVES = """() => {
  const [thumb, finger] = ['h1', '.st-key-paper'].map((at) => document.querySelector(at)).map(
    (target, identifier) => new Touch({ identifier, target }));
  thumb.target.dispatchEvent(
    new TouchEvent('touchend', { bubbles: true, touches: [finger], changedTouches: [thumb] }));
}"""


def test_the_keyboard_draws_and_is_announced(visitor: Visitor, lab_url: str) -> None:
    visitor.open(f"{lab_url}/draw?models={MODELS}")
    page = visitor.page
    canvas = page.get_by_role("application", name=re.compile("arrow keys move the pen"))
    canvas.focus()
    for _step in range(3):
        canvas.press("Shift+ArrowUp")
    sent = visitor.sent
    canvas.press("Space")
    expect(page.get_by_text("Pen down")).to_be_attached()
    for _step in range(5):
        canvas.press("Shift+ArrowDown")
    expect(visitor.live("decoded").first).to_be_visible()
    assert visitor.sent == sent
    canvas.press("Space")
    expect(page.get_by_text("Pen lifted")).to_be_attached()
    expect(page.get_by_alt_text("Your drawing as an MNIST image")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The canvas is empty")).to_be_visible()


def test_weights_that_never_arrive_leave_the_answer_to_the_server(
    visitor: Visitor, lab_url: str
) -> None:
    page = visitor.page
    page.route("**/*.bin", lambda route: route.abort())
    page.goto(f"{lab_url}/draw")
    settled(page)
    expect(page.get_by_text("did not arrive whole")).to_be_visible()
    page.mouse.move(*visitor.on_canvas(60, 60))
    page.mouse.down()
    page.mouse.move(*visitor.on_canvas(200, 200), steps=5)
    page.mouse.up()
    expect(page.get_by_alt_text("Your drawing as an MNIST image")).to_be_visible()
    expect(page.locator("canvas.live")).to_have_count(0)


def test_weights_travel_once_a_browser(visitor: Visitor, lab_url: str) -> None:
    for number in range(2):
        visitor.open(f"{lab_url}/draw?models=plain,pca")
        sizes = visitor.page.evaluate(_FETCHED)
        assert [size > 100_000 for size in sizes] == [number == 0] * 2


_FETCHED = """() => performance.getEntriesByType("resource")
    .filter(({ name }) => name.endsWith(".bin")).map(({ transferSize }) => transferSize)"""
