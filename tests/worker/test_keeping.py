"""What of a network is kept for the search for similar digits."""

from __future__ import annotations

import numpy as np
import pytest

from aecore.worker.keeping import _principal_directions


@pytest.mark.parametrize("alive", [0, 10, 200])
def test_directions_are_orthogonal_and_nothing_where_codes_do_not_vary(alive: int) -> None:
    codes = np.zeros((150, 200), np.float32)
    codes[:, :alive] = np.random.default_rng(0).standard_normal((150, alive))
    directions = _principal_directions(codes, 64)
    assert directions.shape == (200, 64)
    varied = directions[:, 64 - min(alive, 64) :]
    assert np.allclose(varied.T @ varied, np.eye(varied.shape[1]), atol=1e-3)
    if not alive:
        assert not directions.any()
    assert np.isfinite(directions).all()
