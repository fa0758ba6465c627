"""What the Share dialog says, without a browser."""

from __future__ import annotations

import random
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from aecore.filters import FILTERS
from aecore.shipped import SHIPPED
from aecore.sketch import Stroke, pack
from aecore.ui.parts import PART_NAMES
from aecore.ui.share.links import embedding, leads_to_this_computer_alone, qr_code
from aecore.ui.state import MOST_COMPARED, MOST_OWN, Visit, in_address
from tests.conftest import PROJECT

SOME = random.Random(1)  # noqa: S311
SCRIBBLE = pack(
    [
        Stroke(9, tuple((SOME.randrange(255), SOME.randrange(255)) for _point in range(175)))
        for _stroke in range(3)
    ]
)
"""About the longest drawing that a link may hold."""


def shared(**query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.query_params.update(query)
    test.run()
    test.button(key="share").click().run()
    assert not test.exception
    return test


def test_a_drawing_too_long_for_a_code_is_left_out_of_it_in_one_sentence() -> None:
    assert len(SCRIBBLE) > 1_300
    said = [each.value for each in shared(sketch=SCRIBBLE, source="drawing").info]
    assert [each for each in said if "too long for a QR code" in each]
    assert not [each.value for each in shared().info if "too long" in each.value]


def test_the_parts_that_are_shown_are_ticked() -> None:
    test = shared(only="losses")
    assert [box.key for box in test.checkbox if box.value] == ["part_losses_learn"]
    assert all(box.value for box in shared().checkbox)


def test_the_dialog_is_said_in_chinese() -> None:
    test = shared(language="zh")
    assert {box.label for box in test.checkbox} >= {"标题和开头的问题"}


@pytest.mark.parametrize(
    ("length", "fits"), [(30, True), (600, True), (1_273, True), (1_274, False), (5_000, False)]
)
def test_a_code_is_no_finer_than_can_be_read(length: int, fits: bool) -> None:  # noqa: FBT001
    assert (qr_code("https://lab.example/?" + "a" * (length - 21)) is not None) == fits


def test_the_longest_link_without_a_drawing_fits_into_a_code() -> None:
    runs = tuple(f"{number:016x}" for number in range(MOST_COMPARED))
    full = Visit(
        language="zh",
        digit=9_999,
        source="drawing",
        models=(*SHIPPED, "pca", *runs[:MOST_OWN]),
        filters=FILTERS[:2],
        noise_kind="salt_and_pepper",
        noise_level=0.55,
        draw_noise=0.35,
        noise_seed=9_999,
        lesson_noise=1.25,
        map_model=runs[0],
        inside_model=runs[1],
        cloud_noise=0.35,
        run=runs[2],
        compared=runs,
        architecture="plain",
        code_size=128,
        training_noise=0.4,
        images=10_000,
        epochs=60,
        batch_size=1_024,
        learning_rate=3e-4,
        seed=9_999,
        only=PART_NAMES,
    )
    query = urlencode(in_address(full), safe=",")
    assert qr_code(f"https://autoencoder-lab.school.example/denoise?{query}") is not None


def test_what_is_embedded_is_escaped() -> None:
    code = embedding('https://lab.example/draw?a=1&b="><script>', "A & B")
    assert "<script>" not in code
    assert (
        'src="https://lab.example/draw?a=1&amp;b=&quot;&gt;&lt;script&gt;&amp;embed=true"' in code
    )
    assert 'title="A &amp; B"' in code


@pytest.mark.parametrize(
    ("link", "alone"),
    [
        ("http://localhost:8501/draw", True),
        ("http://127.0.0.1/", True),
        ("http://[::1]:8501/", True),
        ("http://192.168.1.20:8501/", False),
        ("https://localhost.example/", False),
    ],
)
def test_it_is_said_when_nobody_else_can_follow(link: str, alone: bool) -> None:  # noqa: FBT001
    assert leads_to_this_computer_alone(link) == alone
