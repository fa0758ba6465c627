"""Weights go home and come back, and are the same model."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from aecore.autoencoder import Autoencoder
from aecore.datasets import load_mnist, to_float
from aecore.networks import plan
from aecore.onnx_weights import load_weights
from aecore.runs import Run
from aecore.shipped import SHIPPED
from aecore.takehome.bringing import BROUGHT_FILE, lay_down, spec_of_brought, take_away
from aecore.takehome.safetensors import write
from aecore.worker.pretrain import PRETRAINED
from aecore.worker.training import train


def _file(name: str) -> memoryview:
    spec = SHIPPED[name]
    about = {"architecture": spec.architecture, "noise": f"{spec.noise:g}"}
    network = plan(spec.architecture, spec.code_size)
    return memoryview(write(load_weights(PRETRAINED / name), network, about))


@pytest.mark.parametrize("name", ["deep", "vae", "denoise"])
def test_what_went_home_comes_back_the_same(name: str, tmp_path: Path) -> None:
    content = _file(name)
    spec = spec_of_brought(content, SHIPPED[name].architecture)
    assert spec.noise == SHIPPED[name].noise
    run = Run(tmp_path / spec.key)
    lay_down(content, run.folder)
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
    assert run.epoch_numbers() == [1]
    last = shipped.epoch(shipped.epoch_numbers()[-1])
    assert run.epoch(1).validation_loss == pytest.approx(last.validation_loss, rel=1e-3)


def test_two_files_are_two_runs_and_neither_is_one_of_the_lab_s_own() -> None:
    content = bytearray(_file("deep"))
    first = spec_of_brought(memoryview(content), "deep")
    content[-1] ^= 1
    second = spec_of_brought(memoryview(content), "deep")
    assert len({first.key, second.key, SHIPPED["deep"].key}) == 3


def test_a_file_that_became_no_run_is_removed(tmp_path: Path) -> None:
    content = _file("plain")
    lay_down(content, tmp_path / "refused")
    take_away(tmp_path / "refused")
    assert not (tmp_path / "refused").exists()
    shutil.copytree(PRETRAINED / "plain", tmp_path / "kept")
    take_away(tmp_path / "kept")
    assert (tmp_path / "kept").exists()


def test_a_file_that_was_altered_on_disk_fails_in_one_word(tmp_path: Path) -> None:
    content = _file("plain")
    spec = spec_of_brought(content, "plain")
    run = Run(tmp_path / spec.key)
    lay_down(content[:-4], run.folder)
    run.write_spec(spec)
    train(str(run.folder))
    assert run.status().state == "failed"
    assert not run.is_sealed()
