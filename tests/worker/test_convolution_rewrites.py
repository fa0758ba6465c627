"""The quicker arrangement of the convolutional network is the same function."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from aecore.networks import CONVOLUTIONAL
from aecore.worker import convolution_rewrites
from aecore.worker.keras_networks import build


def test_answers_and_gradients_are_those_of_keras() -> None:
    random = np.random.default_rng(0)
    networks = build(CONVOLUTIONAL, seed=1)
    for variable in networks.variables:  # biases, too, must matter
        variable.assign(variable + 0.05 * random.standard_normal(variable.shape))
    images = tf.constant(random.random((5, 28, 28), np.float32))
    variables = [variable.value for variable in networks.variables]

    with tf.GradientTape(persistent=True) as tape:
        expected = networks.logits(networks.encoder(images))
        codes = convolution_rewrites.apply(
            networks.plan.encoder, networks.encoder.trainable_variables, images
        )
        found = convolution_rewrites.apply(
            networks.plan.decoder, networks.decoder.trainable_variables, codes
        )
        expected_loss = tf.reduce_mean(tf.square(expected - images))
        found_loss = tf.reduce_mean(tf.square(found - images))

    np.testing.assert_allclose(found, expected, atol=1e-5)
    expected_gradients = tape.gradient(expected_loss, variables)
    for variable, gradient in zip(variables, expected_gradients, strict=True):
        np.testing.assert_allclose(tape.gradient(found_loss, variable), gradient, atol=1e-6)
