"""Corruptions of images: what a denoising autoencoder learns to undo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Bytes, Floats
from aecore.settings import N_, Span

NoiseKind = Literal["gaussian", "salt_and_pepper", "block", "uniform"]
NOISE_KINDS: tuple[NoiseKind, ...] = get_args(NoiseKind)


@dataclass(frozen=True)
class NoiseRange:
    """One kind of noise: what it and its level are called, in English, and the levels it has.

    highest, step, default  the largest level, what a slider moves by, and where it stands at first
    """

    title: str
    level_title: str
    highest: float
    step: float
    default: float

    @property
    def levels(self) -> Span:
        return Span(0.0, self.highest, self.step)


NOISE_RANGES: dict[NoiseKind, NoiseRange] = {
    "gaussian": NoiseRange(
        N_("Gaussian"),
        N_("σ of the noise (ink is 1, paper 0)"),
        highest=3.0,
        step=0.05,
        default=0.5,
    ),
    "salt_and_pepper": NoiseRange(
        N_("Salt and pepper"),
        N_("Share of pixels replaced by black or white"),
        highest=1.0,
        step=0.05,
        default=0.25,
    ),
    "block": NoiseRange(
        N_("Black block"),
        N_("Side of the black square, pixels of 28"),
        highest=28.0,
        step=1.0,
        default=10.0,
    ),
    "uniform": NoiseRange(
        N_("Uniform"),
        N_("Half-width a of the noise, from −a to a (ink is 1, paper 0)"),
        highest=3.0,
        step=0.05,
        default=0.75,
    ),
}


def add_noise(images: Floats, kind: NoiseKind, level: float, seed: int) -> Floats:
    """Corrupt float32 images `(n, 28, 28)` in [0, 1]; the result is clipped to [0, 1].

    `level` means, by kind:
      gaussian         standard deviation sigma of the added N(0, sigma), 0 to 3
      salt_and_pepper  share of pixels replaced by 0 or 1, evenly, 0 to 1
      block            side in pixels of one blackened square, placed at random, 0 to 28
      uniform          half-width a of the added U(-a, a), 0 to 3

    The same images, kind, level and seed always give the same noise; with the same seed a
    higher level is the same noise made stronger. Raises ValueError for an unknown kind or a
    level outside its range.
    """
    if kind not in NOISE_RANGES:
        raise ValueError(f"unknown noise {kind!r}")
    if not (math.isfinite(level) and 0 <= level <= NOISE_RANGES[kind].highest):
        raise ValueError(f"{kind} level {level!r} is outside 0 to {NOISE_RANGES[kind].highest}")
    field = noise_field(kind, seed, len(images))
    if kind in ("gaussian", "uniform"):
        return _clip(images + np.float32(level) * field)
    if kind == "salt_and_pepper":
        at_level, salt = field
        return np.where(at_level < level, salt, images)
    return _blacken_a_square(images, round(level), field)


def noise_field(kind: NoiseKind, seed: int, count: int = 1) -> NDArray[np.floating]:
    """The random numbers of a noise for `count` images, before any level scales them.

    gaussian, uniform  float32 (count, 28, 28): N(0, 1) or U(-1, 1), to be scaled and added
    salt_and_pepper    float32 (2, count, 28, 28): the level from which a pixel is replaced, and by
                       what: 0 or 1
    block              float64 (count, 2): where the square stands, from 0 (top, left) to 1
    """
    random = np.random.default_rng(seed)
    shape = (count, 28, 28)
    if kind == "gaussian":
        return random.standard_normal(shape, np.float32)
    if kind == "uniform":
        return 2 * random.random(shape, np.float32) - 1
    if kind == "salt_and_pepper":
        at_level = random.random(shape, np.float32)
        salt = random.random(shape, np.float32) < 0.5
        return np.stack([at_level, salt.astype(np.float32)])
    return random.random((count, 2))


def add_chapter_noise(images: Bytes, seed: int) -> Floats:
    """The noise of the chapter's last snippet: N(3, 10) on bytes 0-255 that were never scaled.

    uint8 `(n, 28, 28)`; the result is scaled, so that it can be compared: float32 in [0, 1].
    """
    random = np.random.default_rng(seed)
    noise = 3 + 10 * random.standard_normal(images.shape, np.float32)
    return _clip((images + noise) / np.float32(255))


def _clip(images: Floats) -> Floats:
    return np.clip(images, 0, 1).astype(np.float32, copy=False)


def _blacken_a_square(images: Floats, side: int, places: NDArray[np.floating]) -> Floats:
    height, width = images.shape[1:]
    tops = np.floor(places[:, 0] * (height - side + 1)).astype(int)
    lefts = np.floor(places[:, 1] * (width - side + 1)).astype(int)
    corrupted = images.copy()
    for image, top, left in zip(corrupted, tops, lefts, strict=True):
        image[top : top + side, left : left + side] = 0
    return corrupted
