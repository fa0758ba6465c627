"""The page Inside by AppTest: what is sent to the browser, for which model, and what is said."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aecore.datasets import load_mnist
from aecore.networks import NetworkWeights, plan
from aecore.onnx_weights import load_weights
from aecore.runs import Run
from aecore.shipped import SHIPPED
from aecore.ui.engine.weights import LARGEST
from aecore.ui.models import PRETRAINED
from tests.ui.draw.test_page import SEVEN, html, message, picture, send, sentences, visit

SENT = [
    name
    for name, spec in SHIPPED.items()
    if 2 * plan(spec.architecture, spec.code_size).parameters <= LARGEST
]
"""The shipped models that are small enough for a browser."""


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file("../../../app.py", default_timeout=60).run()
    return app.switch_page("pages/inside.py").run()


def sent(page: AppTest, component: str) -> dict[str, Any]:
    """What a component on the page was sent."""
    protos = [element.proto for element in page.get("bidi_component")]
    found: dict[str, Any] = json.loads(
        next(p.json for p in protos if p.component_name == component)
    )
    return found


def open_model(page: AppTest, name: str) -> AppTest:
    visit(page).inside_model = name
    return page.run()


@pytest.mark.parametrize("name", [*SENT, "pca"])
def test_every_model_opens_with_its_layers_and_its_code(page: AppTest, name: str) -> None:
    open_model(page, name)
    assert not page.exception
    assert not sentences(page)
    message = sent(page, "inside")
    network = message["network"]
    assert network["name"] == name
    layers = network["encoder"] + network["decoder"]
    lines = [line["layer"] for line in message["lines"] if line["layer"] is not None]
    assert sorted(set(lines)) == list(range(len(layers)))
    if name != "pca":
        known = plan(SHIPPED[name].architecture, SHIPPED[name].code_size)
        assert [layer["kind"] for layer in layers] == [layer.kind for layer in known.layers]


def test_a_network_that_is_too_large_gets_one_sentence(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aecore.ui.engine.weights._packed_run", lambda *_: None)
    page.run()
    assert not page.exception
    assert sentences(page) == [
        "This network is too large to be sent to a browser. Choose another one to look into."
    ]


def test_the_test_digits_are_the_first_200(page: AppTest) -> None:
    digits = base64.b64decode(sent(page, "inside")["digits"])
    assert digits == load_mnist().test_images[:200].tobytes()


def test_the_network_sees_the_digit_and_its_noise(page: AppTest) -> None:
    visit(page).digit = 4
    visit(page).draw_noise = 0.5
    seen = sent(page.run(), "inside_picture")
    digit = load_mnist().test_images[4].ravel() / 255
    np.testing.assert_allclose(seen["image"], digit, atol=1e-5)
    assert (seen["kind"], seen["level"], len(seen["field"])) == ("gaussian", 0.5, 784)
    assert "a handwritten 4" in seen["spoken"]
    assert not seen["pen"]


def test_the_network_sees_the_drawing_and_without_one_black(page: AppTest) -> None:
    visit(page).source = "drawing"
    page.run()
    assert "canvas is empty" in sentences(page)[0]
    assert not any(sent(page, "inside_picture")["image"])
    send(page, message(picture(SEVEN)))
    page.run()
    assert not sentences(page)
    drawn = sent(page, "inside_picture")
    assert max(drawn["image"]) > 0.9
    assert drawn["pen"]


def test_an_answer_names_the_network_it_was_measured_on(page: AppTest) -> None:
    for name in ("terms", "can_go"):
        page.button(key=f"show_{name}").click().run()
    open_model(page, "pca")  # nobody is asked anew, and what stands there is not PCA's
    [terms, can_go] = [text for text in html(page).split("</dl>") if 'class="verdict"' in text]
    assert "test image 0) · Plain</p>" in terms
    assert "test image 0) · Plain</p>" in can_go
    assert html(page).count("test image 0) · Plain</span></td>") == 2


def test_an_unknown_model_is_named_and_another_opened(page: AppTest) -> None:
    open_model(page, "gone")
    assert "not on this server" in sentences(page)[0]
    assert sent(page, "inside")["network"]["name"] == "plain"


def test_a_run_of_another_visitor_opens_by_its_link(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    shutil.copytree(PRETRAINED.get("plain").folder, tmp_path / "theirs")
    open_model(page, "theirs")
    assert not sentences(page)
    assert sent(page, "inside")["network"]["title"] == "Plain, code 32"
    page.selectbox[0].set_value("deep").run()
    assert "Plain, code 32" in page.selectbox[0].options  # to come back to


def test_a_damaged_run_gets_one_sentence(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    folder = tmp_path / "broken"
    shutil.copytree(PRETRAINED.get("plain").folder, folder)
    (folder / "decoder.onnx").write_bytes(b"no weights")
    open_model(page, "broken")
    assert not page.exception
    assert len(sentences(page)) == 1
    assert "cannot be opened" in sentences(page)[0]


def test_a_run_removed_while_the_page_is_open_gets_one_sentence(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    shutil.copytree(PRETRAINED.get("plain").folder, tmp_path / "mine")
    open_model(page, "mine")
    assert not sentences(page)
    shutil.rmtree(tmp_path / "mine")
    # A browser sends the title it was shown; AppTest would make it anew, of a folder long gone.
    page.selectbox(key="bound_inside_model").set_value("Plain, code 32").run()
    assert not page.exception
    assert "not on this server" in sentences(page)[0]


def test_everything_is_said_in_chinese(page: AppTest) -> None:
    english = sent(page, "inside")["words"]
    visit(page).language = "zh"
    chinese = sent(page.run(), "inside")["words"]
    same = {key for key in english if english[key] == chinese[key]}
    assert same <= {"maps"}  # "{count} × {height} × {width}" needs no words


def test_a_run_that_kept_its_epochs_brings_them_as_a_film(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    run = run_with_film(tmp_path)
    assert sent(page, "inside")["film"] is None  # the shipped model kept none
    film = sent(open_model(page, run.name), "inside")["film"]
    assert film["epochs"] == [1, 2, 4]
    encoder = plan("plain", 32).encoder
    assert [each["kind"] for each in film["network"]["encoder"]] == 3 * [
        layer.kind for layer in encoder
    ]


def run_with_film(folder: Path) -> Run:
    """A run that kept the weights of its epochs 1, 2 and 4: fractions of those at its end."""
    run = Run(folder / "film")
    shutil.copytree(PRETRAINED.get("plain").folder, run.folder)
    final = load_weights(run.folder)
    for number in (1, 2, 4):
        halves = [
            [(kernel * number / 4, bias * number / 4) for kernel, bias in half]
            for half in (final.encoder, final.decoder)
        ]
        run.write_epoch(replace(run.epoch(number), weights=NetworkWeights(*halves)))
    return run
