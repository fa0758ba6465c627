"""Curves measure what they say."""

from __future__ import annotations

import numpy as np
import pytest

from aecore.curves.noise_curves import curve_levels, psnr_curve
from aecore.datasets import load_mnist, to_float
from aecore.metrics import psnr
from aecore.noise import NOISE_KINDS, NOISE_RANGES, add_noise


def test_doing_nothing_gives_the_psnr_of_the_noisy_images() -> None:
    images = to_float(load_mnist().test_images[:30])
    curve = psnr_curve(lambda noisy, _level: noisy, images, "gaussian", seed=4)
    levels = curve_levels("gaussian")
    assert len(curve) == len(levels)
    noisy = add_noise(images, "gaussian", levels[3], seed=4)
    assert curve[3] == pytest.approx(psnr(images, noisy), rel=1e-6)
    assert curve == sorted(curve, reverse=True)


def test_the_denoiser_is_told_the_level() -> None:
    images = np.zeros((2, 28, 28), np.float32)
    told = []

    def remember(noisy: np.ndarray, level: float) -> np.ndarray:
        told.append(level)
        return noisy

    psnr_curve(remember, images, "block")
    assert tuple(told) == curve_levels("block")


def test_curves_leave_out_0_and_reach_the_end() -> None:
    for kind in NOISE_KINDS:
        levels = curve_levels(kind)
        assert levels[0] > 0
        assert levels[-1] == NOISE_RANGES[kind].highest
        assert list(levels) == sorted(levels)
