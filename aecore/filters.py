"""Classical denoisers, which learn nothing: the measure of what learning is worth.

Each smooths by a strength. Too little leaves the noise, too much takes the digit with it, and
the best lies elsewhere for every noise. So that no filter loses by a bad choice, `BEST_STRENGTHS`
holds the strength with the lowest mean squared error on training images.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import scipy

from aecore.datasets import SHOWN, Floats, load_mnist, to_float
from aecore.metrics import mse
from aecore.noise import NoiseKind, add_noise

FilterKind = Literal["median", "gaussian", "total_variation"]
FILTERS: tuple[FilterKind, ...] = get_args(FilterKind)

STRENGTHS: dict[FilterKind, tuple[float, ...]] = {
    "median": (1, 3, 5, 7, 9, 11, 13),
    "gaussian": (0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.7, 2, 2.5, 3, 4),
    "total_variation": (0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1),
}
"""The strengths that are tried, weakest first; the weakest changes nothing."""

LEVELS: dict[NoiseKind, tuple[float, ...]] = {
    "gaussian": (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 2.5, 3),
    "salt_and_pepper": (0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1),
    "block": (0, 4, 8, 12, 16, 20, 24, 28),
    "uniform": (0, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 2.5, 3),
}
"""The noise levels the best strengths were measured at."""


def denoise(images: Floats, kind: FilterKind, strength: float) -> Floats:
    """Smooth images `(n, 28, 28)` in [0, 1], each on its own.

    `strength` means, by kind:
      median           side in pixels of the square whose median each pixel becomes, odd
      gaussian         standard deviation in pixels of the bell it is blurred with
      total_variation  weight of smoothness against likeness: lambda of Chambolle (2004)

    Raises ValueError for an unknown kind or a strength outside its range in `STRENGTHS`.
    """
    if kind not in STRENGTHS:
        raise ValueError(f"unknown filter {kind!r}")
    weakest, strongest = STRENGTHS[kind][0], STRENGTHS[kind][-1]
    if not weakest <= strength <= strongest:
        raise ValueError(f"{kind} strength {strength!r} is outside {weakest} to {strongest}")
    if strength == weakest:
        return images.astype(np.float32)
    if kind == "median":
        if strength % 2 != 1:
            raise ValueError(f"a median's square has an odd side, not {strength!r}")
        filtered = scipy.ndimage.median_filter(
            images, (1, int(strength), int(strength)), mode="nearest"
        )
    elif kind == "gaussian":
        filtered = scipy.ndimage.gaussian_filter(images, (0, strength, strength), mode="nearest")
    else:
        filtered = _total_variation(images, strength)
    clipped: Floats = np.clip(filtered, 0, 1).astype(np.float32)
    return clipped


def _total_variation(images: Floats, weight: float, steps: int = 30) -> Floats:
    """Minimise |u - images|^2 / 2 + weight * (sum over pixels of |gradient of u|).

    Chambolle (2004), "An algorithm for total variation minimization and applications": the
    solution is `images - weight * div p`; the dual field p, never longer than 1, is found by
    `steps` projected gradient steps of 1/4.
    """
    images = np.asarray(images, np.float32)
    target = images / np.float32(weight)
    down: Floats = np.zeros_like(images)
    right: Floats = np.zeros_like(images)
    slope_down: Floats = np.zeros_like(images)
    slope_right: Floats = np.zeros_like(images)
    quarter = np.float32(0.25)
    for _ in range(steps):
        rest = _divergence(down, right)
        rest -= target
        np.subtract(rest[:, 1:], rest[:, :-1], out=slope_down[:, :-1])
        np.subtract(rest[:, :, 1:], rest[:, :, :-1], out=slope_right[:, :, :-1])
        length = 1 + quarter * np.sqrt(slope_down * slope_down + slope_right * slope_right)
        down += quarter * slope_down
        down /= length
        right += quarter * slope_right
        right /= length
    return images - np.float32(weight) * _divergence(down, right)


def _divergence(down: Floats, right: Floats) -> Floats:
    """The negative adjoint of the forward differences, whose last row or column is 0."""
    divergence = down + right
    divergence[:, 1:] -= down[:, :-1]
    divergence[:, :, 1:] -= right[:, :, :-1]
    return divergence


def best_strength(filter_kind: FilterKind, noise_kind: NoiseKind, level: float) -> float:
    """The strength of lowest mean squared error against this noise, out of `BEST_STRENGTHS`.

    Between measured levels it is interpolated; a median's side is that of the nearest level.
    """
    levels, best = LEVELS[noise_kind], BEST_STRENGTHS[filter_kind][noise_kind]
    if filter_kind == "median":
        return best[int(np.abs(np.array(levels) - level).argmin())]
    return float(np.interp(level, levels, best))


def measure_best_strength(filter_kind: FilterKind, noise_kind: NoiseKind, level: float) -> float:
    """The strength, among `STRENGTHS`, with the lowest MSE on the first 200 training images."""
    images = to_float(load_mnist(SHOWN).train_images[:200])
    noisy = add_noise(images, noise_kind, level, seed=0)
    errors = [mse(images, denoise(noisy, filter_kind, each)) for each in STRENGTHS[filter_kind]]
    return STRENGTHS[filter_kind][int(np.argmin(errors))]


# Each entry is measure_best_strength(filter, noise, level) for the levels in LEVELS[noise].
BEST_STRENGTHS: dict[FilterKind, dict[NoiseKind, tuple[float, ...]]] = {
    "median": {
        "gaussian": (1, 1, 3, 3, 3, 3, 5, 7, 11, 13, 13, 13),
        "salt_and_pepper": (1, 3, 3, 3, 3, 3, 3, 5, 5, 7, 13, 11),
        "block": (1, 1, 1, 1, 1, 1, 1, 1),
        "uniform": (1, 1, 1, 3, 3, 3, 5, 7, 11, 13, 13),
    },
    "gaussian": {
        "gaussian": (0, 0.4, 0.5, 0.7, 0.7, 0.8, 1, 1.2, 1.4, 1.7, 2, 2),
        "salt_and_pepper": (0, 0.6, 0.7, 0.8, 0.8, 0.9, 0.9, 1, 1.2, 1.2, 1.7, 4),
        "block": (0, 0.3, 0.4, 0.4, 0.5, 0.6, 0.6, 0),
        "uniform": (0, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1.2, 1.4, 1.7, 1.7),
    },
    "total_variation": {
        "gaussian": (0, 0.05, 0.1, 0.1, 0.15, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.5),
        "salt_and_pepper": (0, 0.15, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.4, 1),
        "block": (0, 0, 0, 0.05, 0.05, 0.1, 0.05, 0),
        "uniform": (0, 0.05, 0.05, 0.1, 0.1, 0.15, 0.2, 0.3, 0.3, 0.4, 0.4),
    },
}
