"""What a learner draws for itself."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from aecore.datasets import load_mnist
from aecore.specs import TrainingSpec
from aecore.worker.learner import Learner, sigmas_up_to


@pytest.mark.parametrize(("weak", "median"), [(True, 0.354), (False, 0.595)])
def test_noise_is_of_every_level_and_mostly_weak_only_at_first(
    *, weak: bool, median: float
) -> None:
    drawn = sigmas_up_to(tf.constant(3.0), 20_000, tf.constant([0, 1]), tf.constant(weak)).numpy()
    assert drawn.shape == (20_000, 1, 1)
    assert 0 <= drawn.min() < 0.02
    assert 2.98 < drawn.max() <= 3
    assert np.median(drawn) == pytest.approx(3 * median, abs=0.03)


def test_where_memory_is_short_the_same_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Step by step, TensorFlow's own operations do what XLA does with all steps at once."""
    spec = TrainingSpec("deep", images=1_000, batch_size=100)
    rows = np.arange(1_000, dtype=np.int32).reshape(10, 100)
    images = load_mnist().test_images[:1_000]
    learnt = []
    for thrifty in ("0", "1"):
        monkeypatch.setenv("AELAB_THRIFTY", thrifty)
        learner = Learner("deep", spec.code_size, 100, noisy=False, noise_varies=False)
        learner.start(spec)
        learner.learn(rows, np.full(10, 1e-3, np.float32))
        learnt.append((learner.state(), next(learner.validation_losses(images, images))))
    (usual, loss), (thrifty_state, thrifty_loss) = learnt
    assert thrifty_loss == pytest.approx(loss, rel=1e-5)
    for name, array in usual.items():
        np.testing.assert_allclose(thrifty_state[name], array, atol=2e-5, err_msg=name)
