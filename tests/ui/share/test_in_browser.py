"""Handing a page out, in a real browser: the QR code is read from the screen."""

from __future__ import annotations

import io
from typing import Literal

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from aecore.sketch import Stroke, pack
from aecore.ui.share.network import address_in_the_network
from tests.conftest import settled

SEVEN = pack([Stroke(16, ((70, 60), (190, 60), (120, 200)))])
CODE = "QR code of the link to this page"

HOST = address_in_the_network()
pytestmark = pytest.mark.skipif(HOST is None, reason="no network to hand a page out in")


def for_others(address: str) -> str:
    """Where others find what is at this address of our own."""
    return address.replace("127.0.0.1", str(HOST))


def handed_out(page: Page) -> str:
    """Open the dialog; the link in it."""
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_alt_text(CODE)).to_be_visible()
    settled(page)
    return page.get_by_role("textbox", name="Link to this page").input_value()


def read_from_the_screen(page: Page) -> str:
    picture = Image.open(io.BytesIO(page.get_by_alt_text(CODE).screenshot()))
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_that_reads_the_code_sees_the_same_page(
    lab_url: str, browser: Browser, theme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": 1920, "height": 1080}, locale="en-GB", color_scheme=theme
    )
    page = context.new_page()
    page.goto(f"{lab_url}/draw?sketch={SEVEN}&source=drawing&models=plain,deep")
    settled(page)
    link = handed_out(page)
    assert read_from_the_screen(page) == link
    box = page.get_by_alt_text(CODE).bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 700  # of 1,080: the last row reads it

    phone = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    phone.goto(link)
    settled(phone)
    expect(phone.get_by_alt_text("Reconstruction of your drawing")).to_have_count(2)  # in English
    phone.context.close()
    context.close()


def test_the_stage_is_set_with_check_boxes(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/draw?models=plain")
    settled(page)
    handed_out(page)
    for part in ("Title and first question", "The noise", "The choice of models"):
        page.get_by_role("checkbox", name=part).press("Space")
        expect(page.get_by_role("checkbox", name=part)).not_to_be_checked()
    link = page.get_by_role("textbox", name="Link to this page")
    expect(link).to_have_value(
        f"{for_others(lab_url)}/draw?language=en&models=plain&only=canvas,became,strip,nearest"
    )
    settled(page)
    assert read_from_the_screen(page) == link.input_value()
    page.get_by_role("button", name="Show it like this").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Kind of noise")).to_have_count(0)
    expect(page.get_by_text("ink that is missing")).to_be_visible()


def test_the_dialog_works_by_keyboard_and_the_link_is_copied(lab_url: str, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{lab_url}/train?epochs=3")
    settled(page)
    page.get_by_role("button", name="Share").press("Enter")
    expect(page.get_by_alt_text(CODE)).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Copy").first.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{for_others(lab_url)}/train?language=en&epochs=3"
    forbid = "navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden'))"
    page.evaluate(f"() => {{ {forbid} }}")
    page.get_by_role("button", name="Copy", exact=True).last.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_have_count(2)
    assert page.evaluate("navigator.clipboard.readText()").startswith("<iframe")
    for box in page.get_by_role("checkbox").all():
        box.press("Space")
        expect(box).not_to_be_checked()
    expect(page.get_by_text("Tick one part besides the title")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_embedded_page_shows_nothing_of_the_frame(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/draw?only=canvas,noise")
    settled(page)
    handed_out(page)
    code = page.get_by_role("textbox", name="Code to embed this page").input_value()
    page.set_content(f"<h1>Slides</h1>{code}")
    inside = page.frame_locator("iframe")
    expect(inside.get_by_text("Kind of noise")).to_be_visible()
    expect(inside.locator("canvas.upper-canvas")).to_be_visible()
    for name in ("Share", "Show everything on this page"):
        expect(inside.get_by_role("button", name=name)).to_have_count(0)
    expect(inside.get_by_role("radio", name="中文")).to_have_count(0)
    expect(inside.get_by_role("link", name="Denoise")).to_have_count(0)
    top = inside.get_by_test_id("stMainBlockContainer").evaluate(
        "e => getComputedStyle(e).paddingTop"
    )
    assert top == "16px"
    inside.get_by_role("radio", name="Salt and pepper").click()
    expect(inside.get_by_role("radio", name="Salt and pepper")).to_be_checked()
    expect(inside.get_by_role("link", name="Denoise")).to_have_count(0)
