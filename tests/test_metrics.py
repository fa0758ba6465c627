"""Every measure against an independent implementation or a published value."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as sklearn_trustworthiness
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from aecore.datasets import load_mnist, to_float
from aecore.metrics import (
    MEAN_IMAGE_BCE,
    MEAN_IMAGE_MSE,
    PERFECT_BCE,
    bce,
    bce_floor,
    continuity,
    knn_error,
    mean_psnr,
    mse,
    psnr,
    ssim,
    trustworthiness,
)

RANDOM = np.random.default_rng(0)


def test_bce_of_the_mean_image_and_of_the_perfect_answer() -> None:
    data = load_mnist()
    test_images = to_float(data.test_images)
    mean = to_float(data.train_images).mean(axis=0, dtype=np.float64).astype(np.float32)
    answers = np.broadcast_to(mean, test_images.shape)
    assert f"{bce(test_images, answers):.4f}" == f"{MEAN_IMAGE_BCE}"
    assert f"{mse(test_images, answers):.4f}" == f"{MEAN_IMAGE_MSE}"
    assert f"{bce_floor(test_images):.4f}" == f"{PERFECT_BCE}"


def test_bce_agrees_with_scikit_learn_on_bits() -> None:
    bits = (RANDOM.random(2_000) < 0.3).astype(np.float32)
    answers = RANDOM.uniform(0.01, 0.99, 2_000).astype(np.float32)
    assert bce(bits, answers) == pytest.approx(log_loss(bits, answers), rel=1e-5)


def test_bce_stays_finite_for_confident_mistakes() -> None:
    black, white = np.zeros((1, 28, 28), np.float32), np.ones((1, 28, 28), np.float32)
    assert 15 < bce(black, white) < 17  # -log(1e-7) = 16.1
    assert bce(black, black) == pytest.approx(0, abs=1e-6)


def test_mse_and_psnr() -> None:
    x, y = RANDOM.random((2, 3, 28, 28), np.float32)
    assert mse(x, y) == pytest.approx(mean_squared_error(x.ravel(), y.ravel()), rel=1e-6)
    assert psnr(x, x + np.float32(0.1)) == pytest.approx(20, abs=1e-4)
    assert psnr(x, x) == float("inf")
    assert mean_psnr(x, y) == pytest.approx(
        np.mean([psnr(a, b) for a, b in zip(x, y, strict=True)])
    )
    assert np.isfinite(mean_psnr(x, x))


def test_ssim_against_the_formula_window_by_window() -> None:
    x = to_float(load_mnist().test_images[0])
    y = np.clip(x + 0.2 * RANDOM.standard_normal(x.shape), 0, 1).astype(np.float32)
    values = []
    for top in range(22):
        for left in range(22):
            a = x[top : top + 7, left : left + 7].astype(np.float64).ravel()
            b = y[top : top + 7, left : left + 7].astype(np.float64).ravel()
            (var_a, cov), (__, var_b) = np.cov(a, b)
            c1, c2 = 1e-4, 9e-4
            luminance = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
            values.append(luminance * (2 * cov + c2) / (var_a + var_b + c2))
    assert ssim(x, y) == pytest.approx(np.mean(values), abs=1e-9)
    assert ssim(x, x) == pytest.approx(1)
    assert ssim(x, y) == pytest.approx(ssim(y, x))
    assert ssim(x, 1 - x) < 0.1


def test_knn_error_against_a_vote_by_hand() -> None:
    train, test = RANDOM.random((200, 2), np.float32), RANDOM.random((50, 2), np.float32)
    labels = RANDOM.integers(0, 3, 200).astype(np.uint8)
    truth = RANDOM.integers(0, 3, 50).astype(np.uint8)
    wrong = 0
    for point, label in zip(test, truth, strict=True):
        nearest = np.argsort(((train - point) ** 2).sum(axis=1))[:5]
        wrong += np.bincount(labels[nearest]).argmax() != label
    assert knn_error(train, labels, test, truth) == pytest.approx(wrong / 50)


def trustworthiness_by_hand(x: np.ndarray, y: np.ndarray, k: int) -> float:
    """Venna & Kaski (2001): penalise points that are neighbours in y only, by their rank in x."""
    n = len(x)
    ranks = np.empty((n, n), int)
    order = np.argsort(((x[:, None] - x[None]) ** 2).sum(axis=2), axis=1)
    for row, points in enumerate(order):
        ranks[row, points] = np.arange(n)
    neighbours = NearestNeighbors(n_neighbors=k).fit(y).kneighbors(return_distance=False)
    penalty = sum(
        max(ranks[row, point] - k, 0) for row, points in enumerate(neighbours) for point in points
    )
    return float(1 - 2 * penalty / (n * k * (2 * n - 3 * k - 1)))


@pytest.mark.parametrize("k", [1, 12])
def test_trustworthiness_agrees_with_scikit_learn(k: int) -> None:
    images = to_float(load_mnist().test_images[:350])
    codes = RANDOM.random((350, 3), np.float32)
    flat = images.reshape(350, -1)
    theirs = sklearn_trustworthiness(flat, codes, n_neighbors=k)
    assert trustworthiness(images, codes, k) == pytest.approx(theirs, abs=1e-6)
    theirs = sklearn_trustworthiness(codes, flat, n_neighbors=k)
    assert continuity(images, codes, k) == pytest.approx(theirs, abs=1e-6)


def test_knn_error_agrees_with_scikit_learn() -> None:
    train, test = RANDOM.random((500, 3), np.float32), RANDOM.random((100, 3), np.float32)
    labels = RANDOM.integers(0, 10, 500).astype(np.uint8)
    truth = RANDOM.integers(0, 10, 100).astype(np.uint8)
    for k in (1, 5):
        theirs = KNeighborsClassifier(k).fit(train, labels).predict(test)
        assert knn_error(train, labels, test, truth, k) == pytest.approx((theirs != truth).mean())


def test_trustworthiness_and_continuity_against_brute_force() -> None:
    images = to_float(load_mnist().test_images[:120])
    codes = images.reshape(120, -1)[:, 300:302] + RANDOM.random((120, 2), np.float32)
    flat = images.reshape(120, -1)
    assert trustworthiness(images, codes, 5) == pytest.approx(
        trustworthiness_by_hand(flat, codes, 5), abs=1e-6
    )
    assert continuity(images, codes, 5) == pytest.approx(
        trustworthiness_by_hand(codes, flat, 5), abs=1e-6
    )
    assert trustworthiness(images, flat, 5) == pytest.approx(1)
