"""Bringing weights back to the page Train: what becomes a run, and what is not taken, and why."""

from __future__ import annotations

import gc
import gettext
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from aecore.guarded.bounds import UPLOADS, UPLOADS_BYTES
from aecore.networks import plan
from aecore.onnx_weights import load_weights
from aecore.runs import BROUGHT_FILE, MODEL_FILES, Run, RunStore, Status
from aecore.takehome.bringing import spec_of_brought
from aecore.takehome.figures import Curves
from aecore.takehome.safetensors import FLAWS, WeightsError, largest_file, write
from aecore.ui import uploads
from aecore.ui.service import trainer
from aecore.ui.train import bringing
from aecore.worker.pretrain import PRETRAINED
from tests.messages import LOCALE
from tests.ui.train.test_page import make_run, text_of, visited

GOOD = write(
    load_weights(PRETRAINED / "deep"), plan("deep", 32), {"architecture": "deep", "noise": "0.3"}
)
SPEC = spec_of_brought(memoryview(GOOD))
_START = 8 + int.from_bytes(GOOD[:8], "little")


def altered(change: Callable[[dict[str, Any]], object]) -> bytes:
    header = json.loads(GOOD[8:_START])
    change(header)
    return with_header(json.dumps(header).encode())


def with_header(text: bytes) -> bytes:
    return len(text).to_bytes(8, "little") + text + GOOD[_START:]


REFUSED = {
    "too_large": (bytes(largest_file() + 1), "larger than the largest network"),
    "too_short": (b"abc", "a part of it is missing"),
    "header_too_long": (b"PK\x03\x04\0\0\0\0" + bytes(100), "no safetensors file"),
    "no_json": (with_header(b"weights"), "not the JSON"),
    "duplicate": (with_header(b'{"a": 1, "a": 1}'), "the same array twice"),
    "unknown": (with_header(b'{"a": 1}'), "no network here"),
    "names": (altered(lambda header: header.pop("1.bias")), "`1.bias` is missing"),
    "type": (altered(lambda header: header["1.bias"].update(dtype="F16")), "not of the type F32"),
    "empty": (altered(lambda header: header["1.bias"].update(shape=[0])), "holds no numbers"),
    "shape": (altered(lambda header: header["1.bias"].update(shape=[65])), "in another network"),
    "ranges": (altered(lambda header: header["1.bias"].update(data_offsets=[0, 256])), "overlap"),
    "length": (GOOD[:-4], "longer or shorter"),
    "not_finite": (GOOD[:-4] + np.float32(np.nan).tobytes(), "NaN or infinity"),
}

IN_CHINESE = re.compile(r"没有接收 `weights.safetensors`：.*[一-鿿].*。$")


def opened(**query: str) -> AppTest:
    """The page with its uploader open, as a click on the button leaves it."""
    test = visited(**query)
    test.session_state["bring_back"] = True
    return test.run()


def brought(test: AppTest, content: bytes, name: str = "weights.safetensors") -> AppTest:
    [uploader] = test.file_uploader
    uploader.set_value((name, content, "application/octet-stream"))
    return test.run()


def held() -> int:
    """How many bytes of files that visitors sent are still held by anything."""
    gc.collect()
    return sum(each.size for each in gc.get_objects() if isinstance(each, UploadedFile))


@pytest.fixture
def idle(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of runs and a trainer without workers: what is asked for waits."""
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    return runs


def test_every_flaw_has_its_sentence_and_leaves_nothing_behind(idle: Path) -> None:
    assert set(REFUSED) == set(FLAWS)
    test = opened()
    before = set(idle.iterdir())
    for flaw, (content, words) in REFUSED.items():
        test = brought(test, content)
        assert not test.exception, flaw
        [warning] = test.warning
        assert words in warning.value, flaw
        assert "`weights.safetensors` is not taken" in warning.value
    assert set(idle.iterdir()) == before
    assert held() == 0
    assert test.session_state["visit"].run == ""


@pytest.mark.usefixtures("idle")
def test_every_flaw_has_its_sentence_in_chinese() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bringing, "_", gettext.translation("lab", LOCALE, languages=["zh"]).gettext)
        for flaw in FLAWS:
            why = bringing._why(WeightsError(flaw, "1.bias"))
            assert IN_CHINESE.match(bringing._not_taken("weights.safetensors", why)), flaw
    test = opened(language="zh")
    # AppTest would choose the title of an option in English, for want of a session.
    test.selectbox(key="brought_network").set_value("按文件里写的")
    [warning] = brought(test, b"abc").warning
    assert IN_CHINESE.match(warning.value)


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "weights.pkl", "weights", "a.b`*"])
def test_only_one_kind_of_file_is_opened(idle: Path, name: str) -> None:
    test = brought(opened(), GOOD, name)
    assert not test.exception
    assert "only files that end in .safetensors" in text_of(test)
    assert not RunStore(idle).names()


def test_a_good_file_becomes_a_run_that_is_watched(idle: Path) -> None:
    test = brought(opened(), GOOD, "Weights.SAFETENSORS")
    assert not test.exception
    assert not test.warning
    assert test.session_state["visit"].run == SPEC.key
    assert test.query_params["run"] == SPEC.key
    assert "Yours, brought: Deep, code 32" in [each.value for each in test.header]
    assert not test.file_uploader, "the button has closed"
    assert held() == 0
    run = RunStore(idle).get(SPEC.key)
    assert run.spec() == SPEC
    assert run.spec().noise == pytest.approx(0.3)
    assert (run.folder / BROUGHT_FILE).read_bytes() == GOOD


def test_the_network_can_be_chosen_where_the_file_is_wrong_or_silent(idle: Path) -> None:
    test = opened()
    test.selectbox(key="brought_network").set_value("conv").run()
    assert "layers of another network" in text_of(brought(test, GOOD))
    silent = write(load_weights(PRETRAINED / "plain"), plan("plain", 32), {})
    test.selectbox(key="brought_network").set_value("sparse").run()
    test = brought(test, silent)
    assert RunStore(idle).get(test.session_state["visit"].run).spec().architecture == "sparse"


def test_whoever_has_a_training_waiting_is_told(
    idle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened()
    trainer().submit(replace(SPEC, brought=""), "somebody")
    monkeypatch.setattr("aecore.ui.train.wishes.visitor", lambda: "somebody")
    test = brought(test, GOOD)
    assert not test.exception
    assert "You have a training waiting" in text_of(test)
    assert RunStore(idle).names() == [replace(SPEC, brought="").key]


def test_a_disk_that_takes_nothing_is_told(idle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    test = opened()
    monkeypatch.setattr(Run, "write_brought", full_disk)
    test = brought(test, GOOD)
    assert "disk is full or read-only" in text_of(test)
    assert not (idle / SPEC.key).exists()


def measured(runs: Path, status: Status | None = None) -> Run:
    return make_run(runs, SPEC, status or Status("done", epoch=1), epochs=1)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status("stopped"), "Stopped before it was measured"),
        (Status("failed", message="broken"), "no longer on this server"),
        (Status("failed", message="worker_died"), "could not be measured"),
        (Status("failed", message="exploded"), "far from any picture"),
        (Status("failed", epoch=1, message="no_better_than_mean"), "trained long enough"),
    ],
)
def test_however_the_measuring_ended_it_is_said(runs: Path, status: Status, words: str) -> None:
    run = measured(runs, status)
    if not status.epoch:
        (run.folder / "epochs" / "0001.npz").unlink()
    test = visited(run=run.name)
    assert not test.exception
    assert words in text_of(test)
    assert not [b for b in test.button if b.key == "train_on"]


def test_nothing_is_said_about_a_training_that_nobody_saw(runs: Path) -> None:
    run = measured(runs)
    for name in MODEL_FILES:
        (run.folder / name).touch()
    run.write_metrics({"bce": 0.1234, "mse": 0.01})
    run.seal()
    test = visited(run=run.name, compared=f"{run.name},plain")
    assert not test.exception
    text = text_of(test)
    assert "Loss on the test images: 0.2100" in text
    assert [each.value for each in test.metric] == ["0.1234", "0.0100"]
    assert "Epoch 1" not in text
    assert "after epoch" not in " ".join(each.value for each in test.html)
    test.button(key="show_lowest_curve").click().run()
    [table] = test.dataframe
    row = table.value.iloc[0]
    for column in ("images", "epochs", "batch size", "learning rate", "seed", "seconds per epoch"):
        assert row[column] is None or np.isnan(row[column]), column
    assert row["noise σ"] == pytest.approx(0.3)
    assert "A · Brought: Deep, code 32 σ 0.3, run" in row["run"]


def test_a_brought_run_is_a_level_in_the_figure_for_paper(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Curves] = []
    monkeypatch.setattr(
        "aecore.ui.takehome.figures.figure_links", lambda _name, figure, **_: made.append(figure)
    )
    test = visited(compared=f"{measured(runs).name},plain")
    test.button(key="show_lowest_curve").click().run()
    test.session_state["figure_compared_losses"] = True
    assert not test.run().exception
    assert [(curve.level, curve.y[:1]) for curve in made[-1].curves] == [
        (True, [pytest.approx(0.21)]),
        (False, [pytest.approx(0.188, abs=1e-3)]),
    ]


def test_the_server_holds_few_files_that_nobody_looks_at() -> None:
    manager = MemoryUploadedFileManager("/upload")
    uploads.keep_few(manager)
    size = largest_file()

    def send(number: int, content: bytes) -> None:
        manager.add_file(f"visitor {number % 3}", UploadedFileRec(f"{number}", "x", "y", content))

    def left() -> list[UploadedFileRec]:
        return [file for files in manager.file_storage.values() for file in files.values()]

    for number in range(20):
        send(number, bytes(size))
    assert sum(len(file.data) for file in left()) <= UPLOADS_BYTES
    assert sorted(file.file_id for file in left()) == ["16", "17", "18", "19"]
    for number in range(1_000):
        send(number, b"")
    assert len(left()) <= UPLOADS
    assert manager.get_files("visitor 0", ["999"]), "the newest is never the one to go"
