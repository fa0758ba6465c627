"""Which training images resemble each other: what `neighbours2d` learns from, without labels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

from aecore.datasets import Floats, load_mnist, to_float

NEIGHBOURS = 15
"""Neighbours of each image, as UMAP (McInnes, Healy & Melville 2018) counts them."""

_BLUR = 0.7
_ROWS = 500


@lru_cache(maxsize=1)
def training_neighbours(images: int) -> NDArray[np.int32]:
    """The `(images, NEIGHBOURS)` nearest of the first training images, nearest first.

    Takes a minute for all 60,000.
    """
    return nearest_neighbours(upright(to_float(load_mnist().train_images[:images])), NEIGHBOURS)


def upright(images: Floats) -> Floats:
    """Images `(n, 28, 28)` without their slant, centred and a little blurred.

    Two sevens that lean differently share few pixels. Shearing every digit until the principal
    axis of its ink stands upright brings them together; no label is needed for that.
    """
    rows, columns = np.mgrid[:28, :28].astype(np.float32)
    ink = images.sum(axis=(1, 2), keepdims=True) + np.float32(1e-6)
    row_mean = (images * rows).sum(axis=(1, 2), keepdims=True) / ink
    column_mean = (images * columns).sum(axis=(1, 2), keepdims=True) / ink
    down, across = rows - row_mean, columns - column_mean
    spread = (images * down * down).sum(axis=(1, 2), keepdims=True) + np.float32(1e-6)
    slant = (images * down * across).sum(axis=(1, 2), keepdims=True) / spread
    sources = columns + slant * down + column_mean - np.float32(13.5)
    blurred = scipy.ndimage.gaussian_filter(_sample_columns(images, sources), (0, _BLUR, _BLUR))
    return np.asarray(blurred, np.float32)


def _sample_columns(images: Floats, columns: Floats) -> Floats:
    """Pixels of each row at fractional `columns`, blended linearly; black outside."""
    left = np.floor(columns)
    share = columns - left
    blended = (1 - share) * _pixels(images, left) + share * _pixels(images, left + 1)
    return np.asarray(blended, np.float32)


def _pixels(images: Floats, columns: Floats) -> Floats:
    inside = (columns >= 0) & (columns <= 27)
    found = np.take_along_axis(images, np.clip(columns, 0, 27).astype(np.intp), axis=2)
    return np.where(inside, found, np.float32(0))


def nearest_neighbours(images: Floats, count: int) -> NDArray[np.int32]:
    """For each of `images` `(n, 28, 28)`, the `count` others nearest to it, nearest first.

    Exact, by Euclidean distance between pixels.
    """
    flat = images.reshape(len(images), -1)
    squares = np.square(flat).sum(axis=1)
    answers = []
    for start in range(0, len(flat), _ROWS):
        own = np.arange(start, min(start + _ROWS, len(flat)))
        distances = squares - 2 * flat[own] @ flat.T  # the same as squared distances, row by row
        distances[np.arange(len(own)), own] = np.inf
        nearest = np.argpartition(distances, count, axis=1)[:, :count]
        order = np.argsort(np.take_along_axis(distances, nearest, axis=1), axis=1)
        answers.append(np.take_along_axis(nearest, order, axis=1))
    return np.concatenate(answers).astype(np.int32)
