"""What of a network is kept for the search for similar digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aecore.runs import Epoch, Run
from aecore.worker.keeping import _principal_directions, _time_taken


def test_epochs_that_cannot_be_read_any_more_are_left_out_of_the_time_taken(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for number in (1, 2, 3):
        digits, codes = np.zeros((10, 28, 28), np.uint8), np.zeros((5, 2), np.float16)
        run.write_epoch(Epoch(number, 0.2, 0.2, float(number), digits, codes))
    (tmp_path / "epochs" / "0002.npz").write_bytes(b"")
    assert _time_taken(run) == {"training_seconds": 4.0, "seconds_per_epoch": 3.0}
    for number in (1, 3):
        (tmp_path / "epochs" / f"000{number}.npz").write_bytes(b"")
    assert _time_taken(run) == {}


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
