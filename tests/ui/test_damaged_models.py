"""A model that is damaged while pages show it: named, left out, and everything else goes on."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from aecore.runs import Run, write_atomically
from tests.conftest import PROJECT, forget_the_service

PRETRAINED = PROJECT / "pretrained"
PAGES = ("train", "draw", "latent", "inside")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of runs, one to be damaged by each test, for one server that goes on."""
    folder = tmp_path_factory.mktemp("runs")
    forget_the_service()
    st.cache_resource.clear()
    st.cache_data.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AELAB_RUNS", str(folder))
        yield folder
    forget_the_service()
    st.cache_resource.clear()
    st.cache_data.clear()


def whole(runs: Path, name: str) -> Run:
    shutil.copytree(PRETRAINED / "plain", runs / name)
    return Run(runs / name)


def visited(name: str, *pages: str) -> Iterator[AppTest]:
    """These pages one after another, in one visit whose link names that run wherever it can."""
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.query_params.update(
        {
            "run": name,
            "compared": f"{name},deep",
            "models": f"plain,{name}",
            "map_model": name,
            "inside_model": name,
        }
    )
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
def test_pages_go_on_without_a_model_that_is_damaged(runs: Path, damage: str) -> None:
    run = whole(runs, f"plain_{damage}")
    for test in visited(run.name, "draw", "latent"):  # the server has opened it
        assert not test.exception
        assert not test.warning
    DAMAGES[damage](run)
    for test in visited(run.name, *PAGES):
        assert not test.exception
        assert test.title


def test_a_damaged_model_is_named(runs: Path) -> None:
    run = whole(runs, "plain_named")
    swap_the_network(run)
    (test,) = visited(run.name, "draw")
    assert [warning.value for warning in test.warning] == [
        "This model cannot be opened: its file decoder.onnx is missing or was altered. Choose "
        "another one; if it is one that ships with the lab, install the lab again."
    ]


@pytest.mark.parametrize("damage", [swap_the_network, swap_the_neighbours])
def test_nothing_is_asked_about_a_damaged_model_alone(
    runs: Path, damage: Callable[[Run], None]
) -> None:
    run = whole(runs, f"plain_{damage.__name__}")
    damage(run)
    (test,) = visited(run.name, "draw")
    test.session_state["visit"].models = (run.name,)
    test.run()
    assert not test.exception
    assert len(test.warning) == 1
    assert not [button.key for button in test.button if str(button.key).startswith("show_")]


def test_pages_go_on_while_a_disk_does_not_answer(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = whole(runs, "plain_far_away")
    stat = Path.stat

    def trouble(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.is_relative_to(run.folder):
            raise OSError(errno.EIO, "Input/output error")
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", trouble)
    for test in visited(run.name, *PAGES):
        assert not test.exception
        assert test.title
