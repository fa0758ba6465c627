"""Predict, then reveal, by AppTest: on each page covered, committed, skipped, listed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aecore.datasets import SHOWN, load_mnist, to_float
from aecore.ui.questions import QUESTION, QUESTIONS
from aecore.ui.reader import UNREADABLE, read
from tests.ui.draw.test_page import html, visit

APP = str(Path(__file__).parents[2] / "app.py")

OPEN = {page: [question.name for question in asked] for page, asked in QUESTIONS.items()}
OPEN["train"].remove("lowest_curve")  # asked when two runs are compared

KNOWN_LATER = {"epoch"}
"""Known when something has been trained."""


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    return app if page == "learn" else app.switch_page(f"pages/{page}.py").run()


def asked(app: AppTest) -> list[str]:
    """The texts of the questions that wait for a prediction."""
    texts = [f"**{question.text}**" for question in QUESTION.values()]
    return [element.value for element in app.markdown if element.value in texts]


def headers(app: AppTest) -> list[str]:
    return [header.value for header in app.header]


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def say(app: AppTest, name: str, number: float) -> AppTest:
    app.number_input(key=f"said_{name}").set_value(number)
    return send(app, name)


def send(app: AppTest, name: str) -> AppTest:
    return app.button(key=f"say_{name}").click().run()


@pytest.mark.parametrize("page", OPEN)
def test_each_question_can_be_skipped_with_one_click_and_is_listed(page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert asked(app) == [f"**{QUESTION[name].text}**" for name in OPEN[page]]
    assert "What you predicted" not in headers(app)
    assert 'class="verdict"' not in html(app)
    address = dict(app.query_params)
    for name in OPEN[page]:
        app.button(key=f"show_{name}").click().run()
        assert not app.exception
    assert asked(app) == []
    held = visit(app).predictions
    assert list(held) == OPEN[page]
    assert {name for name, each in held.items() if each.was is None} == KNOWN_LATER & set(held)
    assert headers(app)[-1] == "What you predicted"
    assert dict(app.query_params) == address
    app.button(key=f"again_{OPEN[page][0]}").click().run()
    assert asked(app) == [f"**{QUESTION[OPEN[page][0]].text}**"]


def test_a_number_stands_beside_what_it_is_and_belongs_to_its_digit() -> None:
    app = opened("learn", digit="2")
    say(app, "one_number", 40)
    held = visit(app).predictions["one_number"]
    assert (held.said, held.about) == (40, 2)
    assert isinstance(held.was, int)
    assert "<dt>You said</dt><dd>40 of 784 pixels</dd>" in html(app)
    assert f"<dt>It is</dt><dd>{held.was} of 784 pixels</dd>" in html(app)
    next(button for button in app.button if button.label == "Another one like it").click().run()
    assert visit(app).digit != 2
    assert visit(app).predictions["one_number"] == held
    assert "a handwritten 1 (test image 2)" in html(app)


@pytest.mark.parametrize(
    ("page", "name", "changed"),
    [
        ("denoise", "by_eye", {"noise_level": 0.05}),
        ("denoise", "by_eye", {"noise_seed": 1}),
        ("denoise", "pays", {"filters": ("median",)}),
        ("draw", "keeps_most", {"models": ("plain", "pca")}),
        ("draw", "same_five", {"draw_noise": 1.0}),
        ("inside", "terms", {"draw_noise": 1.0}),
        ("inside", "can_go", {"draw_noise": 1.0}),
        ("learn", "noise", {"noise_seed": 1}),
        ("learn", "kinds", {"digit": 3}),
    ],
)
def test_what_it_was_is_not_what_it_is_when_the_page_shows_something_else(
    page: str, name: str, changed: dict[str, object]
) -> None:
    app = opened(page)
    app.button(key=f"show_{name}").click().run()
    assert "<dt>It is</dt>" in html(app)
    assert "By now the page shows something else." not in html(app)
    before = {field: getattr(visit(app), field) for field in changed}
    assert ("The answer to a handwritten 7" in html(app)) == (name == "noise")
    for field, value in changed.items():
        setattr(visit(app), field, value)
    app.run()
    assert "<dt>It was</dt>" in html(app)
    assert "By now the page shows something else." in html(app)
    assert "The answer to a handwritten 7" not in html(app), "pictures of another noise"
    for field, value in before.items():
        setattr(visit(app), field, value)
    app.run()
    assert "<dt>It is</dt>" in html(app)


@pytest.mark.parametrize(("page", "name"), [("learn", "one_number"), ("train", "epoch")])
def test_no_number_is_no_prediction_and_is_asked_for(page: str, name: str) -> None:
    app = opened(page)
    asks = "Which number? Type it first."
    assert asks not in captions(app)
    send(app, name)
    assert not app.exception
    assert not visit(app).predictions
    assert asks in captions(app)
    say(app, name, 3)
    assert visit(app).predictions[name].said == 3
    assert asks not in captions(app)


def test_an_order_is_said_option_by_option_and_uncovers_the_losses() -> None:
    app = opened("learn")
    assert re.search(r"Deep\s+\?", html(app))
    for name in ("deep", "itself", "plain", "mean"):
        app.button(key=f"said_ladder_{name}").click().run()
    held = visit(app).predictions["ladder"]
    assert held.said == ("deep", "itself", "plain", "mean", "pca")
    assert held.was == ("itself", "deep", "plain", "pca", "mean")
    assert re.search(r"Deep\s+0\.\d{3}", html(app))


def test_an_option_that_was_put_in_order_can_be_taken_back() -> None:
    app = opened("learn")
    assert "back_ladder" not in [button.key for button in app.button]
    for name in ("deep", "mean"):
        app.button(key=f"said_ladder_{name}").click().run()
    app.button(key="back_ladder").click().run()
    assert not app.exception
    assert visit(app).orders["ladder"] == ("deep",)
    assert app.button(key="said_ladder_deep").disabled
    assert not app.button(key="said_ladder_mean").disabled
    app.button(key="back_ladder").click().run()
    assert not app.button(key="said_ladder_deep").disabled
    assert "back_ladder" not in [button.key for button in app.button]


@pytest.mark.parametrize(
    ("page", "name", "said", "covered"),
    [
        ("learn", "two_maps", "pca", "of 100 digits"),
        ("learn", "kinds", "deep", "MSE <b>0.0024"),
        ("draw", "keeps_most", "pca", "MSE <b>"),
        ("draw", "same_five", 3, 'class="neighbours-line"'),
        ("denoise", "by_eye", "median", "SSIM <span>0."),
    ],
)
def test_what_is_said_uncovers_the_answer(
    page: str, name: str, said: str | int, covered: str
) -> None:
    app = opened(page)
    assert covered not in html(app)
    if isinstance(said, int):
        say(app, name, said)
    else:
        next(each for each in app.button_group if each.key == f"said_{name}").set_value(said).run()
    assert not app.exception
    assert covered in html(app)
    assert visit(app).predictions[name].said == said


@pytest.mark.parametrize(("watched", "truth"), [("conv", "epoch 1"), ("vae", "not by its last")])
def test_what_was_said_before_a_training_waits_for_its_end(watched: str, truth: str) -> None:
    app = opened("train")
    say(app, "epoch", 2)
    assert "<dt>You said</dt><dd>epoch 2</dd>" in html(app)
    assert "<dt>It is</dt>" not in html(app)
    visit(app).run = watched
    app.run()
    assert not app.exception
    assert f"<dt>It is</dt><dd>{truth}" in html(app)
    assert visit(app).predictions["epoch"].about == watched


def test_it_speaks_chinese() -> None:
    app = opened("learn", language="zh")
    app.button(key="show_two_maps").click().run()
    assert headers(app)[-1] == "你猜过的"
    assert "<dt>实际是</dt><dd>自编码器</dd>" in html(app)


def test_the_reader_does_not_read_what_is_no_digit() -> None:
    noise = np.random.default_rng(0).random((3, 28, 28), np.float32)
    assert read(noise).tolist() == [UNREADABLE] * 3


def test_the_reader_reads_test_digits() -> None:
    mnist = load_mnist(SHOWN)
    found = read(to_float(mnist.test_images[:300]))
    assert (found == mnist.test_labels[:300]).mean() > 0.85
