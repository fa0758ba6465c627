"""Rows of digits, as the chapter shows them: before over after, or epoch under epoch."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from aecore.datasets import Floats
from aecore.takehome.figures import DigitRows

_WIDTH = 5.0
"""Inches that the digits take; labels and notes come to it."""

_GAP = 2
"""White pixels between digits."""


def draw_digit_rows(wanted: DigitRows) -> Figure:
    """White digits on black, every pixel a square; labels on the left, notes on the right."""
    picture = _sheet([np.asarray(row.images) for row in wanted.rows])
    height, width = picture.shape
    figure = Figure(figsize=(_WIDTH, _WIDTH * height / width))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    for number, row in enumerate(wanted.rows):
        middle = number * (28 + _GAP) + 13.5
        axes.text(-5, middle, row.label, ha="right", va="center")
        axes.text(width + 4, middle, row.note, ha="left", va="center")
    return figure


def _sheet(rows: list[Floats]) -> Floats:
    """Rows of images, 0 to 255, as one picture from 0 to 1 with white between them."""
    columns = max(len(row) for row in rows)
    side = 28 + _GAP
    sheet = np.ones((len(rows) * side - _GAP, columns * side - _GAP), np.float32)
    for top, row in enumerate(rows):
        for left, image in enumerate(row):
            at = np.s_[top * side : top * side + 28, left * side : left * side + 28]
            sheet[at] = image / np.float32(255)
    return sheet
