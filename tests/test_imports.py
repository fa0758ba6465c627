"""The server never imports TensorFlow, and the library never imports Streamlit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
WORKER_ONLY = {
    "adam",
    "convolution_rewrites",
    "import_weights",
    "keras_networks",
    "learner",
    "learners",
    "map_learners",
    "second_losses",
}


def _modules(folder: str) -> list[str]:
    return sorted(
        ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        for file in (PROJECT / folder).rglob("*.py")
    )


def _loaded_after_importing(modules: list[str]) -> set[str]:
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())


def test_the_server_stays_free_of_tensorflow() -> None:
    modules = [name for name in _modules("aecore") if name.split(".")[-1] not in WORKER_ONLY]
    assert len(modules) > 15
    loaded = _loaded_after_importing(modules)
    assert "onnxruntime" in loaded
    assert not loaded & {"tensorflow", "keras", "tf2onnx"}


def test_the_library_stays_free_of_streamlit() -> None:
    modules = [
        name
        for name in _modules("aecore")
        if not name.startswith("aecore.ui") and name.split(".")[-1] not in WORKER_ONLY
    ]
    assert "streamlit" not in _loaded_after_importing(modules)


VISIT = """
import sys
from streamlit.testing.v1 import AppTest
test = AppTest.from_file("app.py", default_timeout=100).run()
for page in ("train", "draw", "denoise", "latent"):
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception and test.title
from aecore.datasets import load_mnist
print(*sys.modules, f"read-mnist-{load_mnist.cache_info().currsize}-times")
"""


def test_visiting_every_page_loads_no_heavy_package() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", VISIT], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = set(answer.stdout.split())
    assert {"streamlit", "onnxruntime"} <= loaded
    assert not loaded & {"tensorflow", "keras", "sklearn", "altair", "matplotlib"}
    assert "read-mnist-1-times" in loaded  # never the 60,000 beside the few that pages show


@pytest.mark.parametrize("page", sorted((PROJECT / "pages").glob("*.py")), ids=lambda p: p.stem)
def test_pages_hold_no_files_and_no_arithmetic(page: Path) -> None:
    source = page.read_text(encoding="utf-8")
    for forbidden in ("open(", "Path(", "import numpy", "read_text", "read_bytes", "np."):
        assert forbidden not in source, f"{page.name} uses {forbidden}"
