"""Weights go home and come back, and are the same model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aecore.autoencoder import Autoencoder, NeighbourIndex
from aecore.datasets import load_mnist, to_float
from aecore.networks import NetworkWeights, plan
from aecore.onnx_weights import load_weights
from aecore.runs import BROUGHT_FILE, Run
from aecore.shipped import SHIPPED
from aecore.takehome.bringing import spec_of_brought
from aecore.takehome.safetensors import write
from aecore.ui.latent.map_view import chart_of
from aecore.worker.pretrain import PRETRAINED
from aecore.worker.training import train


def _file(name: str) -> memoryview:
    spec = SHIPPED[name]
    about = {"architecture": spec.architecture, "noise": f"{spec.noise:g}"}
    network = plan(spec.architecture, spec.code_size)
    return memoryview(write(load_weights(PRETRAINED / name), network, about))


@pytest.mark.parametrize("name", ["deep", "vae", "denoise", "neighbours2d"])
def test_what_went_home_comes_back_the_same(name: str, tmp_path: Path) -> None:
    content = _file(name)
    spec = spec_of_brought(content)
    assert spec.architecture == SHIPPED[name].architecture
    assert spec.noise == SHIPPED[name].noise
    run = Run(tmp_path / spec.key)
    run.write_brought(bytes(content))
    run.write_spec(spec)
    train(str(run.folder))
    assert run.status().state == "done"
    assert not (run.folder / BROUGHT_FILE).exists()
    images = to_float(load_mnist().test_images[:50])
    back = Autoencoder.load(run.folder)  # verifies the checksums
    np.testing.assert_allclose(
        back.reconstruct(images), Autoencoder.load(PRETRAINED / name).reconstruct(images), atol=1e-6
    )
    shipped = Run(PRETRAINED / name)
    assert run.metrics()["bce"] == pytest.approx(shipped.metrics()["bce"], rel=1e-4)
    assert not {"seconds_per_epoch", "training_seconds"} & set(run.metrics()), "nobody knows them"
    assert run.epoch_numbers() == [1]
    last = shipped.epoch(shipped.epoch_numbers()[-1])
    assert run.epoch(1).validation_loss == pytest.approx(last.validation_loss, rel=1e-3)


def test_two_files_are_two_runs_and_neither_is_one_of_the_lab_s_own() -> None:
    content = bytearray(_file("deep"))
    first = spec_of_brought(memoryview(content), "deep")
    content[-1] ^= 1
    second = spec_of_brought(memoryview(content), "deep")
    assert len({first.key, second.key, SHIPPED["deep"].key}) == 3


def test_a_file_that_was_altered_on_disk_fails_in_one_word(tmp_path: Path) -> None:
    content = _file("plain")
    spec = spec_of_brought(content, "plain")
    run = Run(tmp_path / spec.key)
    run.write_brought(bytes(content[:-4]))
    run.write_spec(spec)
    train(str(run.folder))
    assert run.status().state == "failed"
    assert not run.is_sealed()


def brought(runs: Path, weights: NetworkWeights) -> Run:
    """What became of a plain network that somebody brought with these weights."""
    content = write(weights, plan("plain", 32), {})
    spec = spec_of_brought(memoryview(content), "plain")
    run = Run(runs / spec.key)
    run.write_brought(content)
    run.write_spec(spec)
    train(str(run.folder))
    return run


@pytest.mark.parametrize("factor", [1e38, -1e6])
def test_numbers_that_make_no_digits_end_in_a_word_and_no_model(
    tmp_path: Path, factor: float
) -> None:
    weights = load_weights(PRETRAINED / "plain")
    wild = NetworkWeights(
        weights.encoder,
        [(np.sign(kernel) * np.float32(factor), bias) for kernel, bias in weights.decoder],
    )
    run = brought(tmp_path, wild)
    assert run.status().state == "failed"
    assert run.status().message in ("exploded", "not_a_number")
    assert not run.is_sealed()


def test_codes_of_any_size_find_their_neighbours_and_make_their_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain network whose codes are a million times as large is the same network."""
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    weights, factor = load_weights(PRETRAINED / "plain"), np.float32(2**20)
    large = NetworkWeights(
        [(kernel * factor, bias * factor) for kernel, bias in weights.encoder],
        [(kernel / factor, bias) for kernel, bias in weights.decoder],
    )
    run = brought(tmp_path, large)
    index, usual = (NeighbourIndex.load(each) for each in (run.folder, PRETRAINED / "plain"))
    codes = Autoencoder.load(PRETRAINED / "plain").encode(to_float(load_mnist().test_images[:20]))
    for code in codes:
        assert set(index.nearest(code * factor)) == set(usual.nearest(code))
    winners = [chart_of(name).regions.winners for name in (run.name, "plain")]
    assert np.mean(winners[0] == winners[1]) > 0.95
