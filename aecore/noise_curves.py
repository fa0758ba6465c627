"""How a denoiser fares as the noise grows: PSNR against noise level over many test images."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from aecore.datasets import Floats
from aecore.filters import LEVELS
from aecore.metrics import psnr
from aecore.noise import NoiseKind, add_noise

Denoiser = Callable[[Floats, float], Floats]
"""Noisy images `(n, 28, 28)` and the noise's level to cleaned images of the same shape."""


def curve_levels(kind: NoiseKind) -> tuple[float, ...]:
    """The levels of a curve, smallest first; without 0, where a PSNR may be infinite."""
    return LEVELS[kind][1:]


def psnr_curve(denoiser: Denoiser, images: Floats, kind: NoiseKind, seed: int = 0) -> list[float]:
    """PSNR in dB of all cleaned images together, at each of `curve_levels(kind)`.

    It is that of their mean squared error: a mean over images of each one's PSNR would be ruled
    by the few where a block falls on black paper and nothing is lost. Every denoiser meets the
    same noise.
    """
    return [
        psnr(images, denoiser(add_noise(images, kind, level, seed), level))
        for level in curve_levels(kind)
    ]


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Heights for labels: in the same order as `heights`, moved little, at least `gap` apart."""
    order = np.argsort(heights, kind="stable")
    placed: list[list[float]] = []  # runs of labels that touch: their wished-for heights
    for index in order:
        placed.append([float(heights[index])])
        while len(placed) > 1 and _bottom(placed[-1], gap) - _top(placed[-2], gap) < gap:
            last = placed.pop()
            placed[-1] += last
    result = [0.0] * len(order)
    flat = [_bottom(run, gap) + gap * step for run in placed for step in range(len(run))]
    for index, height in zip(order, flat, strict=True):
        result[index] = height
    return result


def _bottom(run: list[float], gap: float) -> float:
    return sum(run) / len(run) - gap * (len(run) - 1) / 2


def _top(run: list[float], gap: float) -> float:
    return sum(run) / len(run) + gap * (len(run) - 1) / 2
