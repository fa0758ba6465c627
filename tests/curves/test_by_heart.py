"""What one answers who knows every digit by heart."""

from __future__ import annotations

import numpy as np
import pytest

from aecore.curves.by_heart import recall
from aecore.datasets import load_mnist, to_float
from aecore.noise import add_noise


def test_of_two_possible_digits_it_takes_the_mean_weighted_by_bayes_rule() -> None:
    """Counted: a million noisy pictures of two digits, and which one those like this one were."""
    known = np.zeros((2, 28, 28), np.float32)
    known[1, 3, 4], known[1, 5, 5] = 1.0, 0.4
    sigma, noise = 0.7, np.random.default_rng(0).normal(size=(2, 1_000_000))
    first = np.clip(np.array([[0.0], [1.0]]) + sigma * noise, 0, 1)
    second = np.clip(np.array([[0.0], [0.4]]) + sigma * noise[::-1], 0, 1)
    alike = (first == 1) & (abs(second - 0.3) < 0.02)
    share = alike[1].sum() / alike.sum()

    noisy = np.zeros((1, 28, 28), np.float32)
    noisy[0, 3, 4], noisy[0, 5, 5] = 1.0, 0.3
    answer = recall(noisy, sigma, known)
    assert answer[0, 3, 4] == pytest.approx(share, abs=0.01)
    assert answer[0, 5, 5] == pytest.approx(0.4 * share, abs=0.01)


def test_hardly_any_noise_leaves_a_known_digit_as_it_was() -> None:
    known = to_float(load_mnist().train_images[:200])
    noisy = add_noise(known[7:9], "gaussian", 0.05, seed=0)
    np.testing.assert_allclose(recall(noisy, 0.05, known), known[7:9], atol=1e-4)


def test_overwhelming_noise_leaves_the_mean_of_all_digits() -> None:
    known = to_float(load_mnist().train_images[:200])
    noisy = np.random.default_rng(0).integers(0, 2, (2, 28, 28)).astype(np.float32)
    np.testing.assert_allclose(recall(noisy, 1_000.0, known), [known.mean(axis=0)] * 2, atol=0.01)
