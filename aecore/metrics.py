"""What a reconstruction or a code is worth, in numbers."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from aecore.datasets import Floats

PERFECT_BCE = 0.0581
"""BCE per pixel of answering MNIST's 10,000 test images with themselves."""

MEAN_IMAGE_BCE, MEAN_IMAGE_MSE = 0.2625, 0.0675
"""BCE and MSE per pixel of answering each of them with the mean of the training images."""

_Points = NDArray[np.floating]

_EPSILON = np.float32(1e-7)
"""Keras clips probabilities by this much before taking logarithms; so do we."""

_ROWS = 100
"""Rows of distances that are held at a time."""


def bce(targets: Floats, reconstructions: Floats) -> float:
    """Mean binary cross-entropy per pixel, in nats: the lesson's loss.

    On grey targets the perfect answer does not reach 0: see `bce_floor`.
    """
    p = np.clip(reconstructions, _EPSILON, 1 - _EPSILON)
    return float(-(targets * np.log(p) + (1 - targets) * np.log1p(-p)).mean(dtype=np.float64))


def bce_floor(targets: Floats) -> float:
    """The BCE of answering `targets` themselves: their own entropy."""
    return bce(targets, targets)


def mse(targets: Floats, reconstructions: Floats) -> float:
    """Mean squared error per pixel, 0 (perfect) to 1."""
    return float(np.square(targets - reconstructions).mean(dtype=np.float64))


def psnr(targets: Floats, reconstructions: Floats) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(1 / MSE); infinite for a perfect answer."""
    error = mse(targets, reconstructions)
    return float("inf") if error == 0 else float(-10 * np.log10(error))


def mean_psnr(targets: Floats, reconstructions: Floats) -> float:
    """Mean over images `(n, 28, 28)` of each one's PSNR, in dB."""
    errors = np.square(targets - reconstructions).mean(axis=(1, 2), dtype=np.float64)
    return float((-10 * np.log10(np.maximum(errors, 1e-12))).mean())


def ssim(target: Floats, reconstruction: Floats) -> float:
    """Structural similarity of two images `(28, 28)` in [0, 1]: 1 is identical.

    Wang, Bovik, Sheikh & Simoncelli (2004), with a uniform 7 x 7 window, K1 = 0.01, K2 = 0.03;
    the mean is taken where the window fits into the image.
    """
    x, y = target.astype(np.float64), reconstruction.astype(np.float64)
    window = 7
    to_sample = window**2 / (window**2 - 1)  # the sample (co)variance, as in the paper's code
    mean = scipy.ndimage.uniform_filter
    mean_x, mean_y = mean(x, window), mean(y, window)
    var_x = to_sample * (mean(x * x, window) - mean_x**2)
    var_y = to_sample * (mean(y * y, window) - mean_y**2)
    cov = to_sample * (mean(x * y, window) - mean_x * mean_y)
    c1, c2 = 0.01**2, 0.03**2
    similarity = ((2 * mean_x * mean_y + c1) * (2 * cov + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    )
    edge = window // 2
    return float(similarity[edge:-edge, edge:-edge].mean())


def knn_error(
    train_codes: Floats,
    train_labels: NDArray[np.uint8],
    test_codes: Floats,
    test_labels: NDArray[np.uint8],
    neighbours: int = 5,
) -> float:
    """Share of test codes whose `neighbours` nearest training codes vote for a wrong digit.

    Quick for codes of a few numbers. Ties go to the smaller digit, as in scikit-learn.
    """
    known = scipy.spatial.KDTree(train_codes)
    nearest = known.query(test_codes, neighbours)[1].reshape(-1, neighbours)
    return float((_elected(train_labels[nearest]) != test_labels).mean())


def leave_one_out_error(codes: Floats, labels: NDArray[np.uint8], neighbours: int = 5) -> float:
    """Share of codes whose `neighbours` nearest others vote for another digit than their own."""
    nearest = scipy.spatial.KDTree(codes).query(codes, neighbours + 1)[1]
    itself = nearest == np.arange(len(codes))[:, None]
    itself[~itself.any(axis=1), -1] = True  # hidden behind others at the very same place
    others = nearest[~itself].reshape(len(codes), neighbours)
    return float((_elected(labels[others]) != labels).mean())


def digit_votes(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many of each row's votes `(n, k)` are for each of the ten digits: `(n, 10)`."""
    return np.stack([(votes == digit).sum(axis=1) for digit in range(10)], axis=1)


def _elected(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The digit that most of each row's votes are for; the smaller one if two have as many."""
    return np.asarray(digit_votes(votes).argmax(axis=1))


def trustworthiness(images: Floats, codes: Floats, neighbours: int = 12) -> float:
    """How far neighbours in the code were neighbours among the images: 1 is perfect.

    Venna & Kaski (2001). `images` (n, 28, 28), `codes` (n, code_size), n > 3/2 `neighbours`.
    """
    return _kept_neighbours(codes, images.reshape(len(images), -1), neighbours)


def continuity(images: Floats, codes: Floats, neighbours: int = 12) -> float:
    """How far neighbours among the images stayed neighbours in the code: 1 is perfect.

    Venna & Kaski (2001): trustworthiness with the roles of images and codes exchanged.
    """
    return _kept_neighbours(images.reshape(len(images), -1), codes, neighbours)


def _kept_neighbours(here: _Points, there: _Points, k: int) -> float:
    """1 less the ranks, beyond k, that the k nearest points `here` have `there`, scaled.

    1 - 2 / (n k (2n - 3k - 1)) * sum of max(rank - k, 0), equation 1 of Venna & Kaski (2001).
    Some rows of distances at a time: scikit-learn's function needs hundreds of megabytes.
    """
    n = len(here)
    here, there = (points.astype(np.float64) for points in (here, there))
    beyond = 0
    for start in range(0, n, _ROWS):
        rows = np.arange(start, min(start + _ROWS, n))
        nearest = np.argpartition(_distances_from(here, rows), k, axis=1)[:, :k]
        distances = _distances_from(there, rows)
        theirs = np.take_along_axis(distances, nearest, axis=1)
        ranks = 1 + (distances[:, None] < theirs[:, :, None]).sum(axis=2)
        beyond += int(np.maximum(ranks - k, 0).sum())
    return 1 - 2 * beyond / (n * k * (2 * n - 3 * k - 1))


def _distances_from(points: _Points, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Squared distances `(rows, n)` of some points from all; infinite from themselves."""
    squares = np.einsum("ij,ij->i", points, points)
    distances: NDArray[np.float64] = squares[rows, None] + squares - 2 * points[rows] @ points.T
    distances[np.arange(len(rows)), rows] = np.inf
    return distances
