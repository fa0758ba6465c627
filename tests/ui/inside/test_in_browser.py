"""The open network in a real Chromium: that what it shows is true, and that hands work on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from aecore.autoencoder import Autoencoder
from aecore.datasets import Floats, load_mnist, to_float
from aecore.projections import Pca, load_pca
from aecore.ui.digits import FIRST
from aecore.ui.inside.measured import pictures_without
from aecore.ui.models import PRETRAINED
from tests.conftest import fresh_page, settled, two_frames, wait_until
from tests.ui.inside.test_page import SENT

_PIXELS = """canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 28, 28).data)
    .filter((_, i) => i % 4 === 0)"""

DIGITS = to_float(load_mnist().test_images[:10])


def pixels(canvas: Locator) -> Floats:
    """A canvas of 28 x 28 grey pixels as numbers from 0 to 1."""
    return np.array(canvas.evaluate(_PIXELS), np.float32).reshape(28, 28) / 255


def open_inside(page: Page, lab_url: str, query: str = "") -> Locator:
    page.goto(f"{lab_url}/inside?{query}")
    settled(page)
    page.locator(".lab-inside[data-ready=true]").wait_for()
    return page.locator(".lab-inside")


def reconstruction(inside: Locator) -> Floats:
    return pixels(inside.locator(".stage.reconstruction canvas"))


def code_plate(inside: Locator) -> Locator:
    return inside.locator(".code-stage .plate")


@pytest.fixture(scope="module")
def open_page(browser: Browser, lab_url: str) -> Iterator[Page]:
    """The plain network, opened once for the tests that only lay hands on it."""
    with fresh_page(browser, height=1000) as page:
        open_inside(page, lab_url)
        yield page


@pytest.fixture
def inside(open_page: Page) -> Iterator[Locator]:
    """The plain network as it was trained, nothing pointed at."""
    inside = open_page.locator(".lab-inside")
    yield inside
    open_page.keyboard.press("Escape")
    open_page.mouse.move(2, 2)
    reset = inside.get_by_role("button", name="Undo all changes")
    if reset.is_enabled():
        reset.click()


@pytest.mark.parametrize("name", [*SENT, "pca"])
def test_every_model_opens_and_its_sum_is_its_reconstruction(
    lab_url: str, page: Page, name: str
) -> None:
    """Pixel by pixel, on the page and against the server's own answer."""
    troubles: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "404" not in message.text:  # Streamlit's own, on any page
            troubles.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    inside = open_inside(page, lab_url, f"inside_model={name}")
    last = inside.locator(".terms li").last.locator("canvas").nth(1)
    np.testing.assert_array_equal(pixels(last), pixels(inside.locator(".sum .after")))
    np.testing.assert_allclose(pixels(last), reconstruction(inside), atol=1.01 / 255)
    model = _model(name)
    np.testing.assert_allclose(
        reconstruction(inside), model.reconstruct(DIGITS[:1])[0], atol=1.5 / 255
    )
    assert not troubles


def _model(name: str) -> Autoencoder | Pca:
    if name == "pca":
        return load_pca().keeping(32)
    return Autoencoder.load(PRETRAINED.get(name).folder)


def test_the_sum_grows_term_by_term(inside: Locator) -> None:
    slider = inside.get_by_role("slider", name="How many terms are added")
    slider.press("Home")
    expect(inside.locator(".steps output")).to_have_text("Terms added: 0 of 32")
    first = inside.locator(".terms li").first.locator("canvas").nth(1)
    np.testing.assert_array_equal(pixels(inside.locator(".sum .after")), pixels(first))
    slider.press("ArrowRight")
    expect(inside.locator(".steps output")).to_have_text("Terms added: 1 of 32")
    slider.press("End")
    expect(inside.locator(".steps output")).to_have_text("All terms added: the reconstruction")
    np.testing.assert_allclose(
        pixels(inside.locator(".sum .after")), reconstruction(inside), atol=1.01 / 255
    )


def test_a_line_of_code_lights_its_layer_and_a_layer_its_line(inside: Locator) -> None:
    line = inside.locator(".line", has_text="code = ")
    line.hover()
    expect(inside.locator(".stage.lit")).to_have_count(1)
    expect(inside.locator(".stage.lit")).to_contain_text("Code")
    expect(inside.locator(".line.lit")).to_have_text(re.compile("code = "))
    inside.locator(".stage.reconstruction .plate").hover()
    expect(inside.locator(".stage.lit")).to_have_count(0)
    expect(inside.locator(".line.lit").first).to_contain_text("sigmoid")
    expect(inside.locator(".line.lit").last).to_contain_text("Reshape")


def test_units_switched_off_and_on_again_restore_the_picture_exactly(inside: Locator) -> None:
    before = reconstruction(inside)
    code_plate(inside).click(position={"x": 10, "y": 10})
    for name in ("Switch it off", "Switch its layer off"):
        inside.get_by_role("button", name=name, exact=True).click()
        back = inside.get_by_role("button", name=name.replace(" off", " on again"), exact=True)
        expect(back).to_be_visible()
        expect(inside.locator(".parts .note").last).to_have_text("You have set it to 0.00.")
        expect(inside.locator(".parts .note").first).not_to_contain_text("through: 0.00")
        expect(inside.locator(".says")).not_to_contain_text("It is 0 now")
        assert np.abs(reconstruction(inside) - before).max() > 0.05
        back.click()
        expect(inside.get_by_role("button", name=name, exact=True)).to_be_visible()
        np.testing.assert_array_equal(reconstruction(inside), before)


def test_terms_of_the_sum_are_switches_too(inside: Locator) -> None:
    before = reconstruction(inside)
    terms = inside.get_by_role("button", name=re.compile("^Term [1-3]:"))
    for number in range(3):
        terms.nth(number).click()
        expect(terms.nth(number)).to_have_attribute("aria-pressed", "true")
    assert np.abs(reconstruction(inside) - before).max() > 0.1
    inside.get_by_role("button", name="Undo all changes").click()
    expect(terms.first).to_have_attribute("aria-pressed", "false")
    np.testing.assert_array_equal(reconstruction(inside), before)


def test_the_keyboard_points_changes_and_switches(open_page: Page, inside: Locator) -> None:
    title = inside.locator(".unit h3")
    inside.get_by_role("application", name=re.compile("^Image")).focus()
    open_page.keyboard.press("ArrowRight")
    expect(title).to_have_text(re.compile("^Image, row 1, column 2: "))
    expect(inside.locator("[aria-live]")).to_have_text(title.inner_text())
    plate = code_plate(inside)
    plate.focus()
    open_page.keyboard.press("ArrowRight")
    expect(title).to_have_text(re.compile("^Code"))
    first = title.inner_text()
    open_page.keyboard.press("ArrowDown")
    expect(title).not_to_have_text(first)
    expect(inside.locator("[aria-live]")).to_have_text(re.compile("^Code .* unit"))
    open_page.keyboard.press("Enter")
    expect(title).to_have_text(re.compile(": 0.00$"))
    expect(inside.get_by_role("button", name="Undo all changes")).to_be_enabled()
    open_page.keyboard.press("+")
    expect(title).not_to_have_text(re.compile(": 0.00$"))


def choose_a_unit(inside: Locator) -> None:
    """Click one of the code's, and wait until the page has painted it."""
    code_plate(inside).click(position={"x": 10, "y": 100})
    two_frames(inside.page)


def test_shortcuts_of_the_browser_stay_its_own(open_page: Page, inside: Locator) -> None:
    choose_a_unit(inside)
    before = inside.locator(".unit h3").inner_text()
    for keys in ("Control++", "Control+-", "Alt+ArrowDown", "Control+Enter"):
        open_page.keyboard.press(keys)
    two_frames(open_page)
    assert inside.locator(".unit h3").inner_text() == before


def test_a_sheet_of_paper_shows_the_network_whole(open_page: Page, inside: Locator) -> None:
    size = "e => [e.offsetWidth, e.offsetHeight, e.getBoundingClientRect().width]"
    diagram = inside.locator(".diagram")
    before = diagram.evaluate(size)
    open_page.emulate_media(media="print")
    two_frames(open_page)
    printed = diagram.evaluate(size)
    open_page.emulate_media(media="screen")
    two_frames(open_page)
    assert before[2] > 1000
    assert printed[2] <= 700  # A4 without its margins
    assert diagram.evaluate(size) == before


def test_only_the_first_button_drags_and_a_cancelled_pen_lets_go(
    open_page: Page, inside: Locator
) -> None:
    plate = code_plate(inside)
    box = plate.bounding_box()
    assert box
    across, down = box["x"] + 10, box["y"] + 100
    choose_a_unit(inside)
    before = _value(inside)
    open_page.mouse.down(button="right")
    open_page.mouse.move(across, down - 40, steps=4)
    open_page.mouse.up(button="right")
    open_page.mouse.move(across, down)
    open_page.mouse.down()
    plate.evaluate(
        "plate => plate.dispatchEvent(new PointerEvent('pointercancel', { bubbles: true,"
        " composed: true, pointerId: 1 }))"
    )
    open_page.mouse.move(across, down - 40, steps=4)
    open_page.mouse.up()
    choose_a_unit(inside)
    assert _value(inside) == before


def test_another_network_opens_untouched_on_the_same_page(lab_url: str, page: Page) -> None:
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    inside = open_inside(page, lab_url)
    sort = inside.get_by_role("checkbox", name="Sort large layers")
    expect(sort).to_be_hidden()  # the plain network has none
    inside.get_by_role("radio", name="50%").check()
    inside.get_by_role("slider", name="Without the least important").fill("20")
    box = page.get_by_role("combobox").first
    box.scroll_into_view_if_needed()
    two_frames(page)  # scrolling shuts it
    box.click()
    page.get_by_role("option", name="Deep", exact=True).click()
    expect(inside.locator(".size", has_text="128 numbers").first).to_be_visible()
    expect(sort).to_be_visible()
    expect(page.locator(".lab-inside[data-ready=true]")).to_be_visible()
    np.testing.assert_allclose(
        reconstruction(inside), _model("deep").reconstruct(DIGITS[:1])[0], atol=1.5 / 255
    )
    expect(inside.get_by_role("radio", name="all stay")).to_be_checked()
    expect(inside.locator(".removed")).to_have_text("0 of 32")
    code_plate(inside).click(position={"x": 10, "y": 10})
    expect(inside.locator(".unit h3")).to_have_text(re.compile("^Code"))
    assert "null" not in inside.inner_text()
    expect(inside.locator(".spoken")).to_contain_text("Code")
    settled(page)

    page.get_by_text("中文", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("走进网络内部")
    settled(page)
    expect(inside.locator(".spoken")).to_be_empty()  # it was said in English
    page.get_by_role("radio", name="3", exact=True).click()
    settled(page)
    assert "inside_model=deep" in page.url
    expect(page.get_by_role("alert")).to_have_count(0)
    assert not troubles


def test_dragging_a_unit_up_makes_it_larger(open_page: Page, inside: Locator) -> None:
    plate = code_plate(inside)
    choose_a_unit(inside)
    box = plate.bounding_box()
    assert box
    across, down = box["x"] + 10, box["y"] + 100
    before = _value(inside)
    open_page.mouse.down()
    open_page.mouse.move(across, down - 40, steps=4)
    open_page.mouse.up()
    expect(inside.get_by_role("button", name="Its own value again")).to_be_visible()
    assert _value(inside) > before + 1
    shown = inside.locator(".hands output").inner_text()
    slider = inside.get_by_role("slider", name="Its value")
    expect(slider).to_have_attribute("aria-valuetext", shown)  # what is read aloud, too


def _value(inside: Locator) -> float:
    return float(inside.locator(".unit h3").inner_text().split(": ")[1].replace("−", "-"))


def test_pruning_costs_on_this_digit_and_on_200(inside: Locator) -> None:
    usual = inside.locator(".all-usual")
    expect(usual).to_have_text(re.compile(r"^0\.0\d{3}$"))
    inside.get_by_role("radio", name="90%").check()
    now = inside.locator(".all-now")
    expect(now).to_have_text(re.compile(r"^0\.\d{4}$"))
    assert float(now.inner_text()) > float(usual.inner_text()) + 0.01
    here = [inside.locator(f".here-{when}").inner_text() for when in ("usual", "now")]
    assert float(here[1]) > float(here[0])
    inside.get_by_role("button", name="Undo all changes").click()
    expect(now).to_have_text(usual.inner_text())
    expect(inside.get_by_role("radio", name="all stay")).to_be_checked()


def test_the_terms_are_covered_until_somebody_predicts(lab_url: str, page: Page) -> None:
    inside = open_inside(page, lab_url)
    cover = "button => getComputedStyle(button, '::after').content"
    term = inside.locator(".terms button").nth(8)
    assert term.evaluate(cover) == '"?"'
    guess = page.locator(".st-key-predict_terms").get_by_role("spinbutton")
    guess.fill("20")
    guess.press("Enter")
    expect(page.locator(".st-key-predicted_terms dd").first).to_have_text("20 terms")
    assert term.evaluate(cover) == "none"


def test_numbers_go_in_the_order_in_which_the_server_measures_it(inside: Locator) -> None:
    digit = to_float(load_mnist().test_images[0])
    truth = pictures_without(Autoencoder.load(PRETRAINED.get("plain").folder), digit)
    slider = inside.get_by_role("slider", name="Without the least important")
    for count in (12, 22):
        slider.fill(f"{count}")
        expect(inside.locator(".removed")).to_have_text(f"{count} of 32")
        expect(inside.locator(".code-stage .active")).to_have_text(f"{32 - count} not 0")
        assert np.abs(reconstruction(inside) - truth[count]).max() < 0.02


def test_hands_stay_where_they_were_laid_and_hold_what_is_told_of(
    open_page: Page, inside: Locator
) -> None:
    inside.locator(".terms button").nth(1).click()
    slider = inside.get_by_role("slider", name="Without the least important")
    slider.fill("3")
    expect(inside.locator(".terms li.off")).to_have_count(3)  # it is one of the three
    slider.fill("0")
    expect(inside.locator(".terms li.off")).to_have_count(1)
    choose_a_unit(inside)
    hands = inside.get_by_role("button", name="Switch it off")
    expect(hands).to_be_visible()
    inside.locator(".stage.image .plate").hover(position={"x": 70, "y": 42})
    expect(inside.locator(".unit h3")).to_have_text(re.compile(r"Image, row 9, column 15: [01]\."))
    expect(inside.locator(".links path").first).to_be_attached()  # to the units it counts for most
    expect(hands).to_be_hidden()  # they would hold another number than the one that is told of
    open_page.mouse.move(2, 2)
    expect(hands).to_be_visible()


def test_of_another_digit_other_numbers_are_the_least_important(
    open_page: Page, inside: Locator
) -> None:
    inside.get_by_role("slider", name="Without the least important").fill("22")
    open_page.get_by_role("radio", name="3", exact=True).click()
    three = FIRST[3]
    model = Autoencoder.load(PRETRAINED.get("plain").folder)
    truth = pictures_without(model, to_float(load_mnist().test_images[three]))[22]
    wait_until(lambda: bool(np.abs(reconstruction(inside) - truth).max() < 0.02), seconds=10)
    expect(inside.locator(".removed")).to_have_text("22 of 32")
    settled(open_page)
    open_page.get_by_role("radio", name="7", exact=True).click()
    settled(open_page)


def test_weights_beyond_all_numbers_get_one_sentence(inside: Locator) -> None:
    shake = inside.get_by_role("slider", name=re.compile("Noise on the weights"))
    shake.evaluate("input => { input.max = 1e39; input.value = 1e39; }")
    shake.dispatch_event("input")
    trouble = inside.get_by_role("alert")
    expect(trouble).to_contain_text("no longer answers with numbers")
    inside.get_by_role("button", name="Undo all changes").click()
    expect(trouble).to_be_hidden()
    shake.evaluate("input => { input.max = 3; }")


def test_the_network_follows_the_pen_while_the_button_is_down(lab_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 1000})
    inside = open_inside(page, lab_url, "source=drawing")
    expect(page.get_by_text("the network sees black")).to_be_visible()
    blank = reconstruction(inside)
    canvas = page.locator("canvas.upper-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=6)
    page.mouse.move(box["x"] + 120, box["y"] + 220, steps=6)
    seen = inside.locator(".stage.image canvas")
    expect(inside.locator(".here-now")).not_to_have_text("")
    page.wait_for_function(
        f"canvas => Math.max(...({_PIXELS})(canvas)) > 200", arg=seen.element_handle()
    )
    assert np.abs(reconstruction(inside) - blank).max() > 0.5
    page.mouse.up()
    expect(page.get_by_text("the network sees black")).to_have_count(0)


@pytest.mark.parametrize("name", ["plain", "conv"])
def test_an_open_network_fits_a_phone(lab_url: str, page: Page, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    open_inside(page, lab_url, f"inside_model={name}")
    main, labels = page.get_by_test_id("stMain").element_handle(), page.locator(".terms b")
    for letters in ("16px", "20px"):  # as the visitor's browser has them, or larger
        page.add_style_tag(content=f"html {{ font-size: {letters} !important }}")
        for width in (390, 320, 640):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_function(
                "element => element.scrollWidth <= element.clientWidth", arg=main
            )
            assert not labels.evaluate_all(
                "all => all.filter((each) => each.scrollWidth > each.clientWidth).length"
            )


def test_a_convolution_shows_its_patch_its_filter_and_what_it_sees(
    lab_url: str, page: Page
) -> None:
    inside = open_inside(page, lab_url, "inside_model=conv")
    expect(inside.locator(".says")).to_contain_text("It sees 10 × 10 pixels")
    expect(inside.locator(".removing")).to_contain_text("least important maps of the code")
    field, image = inside.locator(".field"), inside.locator(".stage.image canvas")
    sizes = [each.bounding_box() for each in (field, image)]
    assert sizes[0]
    assert sizes[1]
    assert sizes[0]["width"] == pytest.approx(sizes[1]["width"] * 10 / 28, abs=1)
    inside.locator(".stage.values .plate").first.click(position={"x": 20, "y": 20})
    expect(inside.locator(".says")).to_contain_text("It sees 3 × 3 pixels")
    expect(inside.locator(".patches li").first.locator("canvas")).to_have_count(2)


def test_a_number_is_called_by_its_place_in_what_is_drawn(lab_url: str, page: Page) -> None:
    """The denoiser's code is made of maps, and the 1,568 numbers behind it lie as maps, too."""
    inside = open_inside(page, lab_url, "inside_model=denoise_any")
    expect(inside.locator(".unit h3")).to_contain_text("Code (Dense), unit")
    place = re.compile(r"^map \d+, row [1-7], column [1-7]")
    expect(inside.locator(".products li").first).to_have_text(place)
    behind = inside.locator(".stage.values:has(b:text-is('Dense'))")
    expect(behind).to_contain_text("32 × 7 × 7")
    behind.locator(".plate").click(position={"x": 5, "y": 5})
    expect(inside.locator(".unit h3")).to_contain_text(re.compile("^Dense, map 1, row [1-7]"))
    expect(inside.locator(".products li").first).to_have_text(re.compile(r"^unit \d"))


def test_weights_that_do_not_arrive_get_one_sentence(lab_url: str, page: Page) -> None:
    page.route("**/*.bin", lambda route: route.abort())
    page.goto(f"{lab_url}/inside?inside_model=vae")
    settled(page)
    expect(page.get_by_role("alert").filter(has_text="did not arrive whole")).to_be_visible()
