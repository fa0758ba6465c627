"""Our optimiser against Keras's own, step by step."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from aecore.worker.adam import Adam


def test_every_step_is_that_of_keras() -> None:
    random = np.random.default_rng(0)
    begin = [random.standard_normal(shape).astype(np.float32) for shape in ((7, 5), (5,))]
    ours = [tf.Variable(value) for value in begin]
    theirs = [keras.Variable(value) for value in begin]
    adam, judge = Adam(ours), keras.optimizers.Adam()
    for step in range(1, 31):
        rate = 0.1 / step  # a schedule, too
        gradients = [random.standard_normal(v.shape).astype(np.float32) * step for v in begin]
        adam.descend(
            [tf.constant(each) for each in gradients], tf.constant(rate), tf.constant(float(step))
        )
        judge.learning_rate = rate
        judge.apply([tf.constant(each) for each in gradients], theirs)
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=2e-5, atol=1e-6)
    assert np.abs(ours[0].numpy() - begin[0]).max() > 0.1  # it went somewhere


def test_it_goes_on_from_its_state_and_starts_without_memory() -> None:
    gradients = [tf.constant([1.0, -2.0])]
    step = tf.constant(1.0)
    first, second = ([tf.Variable([0.0, 0.0])] for _ in range(2))
    adam, other = Adam(first), Adam(second)
    adam.descend(gradients, tf.constant(0.1), step)
    other.restore(adam.state())
    for name, array in adam.state().items():
        np.testing.assert_array_equal(other.state()[name], array)
        assert array.any()
    adam.start()
    assert not any(array.any() for array in adam.state().values())
