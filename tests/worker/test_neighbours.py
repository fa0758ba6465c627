"""The neighbour graph of the training images."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestNeighbors

from aecore.datasets import load_mnist, to_float
from aecore.worker.neighbours import nearest_neighbours, upright


def test_neighbours_are_those_scikit_learn_finds() -> None:
    images = to_float(load_mnist().train_images[:1_200])
    expected = NearestNeighbors(n_neighbors=7).fit(images.reshape(-1, 784)).kneighbors()[1]
    assert (nearest_neighbours(images, 7) == expected).mean() > 0.999


def test_a_leaning_stroke_is_set_upright_in_the_middle() -> None:
    images = np.zeros((1, 28, 28), np.float32)
    for row in range(4, 24):
        images[0, row, 6 + row // 2] = 1.0
    columns = np.arange(28)
    straight = upright(images)[0]
    inked = [row for row in straight if row.sum() > 0.5]
    centres = [(row * columns).sum() / row.sum() for row in inked]
    assert len(inked) >= 18
    assert np.ptp(centres) < 0.7
    assert abs(np.mean(centres) - 13.5) < 0.3


def test_setting_upright_brings_more_neighbours_of_the_same_digit() -> None:
    mnist = load_mnist()
    images, labels = to_float(mnist.train_images[:3_000]), mnist.train_labels[:3_000]

    def purity(given: np.ndarray) -> float:
        return float((labels[nearest_neighbours(given, 5)] == labels[:, None]).mean())

    assert purity(upright(images)) > purity(images) + 0.02


def test_a_blank_image_stays_blank() -> None:
    assert not upright(np.zeros((2, 28, 28), np.float32)).any()
