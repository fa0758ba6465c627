"""The plane of a map: where a code lies on it, and which code a place on it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aecore.datasets import Floats


@dataclass(frozen=True)
class Plane:
    """Two directions through code space.

    centre  float32 (code_size,): the code at place (0, 0)
    axes    float32 (2, code_size): orthonormal directions of the map's x and y
    share   how much of the codes' variance the map shows, 0 to 1

    A code of two numbers is its own place: the map is then the code space itself, and `share`
    is 1. A longer code is shown through the first two principal components of the codes; one number
    is a place on a line.
    """

    centre: Floats
    axes: Floats
    share: float

    @classmethod
    def through(cls, codes: Floats) -> Plane:
        """The plane that shows most of `codes` `(n, code_size)`; n at least 2."""
        if codes.shape[1] == 1:
            return cls(np.zeros(1, np.float32), np.array([[1], [0]], np.float32), 1.0)
        if codes.shape[1] == 2:
            return cls(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), 1.0)
        centre = codes.mean(axis=0, dtype=np.float64)
        centred = codes - centre
        variances, directions = np.linalg.eigh(centred.T @ centred)
        axes = directions.T[:-3:-1]
        # An eigenvector may point either way; its largest entry shall be positive, so that the
        # same model gives the same map everywhere.
        largest = np.abs(axes).argmax(axis=1)
        axes = axes * np.sign(axes[np.arange(2), largest])[:, None]
        total = float(variances.sum())
        share = float(variances[-2:].sum()) / total if total > 0 else 1.0
        return cls(centre.astype(np.float32), axes.astype(np.float32), share)

    @property
    def is_the_code(self) -> bool:
        """Whether the map is the code space itself, with nothing left out."""
        return len(self.centre) == 2

    def place(self, codes: Floats) -> Floats:
        """Codes `(n, code_size)` to places `(n, 2)`."""
        return ((codes - self.centre) @ self.axes.T).astype(np.float32, copy=False)

    def code_at(self, places: Floats) -> Floats:
        """Places `(n, 2)` to the codes `(n, code_size)` of this plane."""
        return (places @ self.axes + self.centre).astype(np.float32, copy=False)


@dataclass(frozen=True)
class Box:
    """A rectangle of the map: lowest and highest x and y."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, places: Floats, *, margin: float = 0.04, leave_out: float = 0.0) -> Box:
        """The box of places `(n, 2)` with `margin` of its size on every side.

        `leave_out` is the share of places that may lie outside at each end, 0 to 0.5.
        """
        low, high = np.quantile(places, [leave_out, 1 - leave_out], axis=0).astype(float)
        size = np.maximum(high - low, 1e-6)
        (left, bottom), (right, top) = low - margin * size, high + margin * size
        return cls(float(left), float(bottom), float(right), float(top))

    def squared(self) -> Box:
        """The same box with its shorter side drawn out to the length of the longer one."""
        middle_x, middle_y = (self.left + self.right) / 2, (self.bottom + self.top) / 2
        half = max(self.right - self.left, self.top - self.bottom) / 2
        return Box(middle_x - half, middle_y - half, middle_x + half, middle_y + half)

    def grid(self, side: int) -> Floats:
        """Centres of `side` x `side` cells, float32 `(side * side, 2)`, row by row from below."""
        steps = (np.arange(side) + 0.5) / side
        xs = self.left + steps * (self.right - self.left)
        ys = self.bottom + steps * (self.top - self.bottom)
        return np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(np.float32)
