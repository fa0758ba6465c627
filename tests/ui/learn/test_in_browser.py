"""The 32 numbers of a code in a real browser: the decoder follows while one is turned."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from aecore.autoencoder import Autoencoder
from aecore.datasets import Floats, load_mnist, to_float
from aecore.ui.models import PRETRAINED
from tests.conftest import settled
from tests.ui.engine.test_live import Visitor, grey


def opened(visitor: Visitor, lab_url: str) -> Locator:
    visitor.page.goto(lab_url)
    settled(visitor.page)
    sliders = visitor.page.locator(".code-sliders")
    sliders.scroll_into_view_if_needed()
    return sliders


def number(sliders: Locator, which: int) -> Locator:
    return sliders.get_by_role("slider", name=f"Number {which} of the code", exact=True)


def decoded(**turned: float) -> Floats:
    """What the server makes of the first test digit's code after numbers were turned."""
    model = Autoencoder.load(PRETRAINED.get("plain").folder)
    code = model.encode(to_float(load_mnist().test_images[:1]))
    for name, share in turned.items():
        code[0, int(name.removeprefix("number")) - 1] = share * code.max()
    picture: Floats = model.decode(code)[0]
    return picture


def drawn(sliders: Locator) -> Floats:
    shown: Floats = grey(sliders.locator("canvas.turned")).reshape(28, 28) / 255
    return shown


def test_the_decoder_follows_while_a_number_is_turned(page: Page, lab_url: str) -> None:
    visitor = Visitor(page)
    sliders = opened(visitor, lab_url)
    expect(sliders.get_by_role("slider")).to_have_count(32)
    assert np.abs(drawn(sliders) - decoded()).max() < 0.01
    sent = visitor.sent
    box = number(sliders, 23).bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(middle, box["y"] + box["height"] + 20, steps=5)  # all the way down to 0
    assert np.abs(drawn(sliders) - decoded(number23=0)).max() < 0.01
    page.mouse.up()
    expect(sliders.get_by_text("Number 23 is 0.0")).to_be_visible()
    number(sliders, 1).press("End")
    changed = drawn(sliders)
    assert np.abs(changed - decoded(number23=0, number1=2)).max() < 0.05  # whose largest was 23
    sliders.get_by_role("button", name="As encoded").click()
    assert np.abs(drawn(sliders) - decoded()).max() < 0.01
    assert visitor.sent == sent


def test_where_the_weights_do_not_arrive_the_server_decodes(page: Page, lab_url: str) -> None:
    page.route("**/media/**", lambda route: route.abort())
    sliders = opened(Visitor(page), lab_url)
    expect(sliders.get_by_text("did not arrive whole")).to_be_visible()
    number(sliders, 23).press("Home")
    expect(sliders.locator("figcaption").last).not_to_contain_text("0.0050")
    assert drawn(sliders) == pytest.approx(decoded(number23=0), abs=0.01)
