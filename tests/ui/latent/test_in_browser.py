"""The latent map in a real Chromium: what it paints, that it is linked, and that it is quick."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from aecore.autoencoder import Autoencoder
from aecore.datasets import Floats, load_mnist, to_float
from aecore.projections import load_pca
from aecore.runs import Epoch, Run, Status
from aecore.specs import TrainingSpec
from aecore.ui.digits import FIRST
from aecore.ui.models import PRETRAINED
from aecore.ui.palette import DIGIT_COLOURS
from aecore.worker.reporter import Reporter
from tests.conftest import fresh_page, serving, settled, wait_until

TOLERANCE = 0.02
"""Mean absolute difference per pixel (0 to 1) between the lens and true decoding.

The sheet's blending and compression make 0.005 on average and 0.012 at worst.
"""

_PIXELS = """canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 28, 28).data)
    .filter((_, i) => i % 4 === 0)"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor at a laptop whose screen holds both maps."""
    context = browser.new_context(viewport={"width": 1280, "height": 1200}, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def maps(page: Page, lab_url: str) -> Locator:
    """The open map of `latent2d` beside PCA's."""
    return open_maps(page, lab_url)


@pytest.fixture(scope="module")
def open_page(browser: Browser, lab_url: str) -> Iterator[Page]:
    """The same, opened once for the tests that only look at it."""
    with fresh_page(browser, height=1200) as page:
        open_maps(page, lab_url)
        yield page


@pytest.fixture
def seen(open_page: Page) -> Iterator[Locator]:
    """The maps as they open, and left as they were: whole, with the last epoch."""
    maps = open_page.locator(".lab-map")
    yield maps
    open_page.mouse.move(2, 2)
    film = maps.locator(".epoch")
    last, before = film.get_attribute("max") or "0", glided_count(open_page)
    if film.input_value() != last:
        film.fill(last)
        wait_until(lambda: glided_count(open_page) > before, seconds=10)


def open_maps(page: Page, lab_url: str, query: str = "") -> Locator:
    page.goto(f"{lab_url}/latent{query}")
    settled(page)
    page.locator(".lab-map[data-ready=true]").wait_for()
    return page.locator(".lab-map")


def stage(maps: Locator, number: int) -> Locator:
    return maps.locator(".stage").nth(number)


def hover(page: Page, stage: Locator, across: float, down: float) -> None:
    """Move the mouse to a share of the stage's width and height, and wait for the paint."""
    box = stage.bounding_box()
    assert box
    before = painted_count(page)
    page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
    wait_until(lambda: painted_count(page) > before, seconds=10)


def painted_count(page: Page) -> int:
    return _count(page, "latent-map-paint")


def glided_count(page: Page) -> int:
    """How often the digits have glided to the places of another epoch."""
    return _count(page, "latent-map-epoch")


def _count(page: Page, name: str) -> int:
    found = page.evaluate("name => performance.getEntriesByName(name).length", name)
    assert isinstance(found, int)
    return found


def lens(maps: Locator, number: int) -> tuple[Floats, Floats]:
    """The place `(1, 2)` and picture `(28, 28)` that one map's lens shows."""
    figure = maps.locator(".lens").nth(number)
    place = [float(figure.get_attribute(f"data-{axis}") or "nan") for axis in "xy"]
    pixels = figure.locator("canvas").evaluate(_PIXELS)
    picture = np.array(pixels, np.float32).reshape(28, 28) / 255
    return np.array([place], np.float32), picture


def difference(picture: Floats, truth: Floats) -> float:
    return float(np.abs(picture - truth).mean())


@pytest.mark.parametrize("width", [1920, 1280, 820])
def test_the_lens_leaves_pins_in_sight(lab_url: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1200})
    maps = open_maps(page, lab_url)
    for number in (0, 1):
        figure = maps.locator(".lens").nth(number).bounding_box()
        assert figure
        for letter in "AB":
            pin = stage(maps, number).locator(f"[data-pin={letter}]").bounding_box()
            assert pin
            across, down = pin["x"] + pin["width"] / 2, pin["y"] + pin["height"] / 2
            is_beside = not figure["x"] < across < figure["x"] + figure["width"]
            is_above = not figure["y"] < down < figure["y"] + figure["height"]
            assert is_beside or is_above, f"pin {letter} of map {number} is hidden"


def test_hover_paints_what_the_decoder_gives_there(open_page: Page, seen: Locator) -> None:
    model = Autoencoder.load(PRETRAINED.get("latent2d").folder)
    for across, down in [(0.5, 0.5), (0.35, 0.3), (0.62, 0.71), (0.5, 0.85)]:
        hover(open_page, stage(seen, 0), across, down)
        place, picture = lens(seen, 0)
        assert difference(picture, model.decode(place)[0]) < TOLERANCE
    hover(open_page, stage(seen, 1), 0.5, 0.5)
    place, picture = lens(seen, 1)
    assert difference(picture, load_pca().keeping(2).decode(place)[0]) < 1 / 255


def test_the_other_maps_cursor_goes_to_the_same_digit(open_page: Page, seen: Locator) -> None:
    model = Autoencoder.load(PRETRAINED.get("latent2d").folder)
    images = to_float(load_mnist().test_images[:5_000])
    codes, components = model.encode(images), load_pca().keeping(2).encode(images)
    hover(open_page, stage(seen, 0), 0.45, 0.6)
    here, there = lens(seen, 0)[0], lens(seen, 1)[0]
    index = int(np.square(codes - here).sum(axis=1).argmin())
    np.testing.assert_allclose(there[0], components[index], atol=2e-3)
    expect(seen.locator(".status")).to_contain_text(f"test image {index}")


def test_hovering_asks_nothing_of_the_server_in_chinese_too(page: Page, lab_url: str) -> None:
    sent: list[object] = []

    def record(message: object) -> None:
        sent.append(message)

    page.on("websocket", lambda socket: socket.on("framesent", record))
    maps = open_maps(page, lab_url, "?language=zh")
    runs = len(sent)
    for step in range(40):
        hover(page, stage(maps, step % 2), 0.2 + 0.015 * step, 0.5)
    assert len(sent) == runs
    expect(maps.locator(".status")).to_contain_text("）。这里的近邻投票选")
    times = page.evaluate(
        "performance.getEntriesByName('latent-map-paint').map(entry => entry.duration)"
    )
    assert len(times) >= 40
    assert np.median(times) < 50  # 16 ms on a quiet machine, see `make bench`


def test_wheel_zooms_until_marks_become_digits_and_reset_goes_back(
    open_page: Page, seen: Locator
) -> None:
    panel = seen.locator(".panel").first
    expect(panel).to_have_attribute("data-marks", "dots")
    box = stage(seen, 0).bounding_box()
    assert box
    open_page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6)
    for _turn in range(60):
        if panel.get_attribute("data-marks") == "images":
            break
        open_page.mouse.wheel(0, -250)
        open_page.wait_for_function(
            "() => new Promise(done => requestAnimationFrame(() => done(true)))"
        )
    expect(panel).to_have_attribute("data-marks", "images")
    panel.get_by_role("button", name="Show the whole map").click()
    expect(panel).to_have_attribute("data-marks", "dots")


def test_click_shows_the_digit_and_both_reconstructions(page: Page, maps: Locator) -> None:
    model = Autoencoder.load(PRETRAINED.get("latent2d").folder)
    hover(page, stage(maps, 1), 0.9, 0.65)
    page.mouse.down()
    page.mouse.up()
    choice = maps.locator(".choice")
    expect(choice.locator("figure")).to_have_count(3)
    name = choice.locator("figcaption").first.inner_text()
    index = int(name.split()[-1])
    shown = [
        np.array(choice.locator("canvas").nth(number).evaluate(_PIXELS)).reshape(28, 28) / 255
        for number in range(3)
    ]
    image = to_float(load_mnist().test_images[index : index + 1])
    truths = [image[0], model.reconstruct(image)[0], load_pca().keeping(2).reconstruct(image)[0]]
    for picture, truth in zip(shown, truths, strict=True):
        assert difference(picture.astype(np.float32), truth) < TOLERANCE
    expect(page.get_by_role("heading", name="The digit you clicked")).to_be_visible()

    # A digit that is made an end of the way while the film shows the past is one of today's map.
    film, painted = maps.locator(".epoch"), lens(maps, 0)[1]
    last, before = film.get_attribute("max") or "0", glided_count(page)
    film.fill("0")
    wait_until(lambda: glided_count(page) > before, seconds=10)
    assert difference(lens(maps, 0)[1], painted) > 0  # what is called an average is one
    maps.get_by_role("button", name="Start at this digit (A)").click()
    film.fill(last)
    wait_until(lambda: difference(ten(maps, 0)[0], truths[1]) < TOLERANCE, seconds=10)
    stage(maps, 0).press("Escape")
    before = glided_count(page)
    film.fill("0")
    wait_until(lambda: glided_count(page) > before, seconds=10)
    stage(maps, 0).press("b")  # the digit nearest to where the cursor is on that map
    film.fill(last)
    expect(maps.locator(".panel").first).not_to_have_class("panel past")
    end = ten(maps, 3)[9]
    images = to_float(load_mnist().test_images[:5_000])
    known = model.reconstruct(images)
    nearest = int(np.abs(images - end).mean(axis=(1, 2)).argmin())
    assert difference(images[nearest], end) < TOLERANCE
    assert difference(ten(maps, 0)[9], known[nearest]) < TOLERANCE


def ten(maps: Locator, row: int) -> Floats:
    """The ten pictures of one row of the strip, `(10, 28, 28)`."""
    data = (
        maps.locator(".ten")
        .nth(row)
        .evaluate(
            "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 298, 28).data)"
            ".filter((_, i) => i % 4 === 0)"
        )
    )
    pixels = np.array(data, np.float32).reshape(28, 298) / 255
    return np.stack([pixels[:, 30 * step : 30 * step + 28] for step in range(10)])


def test_strip_decodes_the_straight_way_and_cross_fades(seen: Locator) -> None:
    model = Autoencoder.load(PRETRAINED.get("latent2d").folder)
    pca = load_pca().keeping(2)
    images = to_float(load_mnist().test_images[[4, 1]])
    expect(seen.locator(".row")).to_have_count(4)
    steps = np.linspace(0, 1, 10, dtype=np.float32)[:, None]
    for row, way in ((0, model), (2, pca)):
        start, end = way.encode(images)
        truth = way.decode((1 - steps) * start + steps * end)
        assert difference(ten(seen, row), truth) < TOLERANCE
    faded = (1 - steps[..., None]) * images[0] + steps[..., None] * images[1]
    assert difference(ten(seen, 3), faded) < TOLERANCE
    around = ten(seen, 1)
    assert difference(around[0], model.reconstruct(images)[0]) < TOLERANCE
    assert difference(around[9], model.reconstruct(images)[1]) < TOLERANCE


def test_dragging_a_pin_changes_the_strip_and_playing_walks_on_both_maps(
    page: Page, maps: Locator
) -> None:
    before = ten(maps, 0)
    pin = maps.locator(".pin[data-pin=A]").first
    box, room = pin.bounding_box(), stage(maps, 0).bounding_box()
    assert box
    assert room
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(room["x"] + 0.3 * room["width"], room["y"] + 0.3 * room["height"], steps=6)
    page.mouse.up()
    wait_until(lambda: difference(ten(maps, 0)[0], before[0]) > 0.02, seconds=10)
    assert difference(ten(maps, 0)[9], before[9]) < 1e-6
    maps.locator(".walk .play").click()
    expect(maps.locator(".walk .play")).to_have_text("Pause")
    started = [lens(maps, number)[0] for number in range(2)]
    wait_until(
        lambda: all(not np.allclose(lens(maps, n)[0], started[n], equal_nan=True) for n in (0, 1)),
        seconds=10,
    )
    maps.locator(".walk .play").click()
    expect(maps.locator(".walk .play")).to_have_text("Play")
    at = "slider => Number(slider.value)"
    paused = maps.locator(".step").evaluate(at)
    assert paused > 0
    maps.locator(".walk .play").click()
    wait_until(lambda: maps.locator(".step").evaluate(at) != paused, seconds=10)
    maps.locator(".walk .play").click()
    assert maps.locator(".step").evaluate(at) > paused


def test_the_legend_filters(open_page: Page, seen: Locator) -> None:
    only_fours = seen.get_by_role("button", name="4: show these digits")
    only_fours.click()
    expect(only_fours).to_have_attribute("aria-pressed", "true")
    hover(open_page, stage(seen, 0), 0.4, 0.35)
    expect(seen.locator(".status")).to_contain_text("nearest digit is a 4")
    only_fours.click()
    expect(only_fours).to_have_attribute("aria-pressed", "false")


def test_the_star_follows_the_visitors_digit(page: Page, maps: Locator) -> None:
    panel = maps.locator(".panel").first
    images = to_float(load_mnist().test_images)
    model = Autoencoder.load(PRETRAINED.get("latent2d").folder)
    expect(panel).to_have_attribute("data-star", re.compile(r"."))
    starts = panel.get_attribute("data-star") or ""
    np.testing.assert_allclose(
        [float(value) for value in starts.split(",")], model.encode(images[:1])[0], atol=2e-3
    )
    page.get_by_role("button", name="Put your own digit").click()
    page.get_by_role("radio", name="3", exact=True).click()
    first_three = FIRST[3]
    expect(panel).not_to_have_attribute("data-star", starts)
    star = [float(value) for value in (panel.get_attribute("data-star") or "").split(",")]
    code = model.encode(images[first_three : first_three + 1])[0]
    np.testing.assert_allclose(star, code, atol=2e-3)


def test_the_star_follows_the_visitors_drawing(page: Page, lab_url: str) -> None:
    maps = open_maps(page, lab_url, "?source=drawing")
    panel = maps.locator(".panel").first
    expect(panel).to_have_attribute("data-star", "")
    page.get_by_role("button", name="Put your own digit").click()
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box
    left, top = box["x"], box["y"]

    def stroke(*points: tuple[float, float]) -> None:
        page.mouse.move(left + points[0][0], top + points[0][1])
        page.mouse.down()
        for across, down in points[1:]:
            page.mouse.move(left + across, top + down, steps=6)
        page.mouse.up()

    stroke((80, 60), (200, 60), (130, 230))
    expect(panel).to_have_attribute("data-star", re.compile(r"-?\d+\.\d+,-?\d+\.\d+"))
    seven = panel.get_attribute("data-star")
    stroke((130, 230), (60, 180), (80, 60))
    expect(panel).not_to_have_attribute("data-star", seven or "")


def test_keyboard_alone_moves_the_cursor_pins_and_reaches_the_pins(
    page: Page, maps: Locator
) -> None:
    stage(maps, 0).focus()
    page.keyboard.press("ArrowRight")
    expect(maps.locator(".spoken")).to_contain_text("nearest digit")
    first = lens(maps, 0)[0]
    page.keyboard.press("Shift+ArrowUp")
    wait_until(lambda: bool(lens(maps, 0)[0][0, 1] > first[0, 1]), seconds=10)
    before = ten(maps, 0)
    page.keyboard.press("b")
    wait_until(lambda: difference(ten(maps, 0)[9], before[9]) > 0, seconds=10)
    page.keyboard.press("Tab")
    pin = maps.locator(".pin[data-pin=A]").first
    expect(pin).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    wait_until(lambda: difference(ten(maps, 0)[0], before[0]) > 0, seconds=10)
    page.keyboard.press("Tab")
    expect(maps.locator(".pin[data-pin=B]").first).to_be_focused()


def test_an_earlier_epoch_is_painted_as_the_average_of_its_nearest_digits(
    open_page: Page, seen: Locator
) -> None:
    run, before = PRETRAINED.get("latent2d"), glided_count(open_page)
    seen.locator(".epoch").fill("4")
    epoch = seen.locator(".film output").inner_text().split()[1]  # a long film is thinned
    expect(seen.locator(".film .note")).to_contain_text(f"after epoch {epoch}.")
    expect(seen.locator(".lens figcaption").first).to_have_text("average of 12 digits")
    expect(seen.locator(".lens figcaption").nth(1)).to_have_text("decoded here")
    wait_until(lambda: glided_count(open_page) > before, seconds=10)
    hover(open_page, stage(seen, 0), 0.45, 0.4)
    place, picture = lens(seen, 0)
    codes = run.epoch(int(epoch)).codes[:5_000].astype(np.float32)
    distances = np.square(codes - place).sum(axis=1)
    nearest = distances.argsort()[:12]
    weights = 1 - distances[nearest] / (1.01 * distances[nearest[-1]])
    images = to_float(load_mnist().test_images[nearest])
    truth = (weights[:, None, None] * images).sum(axis=0) / weights.sum()
    assert difference(picture, truth) < TOLERANCE


def test_the_way_is_covered_until_somebody_predicts_it(page: Page, maps: Locator) -> None:
    covers = maps.locator(".cover")
    hint = maps.get_by_text("The question below uncovers them")
    expect(hint).to_be_visible()
    expect(covers).to_have_count(4)
    expect(covers.first).to_be_visible()
    maps.locator(".walk .step").fill("9")
    expect(covers.first).to_be_visible()
    page.get_by_role("radio", name="on PCA's map").click()
    for row in range(4):
        expect(covers.nth(row)).to_be_hidden()
    expect(hint).to_be_hidden()
    listed = page.get_by_role("row", name="Which straight way")
    expect(listed).to_contain_text("on PCA's map")
    expect(listed).to_contain_text("on the learnt map")


def test_the_film_shows_an_earlier_epoch_and_comes_back(open_page: Page, seen: Locator) -> None:
    slider = seen.locator(".epoch")
    expect(seen.locator(".film")).to_be_visible()
    last, before = slider.get_attribute("max"), glided_count(open_page)
    slider.fill("0")
    expect(seen.locator(".film output")).to_contain_text("Epoch 1 of")
    expect(seen.locator(".panel").first).to_have_class("panel past")
    expect(seen.locator(".pin").first).to_be_hidden()
    slider.fill(last or "0")
    expect(seen.locator(".panel").first).not_to_have_class("panel past")
    expect(seen.locator(".pin").first).to_be_visible()
    wait_until(lambda: glided_count(open_page) > before, seconds=10)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A fresh visitor with a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    yield context.new_page()
    context.close()


def maps_in_sight(page: Page, lab_url: str) -> tuple[Locator, FloatRect]:
    """The maps, scrolled to, and where the first one's stage is."""
    maps = open_maps(page, lab_url)
    stage(maps, 0).scroll_into_view_if_needed()
    box = stage(maps, 0).bounding_box()
    assert box
    return maps, box


def is_drawn_in_full(maps: Locator, digit: int) -> bool:
    """Whether a good many opaque pixels of the first map have the colour of that kind."""
    colour = [int(DIGIT_COLOURS[digit][at : at + 2], 16) for at in (1, 3, 5)]
    count = maps.locator("canvas.base").first.evaluate(
        """(canvas, colour) => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4) {
            const isNear = (band, j) => Math.abs(data[i + j] - band) < 4;
            count += data[i + 3] > 200 && colour.every(isNear);
          }
          return count;
        }""",
        colour,
    )
    return bool(count > 300)


def test_a_finger_paints_on_a_phone_and_nothing_sticks_out(phone: Page, lab_url: str) -> None:
    page = phone
    maps, box = maps_in_sight(page, lab_url)
    before = painted_count(page)
    page.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    wait_until(lambda: painted_count(page) > before, seconds=10)
    expect(maps.locator(".lens").first).to_be_visible()
    assert lens(maps, 0)[1].max() > 0.3
    for digit in (0, 6):
        maps.get_by_role("button", name=f"{digit}: show these digits").tap()
    for digit in (0, 6):  # both in full colour: no finger points at the one tapped last
        wait_until(partial(is_drawn_in_full, maps, digit), seconds=10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Put your own digit").click()
    nine = page.get_by_role("radio", name="9", exact=True)
    expect(nine).to_be_visible()
    edge = nine.bounding_box()
    assert edge
    assert edge["x"] + edge["width"] <= 390  # all ten are in sight, without scrolling sideways


def test_two_fingers_zoom_around_the_place_between_them(phone: Page, lab_url: str) -> None:
    page = phone
    maps, box = maps_in_sight(page, lab_url)
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, apart: float) -> None:
        points = [{"x": middle[0] + way * apart / 2, "y": middle[1], "id": way} for way in (-1, 1)]
        points = [] if kind == "touchEnd" else points
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def place_under_the_middle() -> Floats:
        before = painted_count(page)
        page.touchscreen.tap(*middle)
        wait_until(lambda: painted_count(page) > before, seconds=10)
        return lens(maps, 0)[0]

    before = place_under_the_middle()
    pins = [maps.locator(f".pin[data-pin={letter}]").first for letter in "AB"]

    def between_pins() -> float:
        (x0, y0), (x1, y1) = (
            pin.evaluate(
                "pin => { const at = new DOMMatrix(getComputedStyle(pin).transform);"
                " return [at.e, at.f]; }"
            )
            for pin in pins
        )
        return float(np.hypot(x1 - x0, y1 - y0))

    apart = between_pins()
    touch("touchStart", 60)
    for distance in range(70, 190, 10):
        touch("touchMove", distance)
    touch("touchEnd", 180)
    wait_until(lambda: between_pins() > 2.5 * apart, seconds=10)
    assert between_pins() == pytest.approx(3 * apart, rel=0.1)
    np.testing.assert_allclose(place_under_the_middle(), before, atol=0.02)
    assert page.evaluate("visualViewport.scale") == 1  # the map was zoomed, not the page


def test_longer_codes_say_that_they_are_shown_through_pca(page: Page, lab_url: str) -> None:
    maps = open_maps(page, lab_url, "?map_model=deep")
    expect(maps.locator(".panel .note").first).to_contain_text("PCA of the codes")


def test_when_another_model_is_chosen_the_old_map_stops_listening(
    page: Page, maps: Locator
) -> None:
    layer = maps.locator("[data-layer=wallpaper]")
    layer.check()
    stage(maps, 0).hover()
    expect(maps.locator(".spoken")).to_contain_text("nearest digit")
    page.get_by_role("combobox").first.click()
    page.get_by_role("option", name="Variational").click()
    expect(maps.locator("h2").first).to_have_text("Variational")
    expect(maps.locator(".spoken")).to_be_empty()
    page.locator(".lab-map[data-ready=true]").wait_for()
    expect(layer).to_be_checked()
    picture = "canvas => canvas.toDataURL()"
    with_layer = stage(maps, 0).locator("canvas").first.evaluate(picture)
    layer.uncheck()
    assert stage(maps, 0).locator("canvas").first.evaluate(picture) != with_layer
    expect(maps.locator(".choice")).to_be_hidden()
    epochs = PRETRAINED.get("vae").spec().epochs
    expect(maps.locator(".film output")).to_have_text(f"Epoch {epochs} of {epochs}")
    steps = "performance.getEntriesByName('latent-map-epoch').length"
    maps.locator(".epoch").press("ArrowLeft")
    wait_until(lambda: bool(page.evaluate(steps)), seconds=10)
    expect(maps.locator(".film output")).to_have_text(f"Epoch {epochs - 1} of {epochs}")
    frame = "await new Promise(done => requestAnimationFrame(done));"
    page.evaluate(f"async () => {{ {4 * frame} }}")
    assert page.evaluate(steps) == 1  # one map glided to its place, not two

    about_the_past = maps.locator(".film .note")
    expect(about_the_past).to_be_visible()
    page.get_by_text("中文", exact=True).click()  # the maps open anew, at the last epoch
    expect(maps.locator(".film output")).to_have_text(f"第 {epochs} 轮，共 {epochs} 轮")
    expect(about_the_past).to_be_hidden()


def test_a_run_that_trains_is_watched_epoch_by_epoch(page: Page, tmp_path: Path) -> None:
    spec = TrainingSpec("latent2d", code_size=2, epochs=9)
    run = Run(tmp_path / spec.key)

    def finish_epoch(number: int) -> None:
        codes = number * np.random.default_rng(number).standard_normal((1_000, 2))
        ten = np.zeros((10, 28, 28), np.uint8)
        run.write_epoch(Epoch(number, 0.2, 0.2, 1.0, ten, codes.astype(np.float16)))
        worker.update(epoch=number, now=True)

    run.write_spec(spec)
    # It shows life, or the server, which takes up what it finds, would train it before the end.
    with Reporter(run, Status("running")) as worker, serving(tmp_path) as address:
        finish_epoch(1)
        finish_epoch(2)
        maps = open_maps(page, address, f"?run={spec.key}&map_model={spec.key}")
        expect(maps.locator(".panel .note").first).to_contain_text("Still training")
        expect(maps.locator(".film output")).to_have_text("Epoch 2 of 9")
        finish_epoch(3)
        expect(maps.locator(".film output")).to_have_text("Epoch 3 of 9")
        hover(page, stage(maps, 0), 0.5, 0.5)
        assert lens(maps, 0)[1].max() > 0.3
        expect(maps.locator(".lens figcaption").first).to_have_text("average of 12 digits")
        worker.update(state="failed", message="out_of_memory", now=True)
        expect(maps.locator(".panel .note").first).not_to_contain_text("Still training")
        settled(page)
