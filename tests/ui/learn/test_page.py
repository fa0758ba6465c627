"""The Learn page's logic, without a browser."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from aecore.autoencoder import Autoencoder
from aecore.datasets import load_mnist, to_float
from aecore.runs import RunStore
from aecore.ui import models
from aecore.ui.digits import FIRST, ChosenDigit
from aecore.ui.learn import measured
from aecore.ui.learn.measured import first_misread_sigma
from aecore.ui.state import Visit
from aecore.worker.pretrain import PRETRAINED
from tests.ui.draw.test_page import html

APP = str(Path(__file__).parents[3] / "app.py")


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_six_sections_with_a_picture_each() -> None:
    app = opened()
    assert not app.exception
    assert [header.value[0] for header in app.header] == ["1", "2", "3", "4", "5", "6"]
    assert html(app).count("data:image/png") > 20
    shown = [each for each in app.main if isinstance(each, Element)]
    [sheet] = [
        at for at, each in enumerate(shown) if 'class="sheet"' in getattr(each.proto, "body", "")
    ]
    assert [each.type for each in shown[sheet + 1 :]].count("page_link") == 2  # where to go next


def test_the_chosen_digit_comes_from_the_link() -> None:
    assert "a handwritten 1 (test image 2)" in html(opened(digit="2"))


def test_noise_changes_the_pictures() -> None:
    app = opened()
    before = html(app)
    app.slider(key="bound_lesson_noise").set_value(1.0).run()
    assert not app.exception
    assert html(app) != before


def test_every_number_of_the_code_gets_a_slider() -> None:
    board = next(
        element.proto
        for element in opened(digit="2").get("bidi_component")
        if element.proto.component_name == "code_board"
    )
    sent = json.loads(board.json)
    image = to_float(load_mnist().test_images[2:3])
    expected = Autoencoder.load(PRETRAINED / "plain").encode(image)[0]
    np.testing.assert_allclose(sent["code"], expected, rtol=1e-5)
    assert len(expected) == 32
    assert sent["network"]["name"] == "plain"


def test_everything_is_said_in_chinese() -> None:
    app = opened(language="zh")
    assert not app.exception
    assert "自编码器" in app.title[0].value
    for header in app.header:
        assert re.search("[\u4e00-\u9fff]", header.value), header.value


@pytest.mark.parametrize("value", ["nan", "-1", "1e309", "１２", "99999", ""])
def test_a_tampered_link_gets_one_sentence(value: str) -> None:
    app = opened(digit=value)
    assert not app.exception
    assert any("does not know (digit)" in warning.value for warning in app.warning)
    assert len(app.header) == 6


def test_a_damaged_model_gets_one_sentence_and_the_rest_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(PRETRAINED, tmp_path / "pretrained", ignore=shutil.ignore_patterns("epochs"))
    decoder = tmp_path / "pretrained" / "deep" / "decoder.onnx"
    decoder.write_bytes(decoder.read_bytes()[:-1])
    monkeypatch.setattr(models, "PRETRAINED", RunStore(tmp_path / "pretrained"))
    app = opened()
    assert not app.exception
    assert any("decoder.onnx" in warning.value for warning in app.warning)
    assert len(app.header) == 6


def test_the_ten_digits_to_choose_from_are_judged_as_an_eye_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measured, "visit", Visit)
    mnist = load_mnist()
    assert [int(mnist.test_labels[index]) for index in FIRST] == list(range(10))
    for index in FIRST:
        image = to_float(mnist.test_images[index])
        judged = first_misread_sigma(ChosenDigit(image, int(mnist.test_labels[index]), ""))
        assert judged >= 0.5, index


def test_after_a_prediction_the_answers_can_be_judged_by_eye() -> None:
    app = opened(digit="2")
    assert "The answer to" not in html(app)
    app.number_input(key="said_noise").set_value(0.8)
    next(each for each in app.button if each.label == "That is my prediction").click().run()
    row = html(app).split("The answer to")
    assert len(row) == 9  # six levels, what was said, what the program says
    assert "σ = 0.8\nyou" in html(app)
    assert "σ = 1.1\nthe program" in html(app)


def test_the_program_does_not_judge_what_it_misreads_without_noise() -> None:
    app = opened(digit="8")  # a 5 that it takes for nothing
    next(each for each in app.button if each.label == "Just show me").click().run()
    assert "<dd>not for this program to say: it misreads this digit" in html(app)
