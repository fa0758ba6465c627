"""The networks against the lesson's table, and ONNX against Keras."""

from __future__ import annotations

from itertools import pairwise

import keras
import numpy as np
import onnxruntime
import pytest

from aecore.networks import ARCHITECTURES, plan
from aecore.worker.keras_networks import build
from aecore.worker.onnx_export import decoder_to_onnx, encoder_to_onnx

IMAGES = np.random.default_rng(0).random((3, 28, 28), dtype=np.float32)


def weighted(network: keras.Model) -> list[tuple[int, ...]]:
    """Kernel shapes of the layers that have one."""
    return [tuple(layer.kernel.shape) for layer in network.layers if hasattr(layer, "kernel")]


def dense(*widths: int) -> list[tuple[int, ...]]:
    return list(pairwise(widths))


@pytest.mark.parametrize(
    ("architecture", "code_size", "encoder", "decoder", "parameters"),
    [
        ("plain", 32, dense(784, 32), dense(32, 784), 50_992),
        ("deep", 32, dense(784, 128, 64, 32), dense(32, 64, 128, 784), 222_384),
        (
            "latent2d",
            2,
            dense(784, 1000, 500, 250, 2),
            dense(2, 250, 500, 1000, 784),
            2_823_286,
        ),
        (
            "conv",
            1568,
            [(3, 3, 1, 32), (3, 3, 32, 32)],
            [(3, 3, 32, 32), (3, 3, 32, 32), (3, 3, 32, 1)],
            28_353,
        ),
        (
            "denoise_any",
            288,
            [(3, 3, 1, 24), (3, 3, 24, 48), (3, 3, 48, 32), (1568, 288)],
            [(288, 1568), (3, 3, 32, 64), (3, 3, 64, 32), (3, 3, 32, 1)],
            966_785,
        ),
    ],
)
def test_layers_and_parameters_are_those_promised(
    architecture: str,
    code_size: int,
    encoder: list[tuple[int, ...]],
    decoder: list[tuple[int, ...]],
    parameters: int,
) -> None:
    networks = build(plan(architecture, code_size))
    assert weighted(networks.encoder) == encoder
    assert weighted(networks.decoder) == decoder
    assert networks.autoencoder.count_params() == parameters
    assert networks.plan.parameters == parameters


def test_lessons_activations() -> None:
    networks = build(plan("deep", 32))
    hidden = [*networks.encoder.layers, *networks.decoder.layers]
    activations = [layer.activation.__name__ for layer in hidden if hasattr(layer, "kernel")]
    assert activations == ["relu"] * 5 + ["linear"]  # the sigmoid follows as a layer of its own
    assert networks.decoder.layers[-1].activation.__name__ == "sigmoid"


def test_code_of_the_convolutional_net_is_flat() -> None:
    assert build(plan("conv", 1568)).encoder(IMAGES).shape == (3, 1568)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_same_seed_same_weights(architecture: str) -> None:
    layers = plan(architecture, ARCHITECTURES[architecture].code_size)
    first, again, other = (build(layers, seed).weights() for seed in (5, 5, 6))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_onnx_answers_as_keras_does(architecture: str) -> None:
    networks = build(plan(architecture, ARCHITECTURES[architecture].code_size), seed=3)
    encoder = encoder_to_onnx(networks.plan, networks.encoder.get_weights())
    decoder = decoder_to_onnx(networks.plan, networks.decoder.get_weights())
    codes = onnxruntime.InferenceSession(encoder).run(None, {"input": IMAGES})[0]
    answers = onnxruntime.InferenceSession(decoder).run(None, {"input": codes})[0]
    np.testing.assert_allclose(codes, networks.encoder(IMAGES).numpy(), atol=2e-5)
    np.testing.assert_allclose(answers, networks.autoencoder(IMAGES).numpy(), atol=2e-5)
    assert answers.shape == (3, 28, 28)
    assert answers.min() >= 0
    assert answers.max() <= 1
