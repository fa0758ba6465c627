"""The script and the notebook are run for real, in processes of their own."""

from __future__ import annotations

import ast
import base64
import gettext
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

from aecore.datasets import MNIST_FILE
from aecore.networks import ARCHITECTURES, plan
from aecore.specs import SCHEDULES, TrainingSpec
from aecore.takehome.safetensors import guess_architecture, read
from aecore.takehome.script import notebook, script
from tests.messages import LOCALE

QUICK = {"images": 1_000, "epochs": 2, "batch_size": 128}


def english(text: str) -> str:
    return text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder with the digits in it, as at home without the Internet."""
    (tmp_path / "mnist.npz").symlink_to(MNIST_FILE)
    return tmp_path


def inked(image: Image.Image) -> float:
    """How much the pixels of a picture differ: 0 for an empty one."""
    return float(np.asarray(image.convert("L"), np.float32).std())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_script_is_short_and_narrow_python(architecture: str) -> None:
    for noise in (0.0, 0.5):
        for schedule in SCHEDULES:
            spec = TrainingSpec(
                architecture,
                code_size=ARCHITECTURES[architecture].code_size,
                noise=noise,
                noise_varies=ARCHITECTURES[architecture].noise_varies and noise > 0,
                schedule=schedule,
            )
            text = script(spec, english)
            ast.parse(text)
            assert text.index("weights.safetensors") < text.index("plt.figure")
            lines = text.splitlines()
            assert max(map(len, lines)) <= 100
            # Only the two longest networks, asked to remove noise as well, take a little more.
            is_long = spec.architecture in ("vae", "denoise_any") and noise > 0
            assert len(lines) <= (89 if is_long else 81)
            nbformat.validate(nbformat.reads(notebook(spec, english), as_version=4))


def test_the_script_of_a_denoiser_runs_anywhere_and_leaves_its_files(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spec = TrainingSpec("deep", noise=0.5, **QUICK)
    home, folder = folder, tmp_path_factory.mktemp("elsewhere")
    (home / "autoencoder.py").write_text(script(spec, english), encoding="utf-8")
    subprocess.run(
        [sys.executable, home / "autoencoder.py"],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "Agg", "CUDA_VISIBLE_DEVICES": "-1"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    digits = Image.open(folder / "digits.png")
    assert digits.size == (1_500, 450)  # clean, noisy, cleaned: ten digits each
    rows = np.asarray(digits.convert("L"), np.float32).reshape(3, 150, 1_500)
    assert all(row.std() > 20 for row in rows)
    assert np.abs(rows[0] - rows[1]).mean() > 10
    assert Image.open(folder / "losses.png").size == (900, 600)
    assert inked(Image.open(folder / "losses.png")) > 5
    assert (folder / "weights.safetensors").stat().st_size > 4 * 222_384


def test_the_notebook_runs_from_top_to_bottom_and_shows_its_figures(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)  # Streamlit sets it where it is imported
    chinese = gettext.translation("lab", LOCALE, languages=["zh"]).gettext
    spec = TrainingSpec("sparse", code_size=64, **QUICK)
    found = nbformat.reads(notebook(spec, chinese), as_version=4)
    assert any("训练" in cell.source for cell in found.cells if cell.cell_type == "markdown")
    run = NotebookClient(
        found, timeout=120, resources={"metadata": {"path": str(folder)}}
    ).execute()
    pictures = [
        Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"])))
        for cell in run.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 2
    assert all(inked(picture) > 5 and picture.width > 400 for picture in pictures)
    length = int.from_bytes((folder / "weights.safetensors").read_bytes()[:8], "little")
    header = json.loads((folder / "weights.safetensors").read_bytes()[8 : 8 + length])
    assert header["0.kernel"]["shape"] == [784, 64]


@pytest.mark.parametrize("epochs", [1, 3])
def test_the_losses_are_drawn_over_whole_epochs_and_no_label_is_cut_off(
    epochs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    *_, drawing = json.loads(notebook(TrainingSpec("plain"), english))["cells"]
    close = {"loss": np.linspace(0.69380, 0.69379, epochs), "val_loss": [0.69273] * epochs}
    names: dict[str, Any] = {"plt": plt, "np": np, "EPOCHS": epochs}
    names["history"] = SimpleNamespace(history=close)
    exec("".join(drawing["source"]), names)  # noqa: S102 - it is our own
    marks = [mark for mark in plt.gca().get_xticks() if 1 <= mark <= epochs]
    assert marks == list(range(1, epochs + 1))
    plt.close("all")
    shown = np.asarray(Image.open("losses.png").convert("L"))
    assert all((edge == 255).all() for edge in (shown[0], shown[-1], shown[:, 0], shown[:, -1]))


def test_comments_are_in_the_visitors_language_and_code_is_not() -> None:
    chinese = gettext.translation("lab", LOCALE, languages=["zh"]).gettext
    spec = TrainingSpec("conv", code_size=1_568, noise=0.4)
    ours, theirs = script(spec, english), script(spec, chinese)
    assert "# 训练" in theirs
    code = [line for line in ours.splitlines() if not line.startswith(("#", '"""'))]
    assert code == [line for line in theirs.splitlines() if not line.startswith(("#", '"""'))]


@pytest.mark.parametrize("architecture", [n for n, each in ARCHITECTURES.items() if each.trainable])
def test_the_weights_that_are_written_come_back_to_the_lab(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code_size = ARCHITECTURES[architecture].code_size
    spec = TrainingSpec(architecture, code_size=code_size, noise=0.3)
    cells = json.loads(notebook(spec, english))["cells"]
    first, *others = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    network = next(code for code in others if "keras.Input" in code)
    weights = next(code for code in others if "weights.safetensors" in code)
    names: dict[str, Any] = {}
    for code in (first, network, weights):  # everything but data and training
        exec(code, names)  # noqa: S102 - it is our own

    content = memoryview((tmp_path / "weights.safetensors").read_bytes())
    assert guess_architecture(content) == architecture
    found = read(content, architecture)
    assert (found.code_size, found.noise) == (code_size, 0.3)
    assert found.weights.fit(plan(architecture, code_size))
    layers = [x for x in names["autoencoder"].layers if x.weights and x.name != "log_variance"]
    built = [values for layer in layers for values in layer.get_weights()]
    brought = [
        values for layer in (*found.weights.encoder, *found.weights.decoder) for values in layer
    ]
    for ours, theirs in zip(brought, built, strict=True):
        np.testing.assert_array_equal(ours, theirs)
