"""Draw in a real browser: strokes with the mouse, noise, another page and back, a phone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.conftest import free_port, serving, settled, wait_until
from tests.ui.seen import see_everything

SEVEN = [(60, 60), (140, 55), (220, 60), (190, 120), (160, 180), (130, 240)]
BAR = [(110, 150), (150, 150), (210, 150)]

TOO_WIDE = """all => all.filter((each) => each.scrollWidth > each.clientWidth)
    .map((each) => each.textContent)"""


def open_draw(page: Page, lab_url: str) -> None:
    page.goto(f"{lab_url}/draw")
    settled(page)
    expect(page.locator("canvas.upper-canvas")).to_be_visible()
    expect(page.locator(".strip-row").first).to_be_visible()


def draw(page: Page, points: list[tuple[int, int]], *, lift: bool = True) -> None:
    canvas = page.locator("canvas.upper-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    first, *rest = [(box["x"] + x, box["y"] + y) for x, y in points]
    page.mouse.move(*first)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y, steps=4)
    if lift:
        page.mouse.up()


def ink_on_canvas(page: Page) -> int:
    """Bright pixels on the canvas that holds the drawing: of two, for a moment, the newer."""
    return int(
        page.locator("canvas.dc-canvas.lower-canvas").last.evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
            ".filter((v, i) => i % 4 === 0 && v > 128).length"
        )
    )


def reconstruction(page: Page) -> str:
    """The picture that the first model answers with."""
    return page.locator(".strip-stage.decoded img").first.get_attribute("src") or ""


def test_a_drawn_7_is_prepared_reconstructed_and_finds_other_7s(page: Page, lab_url: str) -> None:
    open_draw(page, lab_url)
    see_everything(page)
    expect(page.locator(".steps")).to_have_count(0)
    before = reconstruction(page)
    draw(page, SEVEN)
    expect(page.locator(".steps figure")).to_have_count(3)
    expect(page.get_by_alt_text("Your drawing as an MNIST image")).to_be_visible()
    expect(page.get_by_alt_text("Reconstruction of your drawing by the model PCA")).to_be_visible()
    assert reconstruction(page) != before
    pca = page.locator(".neighbours-line").filter(has_text="PCA")
    expect(pca.locator("figcaption")).to_have_count(5)
    expect(pca.get_by_alt_text(re.compile("a 7$")).nth(2)).to_be_visible()


def test_a_second_stroke_keeps_the_first_and_undo_takes_it_back(page: Page, lab_url: str) -> None:
    open_draw(page, lab_url)
    draw(page, SEVEN)
    expect(page.locator(".steps")).to_be_visible()
    settled(page)
    after_one, image = ink_on_canvas(page), reconstruction(page)
    draw(page, BAR)
    decoded = page.locator(".strip-stage.decoded img").first
    expect(decoded).not_to_have_attribute("src", image)
    settled(page)
    assert ink_on_canvas(page) > after_one
    after_two = reconstruction(page)
    page.get_by_role("button", name="Undo").click()
    expect(decoded).not_to_have_attribute("src", after_two)
    settled(page)
    wait_until(lambda: ink_on_canvas(page) == after_one, seconds=10)
    for number, is_down in ((2, True), (3, False)):  # of a stroke that the server does not know yet
        draw(page, BAR, lift=not is_down)
        page.get_by_role("button", name="Undo").evaluate("button => button.click()")
        if is_down:
            page.mouse.up()
        expect(page.locator(f".st-key-canvas_{number}")).to_be_visible()
        settled(page)
        wait_until(lambda: ink_on_canvas(page) == after_one, seconds=10)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The canvas is empty")).to_be_visible()


def test_a_stroke_drawn_while_the_server_is_started_anew_is_kept(
    page: Page, tmp_path: Path
) -> None:
    port = free_port()
    with serving(tmp_path, port=port) as address:
        open_draw(page, address)
        draw(page, BAR)
        expect(page.locator(".steps")).to_be_visible()
        page.get_by_role("button", name="Clear", exact=True).click()
        expect(page.locator(".st-key-canvas_1")).to_be_visible()
        settled(page)
        draw(page, SEVEN)
        expect(page.locator(".steps")).to_be_visible()
        settled(page)
        after_one, link = ink_on_canvas(page), page.url
        page.get_by_role("radio", name="A test digit").click()
        expect(page.locator(".steps")).to_have_count(0)
        settled(page)
    draw(page, BAR)
    wait_until(lambda: ink_on_canvas(page) > after_one, seconds=10)
    after_two = ink_on_canvas(page)
    with serving(tmp_path, port=port):
        expect(page.locator(".st-key-canvas_2")).to_be_visible()
        settled(page)
        wait_until(lambda: ink_on_canvas(page) == after_two, seconds=10)
        expect(page.locator(".steps")).to_be_visible()
        assert page.url != link
        page.get_by_role("button", name="Undo").click()
        expect(page).to_have_url(link)
        wait_until(lambda: ink_on_canvas(page) == after_one, seconds=10)


def test_a_stroke_may_begin_in_the_upper_right_corner(page: Page, lab_url: str) -> None:
    open_draw(page, lab_url)
    draw(page, [(270, 8), (150, 100), (40, 250)])  # where the canvas's own tools lie, unseen
    expect(page.locator(".steps")).to_be_visible()
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)


def test_clear_empties_the_canvas_and_a_test_digit_leaves_it(page: Page, lab_url: str) -> None:
    open_draw(page, lab_url)
    draw(page, SEVEN)
    expect(page.locator(".steps")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("The canvas is empty")).to_be_visible()
    settled(page)
    assert ink_on_canvas(page) == 0
    draw(page, BAR)
    expect(page.locator(".steps")).to_be_visible()
    page.get_by_role("button", name="Random digit").click()
    expect(page.locator(".steps")).to_have_count(0)
    expect(page.get_by_alt_text(re.compile("Input: a handwritten")).first).to_be_visible()


def test_noise_appears_and_another_draw_changes_it(page: Page, lab_url: str) -> None:
    open_draw(page, lab_url)
    expect(page.locator("img[alt*='with noise']")).to_have_count(0)
    slider = page.get_by_role("slider", name=re.compile("σ of the noise"))
    slider.focus()
    for _press in range(8):
        slider.press("ArrowRight")
    noisy = page.locator("img[alt*='with noise']").first
    expect(noisy).to_be_visible()
    expect(slider).to_have_value("0.4")
    settled(page)
    first = noisy.get_attribute("src") or ""
    page.get_by_role("button", name="Another draw").click()
    expect(noisy).not_to_have_attribute("src", first)


def test_the_drawing_survives_another_page_and_a_reload_and_back_takes_a_stroke_away(
    page: Page, lab_url: str
) -> None:
    open_draw(page, lab_url)
    draw(page, SEVEN)
    expect(page.locator(".steps")).to_be_visible()
    ink, image = ink_on_canvas(page), reconstruction(page)
    page.get_by_role("link", name="Denoise", exact=True).click()
    expect(page.get_by_alt_text("your drawing: With noise")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(page.locator(".steps")).to_be_visible()
    settled(page)
    assert reconstruction(page) == image
    wait_until(lambda: ink_on_canvas(page) > 0, seconds=20)
    assert abs(ink_on_canvas(page) - ink) < 0.02 * ink
    draw(page, BAR)
    expect(page.locator(".strip-stage.decoded img").first).not_to_have_attribute("src", image)
    settled(page)
    assert ink_on_canvas(page) > ink

    expect(page).to_have_url(re.compile("sketch="))
    ink, link = ink_on_canvas(page), page.url
    page.reload()
    settled(page)
    expect(page.locator(".steps")).to_be_visible()
    wait_until(lambda: ink_on_canvas(page) > 0, seconds=20)
    assert abs(ink_on_canvas(page) - ink) < 0.03 * ink
    assert page.url == link
    image = reconstruction(page)
    draw(page, [(60, 250), (220, 250)])
    expect(page.locator(".strip-stage.decoded img").first).not_to_have_attribute("src", image)
    settled(page)
    assert ink_on_canvas(page) > ink
    page.go_back()
    wait_until(lambda: abs(ink_on_canvas(page) - ink) < 0.03 * ink, seconds=20)


def test_on_a_phone_everything_fits_and_can_be_drawn_on(browser: Browser, lab_url: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    open_draw(page, lab_url)
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    draw(page, SEVEN)
    expect(page.locator(".steps")).to_be_visible()
    widest = page.get_by_test_id("stMain").evaluate("e => e.scrollWidth")
    assert widest <= 390
    answers, questions = page.locator(".strip-row").first, page.locator(".st-key-questions")
    first, later = answers.bounding_box(), questions.bounding_box()
    assert first is not None
    assert later is not None
    assert first["y"] + first["height"] <= 844, "drawing and first answer are not one screen"
    assert first["y"] < later["y"], "settings stand before the answers"
    page.get_by_role("button", name="Just show me").first.click()
    expect(page.locator("#predictions")).to_be_visible()
    settled(page)
    nearest, said = page.locator(".st-key-nearest"), page.locator("#predictions")
    before, last = nearest.bounding_box(), said.bounding_box()
    assert before is not None
    assert last is not None
    assert before["y"] < last["y"], "what was predicted is not at the end"
    page.set_viewport_size({"width": 320, "height": 568})  # as a laptop at 400 % has it
    assert page.locator(".steps figcaption").evaluate_all(TOO_WIDE) == []
    page.goto(f"{lab_url}/draw?source=digit&draw_noise=0.5")
    settled(page)
    captions = page.locator(".lab figcaption:visible")
    expect(captions.filter(has_text="with noise").first).to_be_visible()
    assert captions.evaluate_all(TOO_WIDE) == []
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollWidth") <= 320
    context.close()
