"""A drawing in few enough characters for a link: its strokes, thinned, packed, and drawn again."""

from __future__ import annotations

import base64
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from aecore.datasets import Bytes
from aecore.guarded.bounds import SKETCH_BYTES, SKETCH_WORD

_NEAR = 3.0
"""Of points nearer to each other than this, in pixels, one is enough."""

_MOST_POINTS = 255


@dataclass(frozen=True)
class Stroke:
    """One line of a pen: its width, and its points (x, y), all in pixels from 0 to 255."""

    width: int
    points: tuple[tuple[int, int], ...]


def thinned(points: Sequence[tuple[float, float]]) -> tuple[tuple[int, int], ...]:
    """The points of a line without those that add nothing to what one sees; the last one stays."""
    kept = [points[0]]
    for point in points[1:-1]:
        if math.dist(point, kept[-1]) >= _NEAR:
            kept.append(point)
    kept.append(points[-1])
    return tuple((_to_byte(x), _to_byte(y)) for x, y in kept)


def _to_byte(number: float) -> int:
    return min(max(round(number), 0), 255)


def pack(strokes: Sequence[Stroke]) -> str:
    """The strokes as one word of letters, digits, - and _; "" when that would be too long."""
    packed = bytearray()
    for stroke in strokes:
        if len(stroke.points) > _MOST_POINTS:
            return ""
        packed += bytes((stroke.width, len(stroke.points)))
        # Neighbouring points lie close together: their differences are small and compress well.
        steps = np.diff(np.array(stroke.points, np.uint8), axis=0, prepend=np.uint8(0))
        packed += steps.astype(np.uint8).tobytes()
    word = base64.urlsafe_b64encode(zlib.compress(bytes(packed), 9)).decode().rstrip("=")
    return word if strokes and len(word) <= SKETCH_WORD else ""


def unpack(word: str) -> list[Stroke]:
    """The strokes of a word. Raises ValueError for any that `pack` did not make."""
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{SKETCH_WORD}}}", word):
        raise ValueError(word)
    try:
        squeezed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        unpacking = zlib.decompressobj()
        packed = unpacking.decompress(squeezed, SKETCH_BYTES)
    except zlib.error as error:
        raise ValueError(word) from error
    if not unpacking.eof:  # cut short, or too much
        raise ValueError(word)
    strokes = []
    while packed:
        if len(packed) < 2 or len(packed) < 2 + 2 * packed[1] or not packed[0] or not packed[1]:
            raise ValueError(word)
        width, count = packed[0], packed[1]
        steps = np.frombuffer(packed[2 : 2 + 2 * count], np.uint8).reshape(count, 2)
        points = np.cumsum(steps, axis=0, dtype=np.uint8)
        strokes.append(Stroke(width, tuple((int(x), int(y)) for x, y in points)))
        packed = packed[2 + 2 * count :]
    if not strokes:
        raise ValueError(word)
    return strokes


def paint(strokes: Sequence[Stroke], side: int) -> Bytes:
    """The strokes in white on black: uint8 `(side, side)`, drawn as a round pen draws."""
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        draw.line(stroke.points, 255, stroke.width, joint="curve")
        radius = stroke.width / 2
        for x, y in (stroke.points[0], stroke.points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    return np.asarray(image)
