"""Keras networks, built from the layers in `aecore.networks` (worker only: imports Keras)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np
from numpy.typing import NDArray

from aecore.networks import IMAGE, Layer, NetworkPlan, NetworkWeights

Weights = list[NDArray[np.float32]]


@dataclass(frozen=True)
class Networks:
    """One autoencoder as Keras models that share their layers.

    encoder       images (n, 28, 28) to codes (n, code_size); of a VAE, to the codes' means
    decoder       codes (n, code_size) to images (n, 28, 28) in [0, 1]
    logits        the decoder without its last sigmoid: what the loss is computed from
    log_variance  images to the logarithm of the codes' variance; only a VAE has one
    """

    plan: NetworkPlan
    encoder: keras.Model
    decoder: keras.Model
    logits: keras.Model
    log_variance: keras.Model | None

    @cached_property
    def autoencoder(self) -> keras.Model:
        """Encoder and decoder as one model, to take home."""
        return keras.Sequential(
            [keras.Input(IMAGE, name="image"), self.encoder, self.decoder], name="autoencoder"
        )

    @property
    def variables(self) -> list[keras.Variable]:
        """Everything that training adjusts, in a fixed order."""
        found = [*self.encoder.trainable_variables, *self.decoder.trainable_variables]
        if self.log_variance is not None:
            found += self.log_variance.layers[-1].trainable_variables
        return found

    def weights(self) -> Weights:
        """Copies of `variables` as arrays."""
        return [keras.ops.convert_to_numpy(variable.value) for variable in self.variables]

    def by_layer(self) -> NetworkWeights:
        """Copies of kernels and biases, layer by layer, without a VAE's second head."""
        encoder, decoder = self.encoder.get_weights(), self.decoder.get_weights()
        return NetworkWeights(
            encoder=list(zip(encoder[::2], encoder[1::2], strict=True)),
            decoder=list(zip(decoder[::2], decoder[1::2], strict=True)),
        )

    def set_weights(self, weights: Sequence[NDArray[np.float32]]) -> None:
        for variable, value in zip(self.variables, weights, strict=True):
            variable.assign(value)


def build(plan: NetworkPlan, seed: int = 0) -> Networks:
    """The networks of a plan, with Glorot-uniform weights drawn from `seed`."""
    seeds = keras.random.SeedGenerator(seed)
    image = keras.Input(IMAGE, name="image")
    *body, last = plan.encoder
    features = _apply(body, image, seeds)
    code = _apply([last], features, seeds)
    encoder = keras.Model(image, code, name="encoder")
    log_variance = None
    if plan.variational:
        head = keras.layers.Dense(
            plan.code_size,
            kernel_initializer=keras.initializers.GlorotUniform(seed),
            name="log_variance",
        )
        spread = head(features)
        log_variance = keras.Model(image, spread, name="log_variance_head")

    given = keras.Input((plan.code_size,), name="code")
    drawn = _apply(plan.decoder, given, seeds, logits=True)
    sigmoid = keras.layers.Activation("sigmoid", dtype="float32", name="reconstruction")
    logits = keras.Model(given, drawn, name="logits")
    decoder = keras.Model(given, sigmoid(drawn), name="decoder")
    return Networks(plan, encoder, decoder, logits, log_variance)


def _apply(
    layers: Iterable[Layer],
    values: keras.KerasTensor,
    seeds: keras.random.SeedGenerator,
    *,
    logits: bool = False,
) -> keras.KerasTensor:
    """Put `layers` behind one another; with `logits`, sigmoids are left out."""
    for layer in layers:
        activation = None if logits and layer.activation == "sigmoid" else layer.activation
        values = _keras_layer(layer, activation, seeds)(values)
    return values


def _keras_layer(
    layer: Layer, activation: str | None, seeds: keras.random.SeedGenerator
) -> keras.Layer:
    weights = {
        "activation": activation,
        "kernel_initializer": keras.initializers.GlorotUniform(seed=seeds),
    }
    match layer.kind:
        case "dense":
            return keras.layers.Dense(layer.shape[-1], **weights)
        case "conv":
            return keras.layers.Conv2D(
                layer.shape[-1], 3, strides=layer.stride, padding="same", **weights
            )
        case "pool":
            return keras.layers.MaxPooling2D(2)
        case "upsample":
            return keras.layers.UpSampling2D(2)
        case "flatten" | "reshape":
            return keras.layers.Reshape(layer.shape)
