"""A simple reader: which digit a picture is most like, as the votes of training digits say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Floats
from aecore.metrics import digit_votes
from aecore.projections import load_pca
from aecore.ui.models import mnist, neighbour_index

_VOTERS = 5


def read(images: Floats) -> NDArray[np.int64]:
    """The digit that each of `images` `(n, 28, 28)` is most like: `(n,)`. See `votes`."""
    return np.asarray(votes(images).argmax(axis=1))


def votes(images: Floats) -> NDArray[np.int64]:
    """How many of five voters take each image for each of the ten digits: `(n, 10)`.

    The voters are those of 10,000 training images that are nearest in PCA's 32 numbers. Raises
    DatasetError.
    """
    index = neighbour_index("pca")
    codes = load_pca().keeping(index.codes.shape[1]).encode(images)
    nearest = np.stack([index.nearest(code, _VOTERS) for code in codes])
    return digit_votes(mnist().train_labels[nearest])
