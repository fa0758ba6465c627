"""A drawing on a canvas, turned into what MNIST would have made of it.

MNIST's makers cropped each scanned digit to its ink, fitted it into 20 x 20 pixels keeping its
shape, and moved it so that its centre of mass lies in the centre of 28 x 28 (LeCun, Bottou,
Bengio & Haffner 1998). Their writers all used much the same pen; ours draw small digits with
broad brushes and large ones with hairlines. So one step is added: lines are made as wide as
MNIST's, by growing or shrinking the drawing by the same distance everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

from aecore.datasets import Floats

SIDE = 28
"""Pixels per side of an MNIST image."""

BOX = 20
"""Pixels of the longer side of the ink in an MNIST image."""

_LINE = 2.5
"""Width of lines in MNIST pixels that gives real pen drawings MNIST's mean ink, 0.13."""

_FINE = 8
"""Width is measured and changed on a grid this many times finer than MNIST's."""

_LARGEST_SIDE = 2048
"""Larger canvases are thinned out to at most this many pixels a side before any work."""

_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""How bright red, green and blue look (ITU-R BT.601)."""

_FAINTEST = 0.1
"""A canvas whose strongest ink is weaker than this is blank."""

_INKED = 0.5001
"""What is stronger counts as ink. Edges are often 0.5 but for rounding, which differs between
processors and in browsers: just above it, all of them decide alike."""

_BLOB = 0.8
"""Ink whose line would be wider than this share of its longer side is a blob, not lines."""


class DrawingError(ValueError):
    """The array is not an RGBA image."""


@dataclass(frozen=True)
class Preparation:
    """The steps from a drawing to an MNIST image; all float32 in [0, 1], white ink on black.

    cropped  (h, w): the drawing cut out along its ink, on a grid 8 times finer than MNIST's
    fitted   (h, w): lines as wide as MNIST's, the longer side 20 pixels
    image    (28, 28): the centre of mass moved to the centre
    is_blob  whether the ink is a dot or a solid patch, without lines
    """

    cropped: Floats
    fitted: Floats
    image: Floats
    is_blob: bool


def to_mnist(rgba: NDArray[np.generic]) -> Floats | None:
    """What MNIST would have made of a drawing: float32 `(28, 28)` in [0, 1].

    Takes and raises what `prepare` does; None for an empty canvas.
    """
    preparation = prepare(rgba)
    return None if preparation is None else preparation.image


def prepare(rgba: NDArray[np.generic]) -> Preparation | None:
    """Every step from a drawing to an MNIST image, or None for an empty canvas.

    `rgba` is an image `(h, w, 4)` on the scale 0 to 255, of any size. If any of it is see-through,
    the ink is what is opaque, whatever its colour; if it is opaque everywhere, the ink is what is
    bright. Not-a-number counts as 0. Raises DrawingError for any other shape or type.
    """
    ink = _ink(rgba)
    if not ink.any():
        return None
    cropped = _cropped(ink)
    side_on_canvas = SIDE * max(cropped.shape) / max(ink.shape)
    fine = _resized(cropped, BOX * _FINE)
    line_width = _line_width(fine > _INKED)
    if line_width > _BLOB * BOX:  # no lines to adjust: a dot keeps the size it has on the canvas
        fitted = _resized(fine, min(round(side_on_canvas), BOX))
        return Preparation(fine, fitted, _centre(fitted), is_blob=True)
    fitted = _fit(fine, line_width)
    return Preparation(fine, fitted, _centre(fitted), is_blob=False)


def _ink(rgba: NDArray[np.generic]) -> Floats:
    """Where the ink is, float32 `(h, w)` in [0, 1], the strongest at 1; all 0 when blank."""
    if rgba.ndim != 3 or rgba.shape[2] != 4:
        raise DrawingError(f"an image (h, w, 4) was expected, not {rgba.shape}")
    if rgba.dtype.kind not in "buif":
        raise DrawingError(f"numbers were expected, not {rgba.dtype}")
    step = math.ceil(max(*rgba.shape[:2], 1) / _LARGEST_SIDE)
    pixels = np.nan_to_num(rgba[::step, ::step].astype(np.float32), posinf=255)
    see_through = pixels[..., 3].min(initial=255) < 255
    strength = pixels[..., 3] if see_through else pixels[..., :3] @ _LUMINANCE
    ink = np.clip(strength / np.float32(255), 0, 1)
    strongest = ink.max(initial=0)
    return ink / strongest if strongest > _FAINTEST else np.zeros_like(ink)


def _fit(fine: Floats, line_width: float) -> Floats:
    """Lines made as wide as MNIST's, then scaled until the longer side has 20 pixels."""
    # The lines' middles span (BOX - line_width) here and shall span (BOX - _LINE) in the end.
    scale = (BOX - _LINE) / (BOX - line_width)
    adjusted = _grown(fine > _INKED, (_LINE / scale - line_width) / 2 * _FINE)
    return _resized(_cropped(adjusted), BOX)


def _line_width(inked: NDArray[np.bool_]) -> float:
    """Usual width of the lines of a drawing on the fine grid, in MNIST pixels.

    Along the middle of a line of width w, where the distance to the edge is largest, that
    distance is w / 2. The median ignores the few places where lines cross or run together.
    """
    depth = scipy.ndimage.distance_transform_edt(np.pad(inked, 1))
    middles = inked & (depth == scipy.ndimage.maximum_filter(depth, 3))[1:-1, 1:-1]
    return float(2 * np.median(depth[1:-1, 1:-1][middles]) / _FINE)


def _grown(inked: NDArray[np.bool_], distance: float) -> Floats:
    """The drawing grown on all sides by `distance` fine pixels (shrunk, if negative).

    Its edges are antialiased; what shrinks away entirely keeps its core.
    """
    padded = np.pad(inked, math.ceil(max(distance, 0)) + 2)
    to_edge = scipy.ndimage.distance_transform_edt
    depth = to_edge(padded) - to_edge(~padded)
    depth -= np.sign(depth) / 2  # the edge runs between pixels, not through their middles
    distance = max(distance, 1 - float(depth.max()))
    grown: Floats = np.clip(depth + distance + 0.5, 0, 1).astype(np.float32)
    return grown


def _cropped(ink: Floats) -> Floats:
    """The part of `ink` from its first to its last inked row and column."""
    inked = ink > _INKED
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(ink: Floats, longer_side: int) -> Floats:
    """`ink` scaled, its shape kept, until its longer side has `longer_side` pixels.

    Shrinking averages over areas: that is the antialiasing MNIST has.
    """
    scale = max(longer_side, 1) / max(ink.shape)
    height, width = (max(round(side * scale), 1) for side in ink.shape)
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    resized = Image.fromarray(ink).resize((width, height), method)
    return np.clip(np.asarray(resized, np.float32), 0, 1)


def _centre(fitted: Floats) -> Floats:
    """`fitted` on an empty 28 x 28 image, moved by whole pixels, as MNIST's makers did.

    Its centre of mass comes within half a pixel of row and column 14 (counted from 0), where it
    lies in MNIST, or as near as the frame allows.
    """
    image = np.zeros((SIDE, SIDE), np.float32)
    places = []
    for axis, length in enumerate(fitted.shape):
        profile = fitted.sum(axis=1 - axis)
        middle = float(profile @ np.arange(length) / profile.sum())
        places.append(min(max(round(SIDE // 2 - middle), 0), SIDE - length))
    top, left = places
    image[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return image
