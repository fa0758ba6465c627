"""Arrays to pictures a browser can show: PNG and SVG, small and without a plotting library."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from functools import lru_cache
from html import escape

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from aecore.datasets import Bytes, Floats
from aecore.labels import apart
from aecore.ui.palette import DIGIT_COLOURS

_LONGEST_BARS = 128
_SMALL = 28 * 28


def to_bytes(image: Floats) -> Bytes:
    """Grey values in [0, 1] to bytes 0-255; values outside are clipped."""
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)


def png(pixels: Bytes) -> bytes:
    """uint8 `(h, w)` grey or `(h, w, 3)` colour as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def png_uri(pixels: Bytes) -> str:
    """`png` as a data URI for `<img src>`; small pictures, which come again, are remembered."""
    if pixels.size > _SMALL:
        return _uri(png(pixels))
    return _small_uri(pixels.tobytes(), pixels.shape)


@lru_cache(maxsize=4_096)
def _small_uri(content: bytes, shape: tuple[int, ...]) -> str:
    return _uri(png(np.frombuffer(content, np.uint8).reshape(shape)))


def _uri(file: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(file).decode()


def digit_uri(image: Floats) -> str:
    """A grey image `(h, w)` in [0, 1] as a PNG data URI."""
    return png_uri(to_bytes(image))


def difference_uri(image: Floats, other: Floats) -> str:
    """Signed difference of two images `(28, 28)`: white where equal.

    Blue where `other` has ink too much, red where it has too little; colours that
    colour-blind eyes tell apart.
    """
    delta = np.clip(other - image, -1, 1)[..., None]
    too_much, too_little = np.array([0, 90, 181]), np.array([220, 50, 32])
    towards = np.where(delta > 0, too_much, too_little)
    return png_uri((255 + (towards - 255) * np.abs(delta)).astype(np.uint8))


def contact_sheet(images: Floats, columns: int, gap: int = 1) -> Floats:
    """Images `(n, h, w)` side by side, `columns` a row, `gap` dark pixels between them."""
    rows = math.ceil(len(images) / columns)
    height, width = images.shape[1:]
    sheet = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap), np.float32)
    for index, image in enumerate(images):
        top, left = (index // columns) * (height + gap), (index % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def code_picture(code: Floats, alt: str) -> str:
    """A code as HTML: a dot for 2 numbers, bars for some, a square for very many.

    One of several maps `(7, 7, 32)` is drawn as maps.

    Its largest number fills the height; `alt` says in words what it is.
    """
    scale = float(np.abs(code).max()) or 1.0
    if code.shape == (2,):
        return _drawn_code("dot", _dot(code, scale), alt)
    if code.ndim == 1 and len(code) <= _LONGEST_BARS:
        return _drawn_code("bars", _bars(code, scale), alt)
    return f'<img class="code" src="{digit_uri(_maps(code, scale))}" alt="{escape(alt)}">'


def _drawn_code(kind: str, marks: str, alt: str) -> str:
    return f'<span class="code {kind}" role="img" aria-label="{escape(alt)}">{marks}</span>'


def _dot(code: Floats, scale: float) -> str:
    left, top = (50 + 44 * float(np.clip(number / scale, -1, 1)) for number in (code[0], -code[1]))
    return f'<i style="left:{left:.1f}%;top:{top:.1f}%"></i>'


def _bars(code: Floats, scale: float) -> str:
    """One area cut out along all bars, which stand on a line; pictures.js cuts out the same."""
    zero = 50 if (code < 0).any() else 100
    corners = []
    for place, number in enumerate(code.tolist()):
        left, right = (100 * (place + side) / len(code) for side in (0.1, 0.9))
        height = zero * min(max(abs(number) / scale, 0.01), 1)
        end = zero + (height if number < 0 else -height)
        corners += [(left, zero), (left, end), (right, end), (right, zero)]
    outline = ",".join(f"{across:.1f}% {down:.1f}%" for across, down in corners)
    return f'<i style="clip-path:polygon({outline})"></i>'


def _maps(code: Floats, scale: float) -> Floats:
    if code.ndim == 3:
        maps = np.moveaxis(code, -1, 0)
        return contact_sheet((np.abs(maps) / scale).astype(np.float32), columns=8)
    side = math.ceil(math.sqrt(len(code)))
    cells = np.zeros(side * side, np.float32)
    cells[: len(code)] = np.abs(code) / scale
    return cells.reshape(side, side)


def layer_height(width: int) -> float:
    """How high to draw a layer, 0 to 1, counted in doublings: 25,088 numbers make a whole."""
    return math.log2(width + 1) / math.log2(25_089)


def layers_uri(widths: Sequence[int], code: int) -> str:
    """A network as bars, one a layer, as an SVG data URI; the layer number `code` is darker.

    The blue is one that light and dark paper both bear.
    """
    bars = []
    for place, width in enumerate(widths):
        height = 4 + 36 * layer_height(width)
        opacity = 1 if place == code else 0.5
        bars.append(
            f'<rect x="{12 * place}" y="{20 - height / 2:.1f}" width="8" height="{height:.1f}" '
            f'rx="1" fill="#3f80c4" opacity="{opacity}"/>'
        )
    size = f'width="{12 * len(widths) - 4}" height="40"'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(bars)}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()


def scatter(points: Floats, labels: Bytes, side: int = 420) -> Bytes:
    """Points `(n, 2)` as coloured dots on a transparent square: uint8 `(side, side, 4)`.

    One colour a digit class, and the digit itself, large, about each class's median. A few
    points in a thousand lie outside.
    """
    low, high = np.quantile(points, (0.002, 0.998), axis=0)
    inside = 0.04 + 0.92 * (points - low) / (high - low)
    canvas = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)
    for (x, y), label in zip(inside * side, labels, strict=True):
        draw.ellipse((x - 2.5, side - y - 2.5, x + 2.5, side - y + 2.5), DIGIT_COLOURS[label])
    font = ImageFont.load_default(size=26)
    classes = np.unique(labels)
    medians = np.array([np.median(inside[labels == label], axis=0) for label in classes]) * side
    for label, (x, y) in zip(classes, apart(medians, 26), strict=True):
        draw.text(
            (x, side - y),
            str(label),
            fill="white",
            font=font,
            anchor="mm",
            stroke_width=4,
            stroke_fill="black",
        )
    return np.asarray(canvas)
