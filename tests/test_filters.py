"""Median, Gaussian and total variation do what they claim; the table of best strengths holds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from aecore.datasets import load_mnist, to_float
from aecore.filters import (
    BEST_STRENGTHS,
    FILTERS,
    LEVELS,
    STRENGTHS,
    FilterKind,
    best_strength,
    denoise,
    measure_best_strength,
)
from aecore.metrics import mse
from aecore.noise import NOISE_KINDS, NOISE_RANGES, NoiseKind, add_noise

Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def digits() -> Floats:
    return to_float(load_mnist().test_images[:20])


@pytest.mark.parametrize("kind", FILTERS)
def test_every_filter_takes_noise_away(kind: FilterKind, digits: Floats) -> None:
    for level in (0.3, 0.5, 1.0):
        noisy = add_noise(digits, "gaussian", level, seed=3)
        filtered = denoise(noisy, kind, best_strength(kind, "gaussian", level))
        assert filtered.shape == digits.shape
        assert filtered.dtype == np.float32
        assert mse(digits, filtered) < 0.9 * mse(digits, noisy)


@pytest.mark.parametrize("kind", FILTERS)
def test_images_do_not_mix(kind: FilterKind, digits: Floats) -> None:
    strength = STRENGTHS[kind][2]
    together = denoise(digits, kind, strength)
    alone = np.concatenate([denoise(image[None], kind, strength) for image in digits])
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("kind", FILTERS)
def test_the_weakest_strength_changes_nothing(kind: FilterKind, digits: Floats) -> None:
    np.testing.assert_array_equal(denoise(digits, kind, STRENGTHS[kind][0]), digits)


@pytest.mark.parametrize("kind", FILTERS)
def test_the_input_is_left_alone_and_a_flat_image_stays_flat(kind: FilterKind) -> None:
    flat = np.full((2, 28, 28), 0.4, np.float32)
    np.testing.assert_allclose(denoise(flat, kind, STRENGTHS[kind][1]), 0.4, atol=1e-6)
    assert (flat == np.float32(0.4)).all()


def test_median_removes_a_lone_pixel() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 10, 10] = 1
    assert denoise(image, "median", 3).max() == 0


def test_gaussian_spreads_a_pixel_as_its_bell() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 14, 14] = 1
    blurred = denoise(image, "gaussian", 1.0)[0]
    assert blurred[14, 14] == pytest.approx(1 / (2 * np.pi), rel=0.01)
    assert blurred[14, 16] / blurred[14, 14] == pytest.approx(np.exp(-2), rel=0.02)


def total_variation(image: Floats) -> float:
    down = np.diff(image, axis=0, append=image[-1:])
    right = np.diff(image, axis=1, append=image[:, -1:])
    return float(np.hypot(down, right).sum())


def test_total_variation_lowers_the_energy_it_minimises(digits: Floats) -> None:
    noisy, weight = add_noise(digits[:1], "gaussian", 0.3, seed=1), 0.2
    solution = denoise(noisy, "total_variation", weight)

    def energy(image: Floats) -> float:
        return float(((image - noisy) ** 2).sum() / 2) + weight * total_variation(image[0])

    random = np.random.default_rng(0)
    rivals = [noisy, np.full_like(noisy, noisy.mean()), denoise(noisy, "gaussian", 0.8)]
    rivals += [
        np.clip(solution + 0.03 * random.standard_normal(noisy.shape, np.float32), 0, 1)
        for _ in range(5)
    ]
    assert all(energy(solution) < energy(rival) for rival in rivals)


def test_total_variation_of_a_step_moves_both_sides_together() -> None:
    # Known solution: half black, half white, constant down the columns. Each side moves by
    # weight / (its width of 14 pixels).
    step = np.zeros((1, 28, 28), np.float32)
    step[:, :, 14:] = 1
    solution = denoise(step, "total_variation", 0.5)[0]
    assert solution[10].mean() == pytest.approx(0.5, abs=1e-3)
    assert solution[10, :14].mean() == pytest.approx(0.5 / 14, rel=0.1)


def test_bad_settings_are_refused(digits: Floats) -> None:
    with pytest.raises(ValueError, match="unknown filter"):
        denoise(digits, "wavelet", 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="odd"):
        denoise(digits, "median", 4)
    for strength in (-1, 1e9, float("nan")):
        with pytest.raises(ValueError, match="outside"):
            denoise(digits, "gaussian", strength)


def test_the_table_covers_every_noise_from_end_to_end() -> None:
    for kind in FILTERS:
        for noise in NOISE_KINDS:
            assert len(BEST_STRENGTHS[kind][noise]) == len(LEVELS[noise])
            assert set(BEST_STRENGTHS[kind][noise]) <= set(STRENGTHS[kind])
            assert LEVELS[noise][0] == 0
            assert LEVELS[noise][-1] == NOISE_RANGES[noise].highest
            assert best_strength(kind, noise, 0) == STRENGTHS[kind][0]


@pytest.mark.parametrize(
    ("kind", "noise", "level"),
    [
        ("median", "salt_and_pepper", 0.25),
        ("gaussian", "gaussian", 0.5),
        ("total_variation", "uniform", 0.8),
        ("total_variation", "gaussian", 1.0),
    ],
)
def test_the_table_is_what_measuring_gives(
    kind: FilterKind, noise: NoiseKind, level: float
) -> None:
    assert measure_best_strength(kind, noise, level) == best_strength(kind, noise, level)


def test_between_levels_strengths_are_interpolated_and_a_median_stays_odd() -> None:
    low, high = (best_strength("gaussian", "gaussian", level) for level in (1.0, 1.5))
    assert best_strength("gaussian", "gaussian", 1.25) == pytest.approx((low + high) / 2)
    assert all(best_strength("median", "gaussian", x / 20) % 2 == 1 for x in range(61))
