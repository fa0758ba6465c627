"""What a reconstruction or a code is worth, in numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from aecore.datasets import Floats

_EPSILON = np.float32(1e-7)
"""Keras clips probabilities by this much before taking logarithms; so do we."""


def bce(targets: Floats, reconstructions: Floats) -> float:
    """Mean binary cross-entropy per pixel, in nats: the lesson's loss.

    On grey targets the perfect answer does not reach 0: see `bce_floor`.
    """
    p = np.clip(reconstructions, _EPSILON, 1 - _EPSILON)
    return float(-(targets * np.log(p) + (1 - targets) * np.log1p(-p)).mean(dtype=np.float64))


def bce_floor(targets: Floats) -> float:
    """The BCE of answering `targets` themselves: their own entropy, 0.0581 on MNIST's test set."""
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
    mean_x, mean_y = uniform_filter(x, window), uniform_filter(y, window)
    var_x = to_sample * (uniform_filter(x * x, window) - mean_x**2)
    var_y = to_sample * (uniform_filter(y * y, window) - mean_y**2)
    cov = to_sample * (uniform_filter(x * y, window) - mean_x * mean_y)
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
    """Share of test codes whose `neighbours` nearest training codes vote for a wrong digit."""
    from sklearn.neighbors import KNeighborsClassifier

    classifier = KNeighborsClassifier(neighbours).fit(train_codes, train_labels)
    return float((classifier.predict(test_codes) != test_labels).mean())


def trustworthiness(images: Floats, codes: Floats, neighbours: int = 12) -> float:
    """How far neighbours in the code were neighbours among the images: 1 is perfect.

    Venna & Kaski (2001). `images` (n, 28, 28), `codes` (n, code_size). Memory grows with n².
    """
    from sklearn.manifold import trustworthiness as sklearn_trustworthiness

    flat = images.reshape(len(images), -1)
    return float(sklearn_trustworthiness(flat, codes, n_neighbors=neighbours))


def continuity(images: Floats, codes: Floats, neighbours: int = 12) -> float:
    """How far neighbours among the images stayed neighbours in the code: 1 is perfect.

    Venna & Kaski (2001): trustworthiness with the roles of images and codes exchanged.
    """
    from sklearn.manifold import trustworthiness as sklearn_trustworthiness

    flat = images.reshape(len(images), -1)
    return float(sklearn_trustworthiness(codes, flat, n_neighbors=neighbours))
