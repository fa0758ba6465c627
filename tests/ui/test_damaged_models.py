"""A model that is damaged while pages show it: named, left out, and everything else goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from aecore.runs import Run, write_atomically
from aecore.ui.service import trainer
from tests.conftest import PROJECT

PRETRAINED = PROJECT / "pretrained"
NAME = "plain_copied"
ASKED_FOR = {
    "run": NAME,
    "compared": f"{NAME},deep",
    "models": f"plain,{NAME}",
    "map_model": NAME,
    "inside_model": NAME,
}
PAGES = ("train", "draw", "latent", "inside")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    st.cache_resource.clear()
    st.cache_data.clear()
    shutil.copytree(PRETRAINED / "plain", tmp_path / NAME)
    yield Run(tmp_path / NAME)
    trainer().close()
    st.cache_resource.clear()
    st.cache_data.clear()


def visited(*pages: str) -> Iterator[AppTest]:
    """These pages one after another, in one visit."""
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    for name, value in ASKED_FOR.items():
        test.query_params[name] = value
    test.run()
    for page in pages:
        yield test.switch_page(f"pages/{page}.py").run()


def swap_the_network(run: Run) -> None:
    shutil.copy(PRETRAINED / "deep" / "decoder.onnx", run.folder / "decoder.onnx")
    run.seal()


def swap_the_neighbours(run: Run) -> None:
    shutil.copy(PRETRAINED / "conv" / "neighbours.npz", run.folder / "neighbours.npz")
    run.seal()


def spoil_the_figures(run: Run) -> None:
    run.write_metrics({"bce": None, "mse": float("nan")})
    run.seal()


DAMAGES: dict[str, Callable[[Run], object]] = {
    "gone": lambda run: shutil.rmtree(run.folder),
    "status": lambda run: write_atomically(run.folder / "status.json", b'{"state": "asleep"}'),
    "spec": lambda run: write_atomically(run.folder / "spec.json", b"[" * 50_000),
    "epochs": lambda run: [
        file.write_bytes(b"PK\5\6") for file in (run.folder / "epochs").glob("*.npz")
    ],
    "network": swap_the_network,
    "neighbours": swap_the_neighbours,
    "figures": spoil_the_figures,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_pages_go_on_without_a_model_that_is_damaged(run: Run, damage: str) -> None:
    for test in visited("draw", "latent"):  # the server has opened it
        assert not test.exception
        assert not test.warning
    DAMAGES[damage](run)
    for test in visited(*PAGES):
        assert not test.exception
        assert test.title


def test_a_damaged_model_is_named(run: Run) -> None:
    swap_the_network(run)
    (test,) = visited("draw")
    assert [warning.value for warning in test.warning] == [
        "This model cannot be opened: its file decoder.onnx is missing or was altered. Choose "
        "another one; if it is one that ships with the lab, install the lab again."
    ]
