"""A drawing prepared in the browser is what the server makes of it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from playwright.sync_api import Page

from aecore.drawing import to_mnist
from tests.ui.engine.conftest import NUMBERS_OF, floats_of

PEN_STROKES = Path(__file__).parents[4] / "shared" / "data" / "pen_strokes.json"
"""Real digits as trajectories; too large a file of others to be part of the lab."""

NEAR = 0.01
"""Mean absolute difference per pixel, of 1."""

Line = list[tuple[float, float]]

_PREPARE = f"""(texts) => {{ {NUMBERS_OF}
  return texts.map((text) => {{
    const grey = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const rgba = new Uint8ClampedArray(4 * grey.length).fill(255);
    grey.forEach((value, i) => {{
      rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = value;
    }});
    const side = Math.sqrt(grey.length);
    const prepared = drawing.prepare(new ImageData(rgba, side, side));
    return prepared && textOf(prepared.image);
  }});
}}"""


def painted(lines: list[Line], brush: int, side: int, canvas: int = 280) -> NDArray[np.uint8]:
    """Strokes in the unit square as antialiased white ink on black."""
    large = Image.new("L", (4 * canvas, 4 * canvas))
    pen = ImageDraw.Draw(large)
    corner = (canvas - side) / 2
    for line in lines:
        path = [(4 * (corner + side * x), 4 * (corner + side * y)) for x, y in line]
        pen.line(path, fill=255, width=4 * brush, joint="curve")
        for x, y in path:
            pen.ellipse([x - 2 * brush, y - 2 * brush, x + 2 * brush, y + 2 * brush], fill=255)
    return np.asarray(large.resize((canvas, canvas), Image.Resampling.BOX))


def assert_both_prepare_alike(engine: Page, drawings: list[NDArray[np.uint8]]) -> None:
    texts = [base64.b64encode(drawing.tobytes()).decode() for drawing in drawings]
    for drawing, text in zip(drawings, engine.evaluate(_PREPARE, texts), strict=True):
        rgba = np.dstack([drawing, drawing, drawing, np.full_like(drawing, 255)])
        expected = to_mnist(rgba)
        assert expected is not None
        found = floats_of(text).reshape(28, 28)
        assert np.abs(found - expected).mean() <= NEAR
        assert np.array_equal(place(found), place(expected))


def place(image: NDArray[np.float32]) -> NDArray[np.intp]:
    """The first and last inked row and column."""
    rows, columns = np.nonzero(image > 0.02)
    return np.array([rows.min(), rows.max(), columns.min(), columns.max()])


SEVEN: Line = [(0.1, 0.1), (0.9, 0.05), (0.5, 0.55), (0.35, 1.0)]
ZERO: Line = [(0.5 + 0.32 * np.cos(a), 0.5 + 0.5 * np.sin(a)) for a in np.linspace(0, 6.3, 40)]
DOT: Line = [(0.5, 0.5), (0.5, 0.52)]
FIVE: list[Line] = [[(0.8, 0), (0.2, 0), (0.2, 0.45), (0.7, 0.5), (0.8, 0.8), (0.2, 1)]]


@pytest.mark.parametrize("brush", [4, 9, 18, 40])
def test_lines_of_any_width_and_size(engine: Page, brush: int) -> None:
    shapes = ([SEVEN], [ZERO], [SEVEN, ZERO], FIVE, [DOT])
    assert_both_prepare_alike(
        engine, [painted(shape, brush, side) for shape in shapes for side in (30, 120, 260)]
    )


@pytest.mark.parametrize("canvas", [140, 420])
def test_canvases_of_screens_with_other_pixels(engine: Page, canvas: int) -> None:
    drawing = painted(FIVE, round(0.065 * canvas), round(0.7 * canvas), canvas)
    assert_both_prepare_alike(engine, [drawing])


def test_an_empty_canvas_is_no_digit(engine: Page) -> None:
    empty = base64.b64encode(bytes(280 * 280)).decode()
    assert engine.evaluate(_PREPARE, [empty]) == [None]


@pytest.mark.skipif(not PEN_STROKES.is_file(), reason="the pen drawings are not on this machine")
def test_four_hundred_real_digits(engine: Page) -> None:
    """Every other one with a fine pen, the others with a broad one."""
    digits = json.loads(PEN_STROKES.read_text())
    assert len(digits) == 400
    for start in range(0, 400, 100):
        some = digits[start : start + 100]
        pens = ((6, 18)[number % 2] for number in range(len(some)))
        assert_both_prepare_alike(
            engine,
            [painted(each["strokes"], pen, 200) for each, pen in zip(some, pens, strict=True)],
        )
