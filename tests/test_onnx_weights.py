"""Weights out of ONNX files, held against the networks that ONNX Runtime runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from aecore.autoencoder import Autoencoder
from aecore.datasets import load_mnist, to_float
from aecore.networks import plan
from aecore.onnx_weights import load_weights
from aecore.runs import Run, RunError
from aecore.shipped import SHIPPED
from aecore.specs import TrainingSpec
from aecore.worker.keras_networks import build
from aecore.worker.pretrain import PRETRAINED


def put(model: keras.Model, layers: list[tuple[np.ndarray, np.ndarray]]) -> None:
    model.set_weights([array for layer in layers for array in layer])


@pytest.mark.parametrize("name", SHIPPED)
def test_the_same_network_in_keras_gives_the_same_answers(name: str) -> None:
    spec = SHIPPED[name]
    networks = build(plan(spec.architecture, spec.code_size))
    weights = load_weights(PRETRAINED / name)
    put(networks.encoder, weights.encoder)
    put(networks.decoder, weights.decoder)
    images = to_float(load_mnist().test_images[:5])
    answers = networks.autoencoder(images).numpy()
    served = Autoencoder.load(PRETRAINED / name).reconstruct(images)
    np.testing.assert_allclose(answers, served, atol=2e-5)


@pytest.mark.parametrize("name", ["plain", "conv"])
def test_it_reads_the_numbers_that_the_onnx_package_reads(name: str) -> None:
    file = PRETRAINED / name / "decoder.onnx"
    read = [numpy_helper.to_array(each) for each in onnx.load(file).graph.initializer]
    arrays = [each for each in read if each.dtype == np.float32 and each.shape != (4,)]
    found = [array for layer in load_weights(PRETRAINED / name).decoder for array in layer]
    assert len(found) == len(arrays) > 1
    for ours, theirs in zip(found, arrays, strict=True):
        expected = theirs.transpose(2, 3, 1, 0) if theirs.ndim == 4 else theirs
        assert ours.dtype == np.float32
        np.testing.assert_array_equal(ours, expected)


@pytest.fixture
def copy(tmp_path: Path) -> Run:
    shutil.copytree(PRETRAINED / "conv", tmp_path / "copy")
    return Run(tmp_path / "copy")


@pytest.mark.parametrize("size", [0, 1, 20, 3_000, 30_000])
def test_a_file_cut_off_is_an_error_wherever_it_ends(copy: Run, size: int) -> None:
    file = copy.folder / "encoder.onnx"
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(RunError, match=r"encoder\.onnx"):
        load_weights(copy.folder)  # altered
    copy.seal()
    with pytest.raises(RunError, match=r"encoder\.onnx"):
        load_weights(copy.folder)


@pytest.mark.parametrize("seed", range(20))
def test_noise_in_place_of_a_file_is_an_error(copy: Run, seed: int) -> None:
    noise = np.random.default_rng(seed).bytes(2_000)
    (copy.folder / "decoder.onnx").write_bytes(noise)
    copy.seal()
    with pytest.raises(RunError):
        load_weights(copy.folder)


def test_weights_of_another_network_are_an_error(copy: Run) -> None:
    copy.write_spec(TrainingSpec("deep", 32))
    copy.seal()
    with pytest.raises(RunError, match="another network"):
        load_weights(copy.folder)
