"""The code that students see builds the very networks that the lab trains."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from aecore.datasets import load_mnist, to_float
from aecore.keras_code import keras_lines
from aecore.networks import ARCHITECTURES, plan
from aecore.specs import TrainingSpec
from aecore.worker.keras_networks import build


def _spec(architecture: str) -> TrainingSpec:
    return TrainingSpec(architecture, code_size=ARCHITECTURES[architecture].code_size)


def _run(spec: TrainingSpec) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec("\n".join(line.text for line in keras_lines(spec)), names)  # noqa: S102 - it is our own
    return names


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_code_builds_the_network_of_the_plan(architecture: str) -> None:
    spec = _spec(architecture)
    network = plan(spec.architecture, spec.code_size)
    autoencoder = _run(spec)["autoencoder"]
    assert autoencoder.count_params() == network.parameters
    ours = build(network, seed=3)
    layers = [x for x in autoencoder.layers if x.weights and x.name != "log_variance"]
    theirs = [*ours.encoder.weights, *ours.decoder.weights]
    for target, source in zip([w for x in layers for w in x.weights], theirs, strict=True):
        target.assign(source)
    digits = to_float(load_mnist().test_images[:20])
    expected = ours.decoder(ours.encoder(digits)).numpy()
    assert np.allclose(autoencoder(digits).numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_layer_has_its_line_in_order(architecture: str) -> None:
    spec = _spec(architecture)
    lines = keras_lines(spec)
    assert all(len(line.text) < 100 for line in lines)
    chain = [line.layer for line in lines if line.layer is not None and "layers." in line.text]
    assert sorted(chain) == chain
    assert set(chain) == set(range(len(plan(spec.architecture, spec.code_size).layers)))


def test_sparsity_and_divergence_are_paid_for_as_in_the_lab() -> None:
    digits = to_float(load_mnist().test_images[:50])
    sparse = _run(_spec("sparse"))
    sparse["autoencoder"](digits, training=True)
    l1 = 1.2e-3 * np.abs(sparse["encoder"](digits).numpy()).sum(axis=1).mean()
    assert float(sparse["autoencoder"].losses[0]) == pytest.approx(l1, rel=1e-4)

    variational = _run(_spec("vae"))
    variational["autoencoder"](digits, training=True)
    mean = variational["encoder"](digits).numpy()
    head = variational["autoencoder"].get_layer("log_variance")
    spread = keras.Model(variational["image"], head.output)(digits).numpy()
    divergence = 0.5 * (mean**2 + np.exp(spread) - spread - 1).sum(axis=1).mean() / 784
    assert float(variational["autoencoder"].losses[0]) == pytest.approx(divergence, rel=1e-4)


def test_a_cosine_reaches_zero_with_the_last_step() -> None:
    spec = TrainingSpec("plain", images=1_000, epochs=3, batch_size=300, schedule="cosine")
    rate = _run(spec)["rate"]
    assert float(rate(0)) == pytest.approx(spec.learning_rate)
    assert float(rate(3 * 4 - 1)) > 0 == pytest.approx(float(rate(3 * 4)))
