"""Noise has the statistics it claims, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from aecore.noise import NOISE_KINDS, NOISE_RANGES, NoiseKind, add_chapter_noise, add_noise

GREY = np.full((400, 28, 28), 0.5, np.float32)
BLACK = np.zeros((400, 28, 28), np.float32)
WHITE = np.ones((400, 28, 28), np.float32)


def test_gaussian_moments_before_clipping_bites() -> None:
    noise = add_noise(GREY, "gaussian", 0.1, seed=1) - GREY
    assert noise.mean() == pytest.approx(0, abs=0.001)
    assert noise.std() == pytest.approx(0.1, rel=0.01)
    standard = noise / noise.std()
    assert (standard**3).mean() == pytest.approx(0, abs=0.02)
    assert (standard**4).mean() == pytest.approx(3, abs=0.05)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0])
def test_gaussian_moments_after_clipping(sigma: float) -> None:
    noisy = add_noise(BLACK, "gaussian", sigma, seed=2)
    # The mean of N(0, sigma) clipped to [0, 1].
    scaled = 1 / sigma
    inside = sigma * (norm.pdf(0) - norm.pdf(scaled))
    assert noisy.mean() == pytest.approx(inside + norm.sf(scaled), rel=0.01)
    assert (noisy == 0).mean() == pytest.approx(0.5, abs=0.005)
    assert (noisy == 1).mean() == pytest.approx(norm.sf(scaled), abs=0.005)


def test_uniform_moments() -> None:
    noise = add_noise(GREY, "uniform", 0.4, seed=1) - GREY
    assert noise.mean() == pytest.approx(0, abs=0.002)
    assert noise.std() == pytest.approx(0.4 / np.sqrt(3), rel=0.01)
    assert -0.4 <= noise.min() < -0.399
    assert 0.399 < noise.max() <= 0.4
    # U(-3, 3) on black: half below 0, a third above 1.
    noisy = add_noise(BLACK, "uniform", 3.0, seed=1)
    assert (noisy == 0).mean() == pytest.approx(1 / 2, abs=0.005)
    assert (noisy == 1).mean() == pytest.approx(1 / 3, abs=0.005)


@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
def test_salt_and_pepper_shares(share: float) -> None:
    noisy = add_noise(GREY, "salt_and_pepper", share, seed=4)
    assert (noisy == 1).mean() == pytest.approx(share / 2, rel=0.03)
    assert (noisy == 0).mean() == pytest.approx(share / 2, rel=0.03)
    assert ((noisy == 0.5) | (noisy == 0) | (noisy == 1)).all()


@pytest.mark.parametrize("side", [1, 10, 27, 28])
def test_block_is_one_black_square(side: int) -> None:
    noisy = add_noise(WHITE, "block", side, seed=5)
    assert ((noisy == 0).sum(axis=(1, 2)) == side * side).all()
    for image in noisy[:20]:
        rows, columns = np.nonzero(image == 0)
        assert np.ptp(rows) == np.ptp(columns) == side - 1


def test_blocks_fall_everywhere() -> None:
    share = (add_noise(WHITE, "block", 14, seed=6) == 0).mean(axis=0)
    assert share[13:15, 13:15].min() > 0.8
    assert 0 < share[0, 0] < 0.1
    lefts = [np.nonzero(image == 0)[1].min() for image in add_noise(WHITE, "block", 20, seed=7)]
    assert set(lefts) == set(range(9))


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_seeds_decide(kind: NoiseKind) -> None:
    level = NOISE_RANGES[kind].default
    images = np.random.default_rng(0).random((5, 28, 28), np.float32)
    kept = images.copy()
    first = add_noise(images, kind, level, seed=1)
    np.testing.assert_array_equal(first, add_noise(images, kind, level, seed=1))
    assert not np.array_equal(first, add_noise(images, kind, level, seed=2))
    np.testing.assert_array_equal(images, kept)
    assert first.dtype == np.float32
    assert 0 <= first.min() <= first.max() <= 1


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_no_noise_changes_nothing(kind: NoiseKind) -> None:
    np.testing.assert_array_equal(add_noise(GREY[:3], kind, 0, seed=1), GREY[:3])


def test_a_higher_level_is_the_same_noise_made_stronger() -> None:
    weak = add_noise(GREY[:2], "gaussian", 0.05, seed=9) - 0.5
    strong = add_noise(GREY[:2], "gaussian", 0.1, seed=9) - 0.5
    np.testing.assert_allclose(strong, 2 * weak, atol=1e-6)
    few = add_noise(GREY[:2], "salt_and_pepper", 0.1, seed=9) != 0.5
    many = add_noise(GREY[:2], "salt_and_pepper", 0.4, seed=9) != 0.5
    assert (many | ~few).all()


@pytest.mark.parametrize("kind", NOISE_KINDS)
@pytest.mark.parametrize("level", [-0.1, float("nan"), float("inf"), 1e309, 29])
def test_levels_outside_the_range_are_refused(kind: NoiseKind, level: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        add_noise(GREY[:1], kind, level, seed=0)


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown noise"):
        add_noise(GREY[:1], "snow", 0.1, seed=0)  # type: ignore[arg-type]


def test_the_chapters_snippet_adds_hardly_any_noise() -> None:
    grey = np.full((100, 28, 28), 128, np.uint8)
    noise = 255 * add_chapter_noise(grey, seed=0) - 128
    assert noise.mean() == pytest.approx(3, abs=0.2)
    assert noise.std() == pytest.approx(10, rel=0.02)
    assert add_chapter_noise(grey, seed=0).dtype == np.float32
