"""Where labels stand so that none hides another: along an axis, and on a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aecore.datasets import Floats

_ROUNDS = 100
"""Pushing two labels apart may push one of them onto a third."""


def separated(heights: Sequence[float], gap: float) -> list[float]:
    """Heights for labels: in the same order as `heights`, moved little, at least `gap` apart."""
    order = np.argsort(heights, kind="stable")
    placed: list[list[float]] = []  # runs of labels that touch: their wished-for heights
    for index in order:
        placed.append([float(heights[index])])
        while len(placed) > 1 and _bottom(placed[-1], gap) - _top(placed[-2], gap) < gap:
            last = placed.pop()
            placed[-1] += last
    result = [0.0] * len(order)
    flat = [_bottom(run, gap) + gap * step for run in placed for step in range(len(run))]
    for index, height in zip(order, flat, strict=True):
        result[index] = height
    return result


def _bottom(run: list[float], gap: float) -> float:
    return sum(run) / len(run) - gap * (len(run) - 1) / 2


def _top(run: list[float], gap: float) -> float:
    return sum(run) / len(run) + gap * (len(run) - 1) / 2


def apart(places: Floats, distance: float) -> Floats:
    """The places `(n, 2)`, moved little, so that none lies nearer to another than `distance`."""
    moved = places.astype(np.float64)
    for _ in range(_ROUNDS):
        between = moved[:, None] - moved
        length = np.maximum(np.linalg.norm(between, axis=-1, keepdims=True), 1e-9)
        push = np.clip(distance - length, 0, None) / 2
        push[np.diag_indices(len(moved))] = 0
        moved += (push * between / length).sum(axis=1)
    return moved.astype(np.float32)
