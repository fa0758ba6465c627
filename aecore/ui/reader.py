"""A simple reader: which digit a picture is most like, as the votes of training digits say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Floats, to_float
from aecore.metrics import MEAN_IMAGE_MSE, digit_votes
from aecore.projections import load_pca
from aecore.ui.models import mnist, neighbour_index

VOTERS = 5

UNREADABLE = -1
"""Stands for the digit of a picture that is like no digit."""


def read(images: Floats) -> NDArray[np.int64]:
    """The digit that each of `images` `(n, 28, 28)` is most like, or `UNREADABLE`. See `votes`."""
    found = votes(images)
    return np.where(found.any(axis=1), found.argmax(axis=1), UNREADABLE)


def votes(images: Floats) -> NDArray[np.int64]:
    """How many of five voters take each image for each of the ten digits: `(n, 10)`.

    The voters are those of 10,000 training images that are nearest in PCA's 32 numbers. They
    abstain if none of them is nearer to the image, as an MSE of its pixels, than the mean image is
    to digits on average: somebody is nearest to any scribble. Raises DatasetError.
    """
    index = neighbour_index("pca")
    codes = load_pca().keeping(index.codes.shape[1]).encode(images)
    nearest = np.stack([index.nearest(code, VOTERS) for code in codes])
    voters = to_float(mnist().train_images[nearest])
    distances = np.square(voters - images[:, None]).mean(axis=(2, 3)).min(axis=1)
    found = digit_votes(mnist().train_labels[nearest])
    return np.where(distances[:, None] < MEAN_IMAGE_MSE, found, 0)
