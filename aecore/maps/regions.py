"""Two readings of a map: where the digits are, and which class would be guessed where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from aecore.datasets import Bytes, Floats
from aecore.maps.plane import Box
from aecore.metrics import digit_votes

SIDE = 128
"""Cells each way of both rasters; row 0 is at the bottom of the box."""

_BLUR = 1.5


def density(places: Floats, box: Box, side: int = SIDE) -> Bytes:
    """Where the digits lie: uint8 `(side, side)`, 0 (none) to 255 (most crowded).

    A histogram of places `(n, 2)`, blurred by a Gaussian of 1.5 cells; the square root of the
    count, so that a lonely digit still shows beside a crowd.
    """
    edges = [(box.bottom, box.top), (box.left, box.right)]
    counts, _, _ = np.histogram2d(places[:, 1], places[:, 0], bins=side, range=edges)
    smooth = np.sqrt(np.maximum(scipy.ndimage.gaussian_filter(counts, _BLUR), 0))
    raster: Bytes = np.round(255 * smooth / max(float(smooth.max()), 1e-12)).astype(np.uint8)
    return raster


@dataclass(frozen=True)
class Regions:
    """What the nearest codes vote for, cell by cell.

    winners  uint8 (side, side): the class with most votes
    shares   uint8 (side, side): its share of the votes, 0 to 255
    """

    winners: Bytes
    shares: Bytes


def regions(
    places: Floats, labels: NDArray[np.uint8], box: Box, neighbours: int = 15, side: int = SIDE
) -> Regions:
    """The k-nearest-neighbours decision over `box` from labelled places `(n, 2)`.

    Ties go to the smaller digit.
    """
    # SciPy's tree, not scikit-learn's classifier: that takes a second and a half to import, and
    # the first visitor of a map waits for this.
    nearest = scipy.spatial.KDTree(places).query(box.grid(side), k=np.arange(1, neighbours + 1))[1]
    votes = digit_votes(labels[nearest])
    winners = votes.argmax(axis=1).astype(np.uint8)
    shares = np.round(255 * votes.max(axis=1) / neighbours).astype(np.uint8)
    return Regions(winners.reshape(side, side), shares.reshape(side, side))
