"""What is taken home is unpacked, and its examples run, each in a process of its own."""

from __future__ import annotations

import csv
import gettext
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from aecore.autoencoder import Autoencoder
from aecore.metrics import mse
from aecore.runs import Run, RunError
from aecore.takehome.bundle import everything, losses_csv, safetensors
from aecore.takehome.safetensors import read
from aecore.worker.pretrain import PRETRAINED
from tests.messages import LOCALE

ABSENT = {
    "use_keras.py": ["aecore", "matplotlib", "onnxruntime"],
    "use_onnx.py": ["aecore", "keras", "matplotlib", "onnx", "safetensors", "tensorflow"],
    "use_weights.py": ["aecore", "keras", "matplotlib", "onnx", "onnxruntime", "tensorflow"],
}
"""Packages that an example does not ask for, so that it must do without."""


def english(text: str) -> str:
    return text


def chinese(text: str) -> str:
    return gettext.translation("lab", LOCALE, languages=["zh"]).gettext(text)


def unpacked(archive: bytes, folder: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
    return folder


@pytest.fixture(scope="module")
def conv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = everything(Run(PRETRAINED / "conv"), "卷积", {"losses.pdf": b"%PDF"}, chinese)
    return unpacked(archive, tmp_path_factory.mktemp("conv"))


def answer_of(example: str, folder: Path) -> float:
    """The error that an example prints, run without what it does not ask for."""
    program = (
        f"import runpy, sys; sys.modules.update(dict.fromkeys({ABSENT[example]})); "
        f"runpy.run_path({str(folder / example)!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder.parent,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "PYTHONIOENCODING": "utf-8"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return float(done.stdout.decode().split()[-1])


def expected_of(name: str, folder: Path) -> float:
    """The same error by the lab's own means."""
    digits = np.load(folder / "digits.npy")
    return mse(digits, Autoencoder.load(PRETRAINED / name).reconstruct(digits))


@pytest.mark.parametrize("example", ABSENT)
def test_every_example_gives_the_lab_s_answer(example: str, conv: Path) -> None:
    assert answer_of(example, conv) == pytest.approx(expected_of("conv", conv), rel=1e-3)
    assert len((conv / example).read_text(encoding="utf-8").splitlines()) < 40


@pytest.mark.parametrize("name", ["vae", "denoise_any"])
def test_numpy_alone_gives_the_answer_of_a_second_head_and_of_long_strides(
    name: str, tmp_path: Path
) -> None:
    folder = unpacked(everything(Run(PRETRAINED / name), name, {}, english), tmp_path)
    assert answer_of("use_weights.py", folder) == pytest.approx(expected_of(name, folder), rel=1e-3)


def test_the_readme_speaks_the_visitor_s_language_and_names_every_file(conv: Path) -> None:
    text = (conv / "README.md").read_text(encoding="utf-8")
    assert "训练了 25 轮" in text
    for file in conv.iterdir():
        assert file.name in text or file.name == "README.md"
    assert (conv / "figures" / "losses.pdf").exists()
    assert "# 训练" in (conv / "autoencoder.py").read_text(encoding="utf-8")


def test_the_readme_says_when_figures_could_not_be_drawn() -> None:
    archive = everything(Run(PRETRAINED / "plain"), "Plain", None, english)
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert "could not be drawn" in files.read("README.md").decode()
        assert not [name for name in files.namelist() if name.startswith("figures")]
    assert everything(Run(PRETRAINED / "plain"), "Plain", None, english) == archive


def readme_of(run: Run) -> str:
    with zipfile.ZipFile(io.BytesIO(everything(run, "A network", {}, english))) as files:
        return files.read("README.md").decode()


def test_the_readme_says_with_which_noise_it_was_measured() -> None:
    text = readme_of(Run(PRETRAINED / "denoise_any"))
    assert "measured with noise of σ 3 on the inputs; the three scripts use clean digits" in text
    assert "measured with noise" not in readme_of(Run(PRETRAINED / "plain"))


def test_the_readme_says_how_much_of_the_training_was_kept(tmp_path: Path) -> None:
    run = Run(tmp_path / "stopped")
    shutil.copytree(PRETRAINED / "plain", run.folder)
    assert "epochs: 50." in readme_of(run)
    run.write_metrics(run.metrics() | {"epochs": 3})
    run.seal()
    assert "epochs: 3 of 50." in readme_of(run)


def test_the_weights_can_be_brought_back() -> None:
    found = read(memoryview(safetensors(Run(PRETRAINED / "denoise"))), "conv")
    assert found.noise == 0.5


def test_the_numbers_are_those_of_the_epochs() -> None:
    run = Run(PRETRAINED / "vae")
    rows = list(csv.DictReader(io.StringIO(losses_csv(run))))
    assert [int(row["epoch"]) for row in rows] == run.epoch_numbers()
    last = run.epoch(run.epoch_numbers()[-1])
    assert float(rows[-1]["validation_loss"]) == pytest.approx(last.validation_loss, abs=1e-6)
    assert float(rows[-1]["loss_kl"]) == pytest.approx(last.loss_parts["kl"], abs=1e-6)


def test_a_damaged_epoch_is_left_out_and_so_is_a_time_that_nobody_took(tmp_path: Path) -> None:
    shutil.copytree(PRETRAINED / "denoise_any", tmp_path / "run")
    run = Run(tmp_path / "run")
    (run.folder / "epochs" / "0002.npz").write_bytes(b"damaged")
    rows = list(csv.DictReader(io.StringIO(losses_csv(run))))
    assert [int(row["epoch"]) for row in rows] == [n for n in run.epoch_numbers() if n != 2]
    assert {row["seconds"] for row in rows} == {""}
    assert "each epoch that was kept" in readme_of(run)


def test_a_damaged_model_is_not_taken_home(tmp_path: Path) -> None:
    for file in (PRETRAINED / "plain").glob("*.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "decoder.onnx").write_bytes(b"altered")
    with pytest.raises(RunError, match=r"decoder\.onnx"):
        everything(Run(tmp_path), "Plain", {}, english)
