"""How a denoiser fares as the noise grows: PSNR against noise level over many test images."""

from __future__ import annotations

from collections.abc import Callable

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
