"""The decoder as a picture: a grid of decoded images that a browser can blend by itself.

A page cannot ask the server for a picture 60 times a second, so the server decodes a grid of
places once. Between the grid's lines the four nearest images are blended. The lines lie closer
where there are more digits, because there the decoder's images change fastest.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aecore.datasets import Bytes, Floats
from aecore.maps.plane import Box

Decode = Callable[[Floats], Floats]
"""Places `(n, 2)` to images `(n, 28, 28)` in [0, 1]."""

SIDE = 64
"""Grid lines each way: 4,096 decoded images."""

_PULLS = (0.0, 0.35, 0.6, 0.8)
"""How strongly the data may pull the grid lines; `SpriteSheet.of` tries all and measures."""

_TRIALS = 400
_WEBP_QUALITY = 85


@dataclass(frozen=True)
class SpriteSheet:
    """Decoded images at every crossing of the lines `xs` and `ys`.

    xs, ys  float32 (SIDE,), rising: the lines need not be evenly spaced
    images  uint8 (SIDE, SIDE, 28, 28): images[row, column] is decoded at (xs[column], ys[row])
    """

    xs: Floats
    ys: Floats
    images: Bytes

    @classmethod
    def of(cls, decode: Decode, places: Floats, box: Box, side: int = SIDE) -> SpriteSheet:
        """A sheet over `box`, its lines drawn towards `places` `(n, 2)` as far as that helps.

        What helps is measured, on sheets of half as many lines: that spacing is kept whose
        blended images differ least from true ones, where digits are and all over the box.
        """
        trials = _trial_places(places, box)
        truth = decode(trials)

        def error(pull: float) -> float:
            coarse = cls._decoded(decode, _lines(places, box, side // 2, pull))
            return float(np.abs(coarse.paint(trials) - truth).mean())

        return cls._decoded(decode, _lines(places, box, side, min(_PULLS, key=error)))

    @classmethod
    def _decoded(cls, decode: Decode, lines: tuple[Floats, Floats]) -> SpriteSheet:
        xs, ys = lines
        crossings = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        images = np.round(decode(crossings) * 255).astype(np.uint8)
        return cls(xs, ys, images.reshape(len(ys), len(xs), 28, 28))

    def paint(self, places: Floats) -> Floats:
        """Blend the four nearest images at places `(n, 2)`: float32 `(n, 28, 28)` in [0, 1].

        Bilinear; places outside the sheet get the picture of the nearest place on its border.
        The browser does the same sum (`latent_map/decoder.js`).
        """
        column, across = _between(self.xs, places[:, 0])
        row, up = _between(self.ys, places[:, 1])
        across, up = across[:, None, None], up[:, None, None]
        below = (1 - across) * self.images[row, column] + across * self.images[row, column + 1]
        above = (1 - across) * self.images[row + 1, column] + across * (
            self.images[row + 1, column + 1]
        )
        return (((1 - up) * below + up * above) / 255).astype(np.float32)

    def to_webp(self) -> bytes:
        """The images as one picture, row 0 on top: SIDE * 28 pixels square, a few hundred kB."""
        return webp(tiled(self.images))


def tiled(images: Bytes) -> Bytes:
    """uint8 `(rows, columns, 28, 28)` to one picture `(rows * 28, columns * 28)`."""
    rows, columns = images.shape[:2]
    return images.swapaxes(1, 2).reshape(rows * 28, columns * 28)


def webp(pixels: Bytes, *, lossless: bool = False) -> bytes:
    """Grey pixels `(h, w)` as a WebP file."""
    buffer = io.BytesIO()
    method = 2 if lossless else 4
    quality = 60 if lossless else _WEBP_QUALITY
    Image.fromarray(pixels).save(buffer, "WEBP", lossless=lossless, quality=quality, method=method)
    return buffer.getvalue()


def _lines(places: Floats, box: Box, side: int, pull: float) -> tuple[Floats, Floats]:
    """Grid lines each way: evenly spaced at pull 0, at the places' quantiles at pull 1."""
    return (
        _pulled(places[:, 0], box.left, box.right, side, pull),
        _pulled(places[:, 1], box.bottom, box.top, side, pull),
    )


def _pulled(values: Floats, low: float, high: float, side: int, pull: float) -> Floats:
    fine = np.linspace(low, high, 4_001)
    share_below = np.searchsorted(np.sort(values), fine) / len(values)
    evenly = (fine - low) / (high - low)
    lines = np.interp(np.linspace(0, 1, side), pull * share_below + (1 - pull) * evenly, fine)
    lines[0], lines[-1] = low, high
    return lines.astype(np.float32)


def _between(lines: Floats, values: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The index of the line before each value, and how far the value is on the way to the next."""
    inside = np.clip(values, lines[0], lines[-1])
    before = np.clip(np.searchsorted(lines, inside, side="right") - 1, 0, len(lines) - 2)
    gap = np.maximum(lines[before + 1] - lines[before], np.float32(1e-12))
    return before, ((inside - lines[before]) / gap).astype(np.float32)


def _trial_places(places: Floats, box: Box) -> Floats:
    """Half where digits are (moved a little off them), half anywhere in the box."""
    random = np.random.default_rng(0)
    size = np.array([box.right - box.left, box.top - box.bottom])
    chosen = places[random.integers(len(places), size=_TRIALS)]
    near_digits = chosen + 0.003 * size * random.standard_normal((_TRIALS, 2))
    anywhere = np.array([box.left, box.bottom]) + size * random.random((_TRIALS, 2))
    return np.concatenate([near_digits, anywhere]).astype(np.float32)
