"""A drawing in a link: small, the same again, and nothing a stranger writes is taken for one."""

from __future__ import annotations

import base64
import math
import re
import zlib

import numpy as np
import pytest

from aecore.guarded.bounds import SKETCH_WORD
from aecore.sketch import Stroke, pack, paint, thinned, unpack

SEVEN = Stroke(16, ((50, 50), (200, 55), (120, 220)))


def spiral(turns: int) -> list[tuple[float, float]]:
    angles = np.linspace(0, turns * math.tau, 400 * turns)
    return [(128 + 5 * a * math.cos(a), 128 + 5 * a * math.sin(a)) for a in angles]


def test_strokes_come_back_as_they_were() -> None:
    strokes = [SEVEN, Stroke(1, ((0, 255), (255, 0))), Stroke(40, ((7, 7), (7, 7)))]
    assert unpack(pack(strokes)) == strokes


def test_a_drawn_digit_is_short_enough_for_a_link() -> None:
    line = thinned(spiral(3))
    assert 20 < len(line) < 255
    assert len(pack([Stroke(16, line)] * 3)) < 600


def test_thinning_keeps_both_ends_and_cannot_be_seen() -> None:
    points = spiral(3)
    line = thinned(points)
    assert line[0] == (128, 128)
    assert line[-1] == tuple(round(number) for number in points[-1])
    everything = Stroke(16, tuple((round(x), round(y)) for x, y in points))
    difference = paint([everything], 255).astype(float) - paint([Stroke(16, line)], 255)
    assert np.abs(difference).mean() < 2


def test_too_much_is_left_out_rather_than_cut() -> None:
    assert pack([]) == ""
    assert pack([Stroke(16, tuple((i % 256, i % 7) for i in range(256)))]) == ""
    noise = np.random.default_rng(0).integers(0, 256, (20, 200, 2))
    assert pack([Stroke(9, tuple((int(x), int(y)) for x, y in line)) for line in noise]) == ""


def word(packed: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(packed)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAA",
        "!!!!",
        "字",
        "A" * (SKETCH_WORD + 1),
        pack([SEVEN])[:-6],
        word(b""),
        word(b"\x10"),
        word(b"\x10\x03\x01\x01"),
        word(b"\x00\x01\x01\x01"),
        word(b"\x10\x00"),
        word(b"\x10\x01\x01\x01" * 200_000),
    ],
)
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        unpack(text)
