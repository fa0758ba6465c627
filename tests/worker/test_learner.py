"""What a learner draws for itself."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from aecore.worker.learner import sigmas_up_to


@pytest.mark.parametrize(("weak", "median"), [(True, 0.354), (False, 0.595)])
def test_noise_is_of_every_level_and_mostly_weak_only_at_first(
    *, weak: bool, median: float
) -> None:
    drawn = sigmas_up_to(tf.constant(3.0), 20_000, tf.constant([0, 1]), tf.constant(weak)).numpy()
    assert drawn.shape == (20_000, 1, 1)
    assert 0 <= drawn.min() < 0.02
    assert 2.98 < drawn.max() <= 3
    assert np.median(drawn) == pytest.approx(3 * median, abs=0.03)
