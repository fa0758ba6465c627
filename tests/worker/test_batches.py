"""Which images come in which order, and how the learning rate falls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aecore.specs import TrainingSpec
from aecore.worker.batches import learning_rates, shuffled

SPEC = TrainingSpec("plain", images=1_000, epochs=4, batch_size=300, learning_rate=0.02)


def test_a_constant_rate_stays() -> None:
    for epoch in (1, 4):
        np.testing.assert_allclose(learning_rates(SPEC, epoch, 5), [0.02] * 5)


def test_half_a_cosine_falls_without_a_step_from_the_rate_to_nothing() -> None:
    falling = replace(SPEC, schedule="cosine")
    rates = np.concatenate([learning_rates(falling, epoch, 25) for epoch in (1, 2, 3, 4)])
    assert rates[0] == pytest.approx(0.02)
    assert rates[25] == pytest.approx(0.02 * (1 + np.cos(np.pi / 4)) / 2)  # a quarter of the way
    assert rates[50] == pytest.approx(0.01)
    steps = np.diff(rates)
    assert (steps < 0).all()
    assert steps.min() > -0.0004  # nowhere steeper than in the middle
    assert 0 < rates[-1] < 1e-5


def test_an_epoch_shows_every_image_and_each_epoch_in_another_order() -> None:
    first, again, second = (shuffled(SPEC, epoch, 300) for epoch in (1, 1, 2))
    assert first.shape == (4, 300)  # 1,000 images: the last batch is filled up
    assert set(first.ravel()[:1_000]) == set(range(1_000))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, shuffled(replace(SPEC, seed=1), 1, 300))
