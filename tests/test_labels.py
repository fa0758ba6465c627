"""Labels keep their distance."""

from __future__ import annotations

import numpy as np
import pytest

from aecore.labels import apart, separated


def test_labels_with_room_stay_where_they_are() -> None:
    assert separated([3.0, 1.0, 2.0], 0.5) == [3.0, 1.0, 2.0]
    assert separated([], 1.0) == []


def test_crowded_labels_part_around_their_middle_in_their_order() -> None:
    heights = [10.0, 10.2, 10.1, 2.0, 10.15]
    placed = separated(heights, 1.0)
    assert np.diff(sorted(placed)).min() >= 1 - 1e-9
    assert np.argsort(placed).tolist() == np.argsort(heights).tolist()
    assert placed[3] == 2.0
    assert np.mean(placed) == pytest.approx(np.mean(heights))


def test_labels_on_a_map_part_and_others_stay() -> None:
    places = np.array([[0, 0], [0.1, 0], [0, 0.2], [9, 9]], np.float32)
    moved = apart(places, 1.0)
    away = np.linalg.norm(moved[:, None] - moved, axis=2) + 9 * np.eye(4)
    assert away.min() > 0.99
    np.testing.assert_array_equal(moved[3], places[3])
