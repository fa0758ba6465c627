"""The code's sliders on Learn in a real browser: the decoder answers there, as the server would."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from aecore.autoencoder import Autoencoder
from aecore.datasets import load_mnist, to_float
from aecore.worker.pretrain import PRETRAINED
from tests.conftest import settled
from tests.ui.engine.test_live import Visitor, grey


def test_a_turned_number_is_decoded_at_once_and_the_server_hears_nothing(
    lab_url: str, page: Page
) -> None:
    visitor = Visitor(page)
    visitor.page.goto(lab_url)
    settled(page)
    board = page.locator(".code-board")
    expect(board.get_by_role("slider")).to_have_count(32)
    model = Autoencoder.load(PRETRAINED / "plain")
    code = model.encode(to_float(load_mnist().test_images[:1]))[0]
    encoded, turned = board.locator("canvas.encoded"), board.locator("canvas.turned")
    expect(board.get_by_role("button", name="Undo all changes")).to_be_disabled()
    page.wait_for_function("canvas => canvas.width", arg=encoded.element_handle())
    np.testing.assert_allclose(grey(turned), 255 * model.decode(code[None]).ravel(), atol=1.5)

    heard = visitor.sent
    slider = board.get_by_role("slider", name="Number 23 of the code")
    slider.focus()
    slider.press("Home")
    code[22] = 0
    np.testing.assert_allclose(grey(turned), 255 * model.decode(code[None]).ravel(), atol=1.5)
    assert np.abs(grey(turned) - grey(encoded)).max() > 20
    assert visitor.sent == heard

    board.get_by_role("button", name="Undo all changes").click()
    np.testing.assert_array_equal(grey(turned), grey(encoded))
    expect(slider).to_have_attribute("aria-valuetext", "15.4; as encoded it is 15.4")

    page.set_viewport_size({"width": 320, "height": 568})
    wide = "all => Math.min(...all.map((slider) => slider.getBoundingClientRect().width))"
    assert board.get_by_role("slider").evaluate_all(wide) >= 24  # pixels, for a finger
