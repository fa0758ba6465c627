"""A visitor's drawing: what the canvas sent, checked and prepared, or a link's few characters.

Nothing that a browser says about it is trusted.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from aecore.datasets import Bytes
from aecore.drawing import Preparation, prepare
from aecore.guarded.bounds import PNG_BYTES, PNG_SIDE, STROKES, STROKES_JSON
from aecore.sketch import Stroke, pack, paint, thinned, unpack
from aecore.ui.pictures import png

SIDE = 280
"""Pixels per side of the canvas: ten times MNIST's, and narrow enough for a phone."""

_ALIKE = 8.0
"""Of 255: how far a sketch may be from the drawing in the mean. Edges cost 3; a moved line, 40."""

_STRAIGHT = 1.0
"""Pixels: a curve whose middle is nearer than this to that of its chord is as good as straight."""

_NO_STROKES = (IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What reading the canvas's lines raises when they are none."""


class CanvasError(ValueError):
    """What the browser sent is not a picture of this canvas."""


@dataclass(frozen=True)
class Drawing:
    """A drawing as the canvas sent it.

    png          the picture, to see whether the next message is a new one
    strokes      what the canvas needs to draw it again; None if that would be too much
    preparation  what MNIST makes of it; None when the canvas is empty
    sketch       its strokes in the few characters that the link holds; "" if that cannot be
    """

    png: bytes
    strokes: dict[str, Any] | None
    preparation: Preparation | None
    sketch: str


def read_drawing(png: bytes, strokes: object) -> Drawing:
    """Check and prepare what the canvas sent. Raises CanvasError for anything but a small PNG."""
    checked, pixels = _checked_strokes(strokes), _pixels(png)
    return Drawing(png, checked, prepare(pixels), _sketch_of(checked, pixels))


def draw_again(sketch: str) -> Drawing:
    """The drawing that a link holds."""
    strokes = _enlarged(unpack(sketch))
    pixels = paint(strokes, SIDE)
    return Drawing(png(pixels), _as_objects(strokes), prepare(_white_on_black(pixels)), sketch)


def without_last_stroke(drawing: Drawing) -> Drawing | None:
    """What is left of a drawing when its last stroke is taken back; None if that is nothing.

    Its picture is near what the canvas will send, which draws smoother curves.
    """
    left = drawing.strokes["objects"][:-1] if drawing.strokes else []
    if not left:
        return None
    try:
        pixels = _white_on_black(paint(_enlarged(_strokes_of(left)), SIDE))
    except _NO_STROKES:
        return None
    strokes = {"objects": left}
    return Drawing(png(pixels[..., 0]), strokes, prepare(pixels), _sketch_of(strokes, pixels))


def _enlarged(strokes: list[Stroke]) -> list[Stroke]:
    """A sketch's strokes, in pixels of the canvas."""
    scale = SIDE / 255
    return [
        Stroke(
            round(stroke.width * scale),
            tuple((round(x * scale), round(y * scale)) for x, y in stroke.points),
        )
        for stroke in strokes
    ]


def _as_objects(strokes: list[Stroke]) -> dict[str, Any]:
    """Strokes as the canvas wants them for `initial_drawing`."""
    look = {
        "type": "Path",
        "fill": None,
        "stroke": "#ffffff",
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }
    return {
        "objects": [
            {
                **look,
                "strokeWidth": stroke.width,
                "path": [["L" if at else "M", x, y] for at, (x, y) in enumerate(stroke.points)],
            }
            for stroke in strokes
        ]
    }


def _white_on_black(pixels: Bytes) -> Bytes:
    return np.dstack([pixels, pixels, pixels, np.full_like(pixels, 255)])


def _sketch_of(strokes: dict[str, Any] | None, pixels: Bytes) -> str:
    """The strokes packed, if they look like the picture: not if one was moved or turned."""
    if strokes is None:
        return ""
    try:
        sketch = pack(_strokes_of(strokes["objects"]))
        if not sketch:
            return ""
        same = paint(unpack(sketch), 255)
    except _NO_STROKES:
        return ""
    drawn = np.asarray(Image.fromarray(pixels[..., 0]).resize(same.shape), np.float32)
    return sketch if float(np.abs(drawn - same).mean()) <= _ALIKE else ""


def _strokes_of(objects: list[dict[str, Any]]) -> list[Stroke]:
    """The canvas's lines as the strokes of a sketch."""
    scale = 255 / SIDE
    return [
        Stroke(
            round(each["strokeWidth"] * scale),
            thinned([(scale * x, scale * y) for x, y in _points_of(each["path"])]),
        )
        for each in objects
    ]


def _points_of(path: list[list[Any]]) -> list[tuple[float, float]]:
    """The points along one line of the canvas.

    It draws curves. Of a hand so quick that it saw few points, their ends alone would cut corners.
    """
    points: list[tuple[float, float]] = []
    for command, *numbers in path:
        end = (numbers[-2], numbers[-1])
        if command == "Q" and points:
            points += _bend(points[-1], (numbers[0], numbers[1]), end)
        points.append(end)
    return points


def _bend(
    start: tuple[float, float], pull: tuple[float, float], end: tuple[float, float]
) -> list[tuple[float, float]]:
    """Points between the ends of a quadratic curve; none where it is as good as straight."""
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    if math.dist(pull, middle) / 2 < _STRAIGHT:
        return []
    return [
        (
            (1 - share) ** 2 * start[0] + 2 * share * (1 - share) * pull[0] + share**2 * end[0],
            (1 - share) ** 2 * start[1] + 2 * share * (1 - share) * pull[1] + share**2 * end[1],
        )
        for share in (0.25, 0.5, 0.75)
    ]


def _pixels(png: bytes) -> Bytes:
    """A PNG file as uint8 `(h, w, 4)`; a screen with fine pixels sends several for each of ours."""
    if len(png) > PNG_BYTES:
        raise CanvasError("the file is too large")
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            if max(image.size) > PNG_SIDE:
                raise CanvasError("the picture is too large")
            finer = max(max(image.size) // SIDE, 1)
            return np.asarray(image.convert("RGBA").reduce(finer))
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise CanvasError("the file is not a PNG picture") from error


def _checked_strokes(strokes: object) -> dict[str, Any] | None:
    """The lines of a drawing for `initial_drawing`, or None when they are too many or not lines."""
    objects = strokes.get("objects") if isinstance(strokes, dict) else None
    if not isinstance(objects, list) or len(objects) > STROKES:
        return None
    if not all(isinstance(each, dict) and each.get("type") in ("path", "Path") for each in objects):
        return None
    try:
        length = len(json.dumps(objects, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return None
    return {"objects": objects} if length <= STROKES_JSON else None
