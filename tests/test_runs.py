"""The folder: written whole or not at all, and never believed when it was altered."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from aecore.datasets import Bytes
from aecore.runs import (
    MODEL_FILES,
    Epoch,
    Run,
    RunError,
    RunStore,
    Status,
    write_atomically,
)
from aecore.specs import TrainingSpec


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = Run(tmp_path / "some_run")
    made.write_spec(TrainingSpec("plain"))
    for name in MODEL_FILES:
        write_atomically(made.folder / name, name.encode())
    made.seal()
    return made


def test_a_sealed_folder_verifies(run: Run) -> None:
    run.verify()


@pytest.mark.parametrize("name", ["spec.json", *MODEL_FILES])
@pytest.mark.parametrize("harm", ["missing", "truncated", "altered"])
def test_any_harm_is_found_and_named(run: Run, name: str, harm: str) -> None:
    file = run.folder / name
    content = file.read_bytes()
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(content[:-1] if harm == "truncated" else content[:-1] + b"?")
    with pytest.raises(RunError, match=name):
        run.verify()


def test_without_checksums_there_is_no_model(run: Run) -> None:
    (run.folder / "checksums.json").unlink()
    assert not run.is_sealed()
    with pytest.raises(RunError):
        run.verify()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"state": "asleep"}', b"\xff"])
def test_a_damaged_status_is_an_error_not_a_crash(run: Run, content: bytes) -> None:
    (run.folder / "status.json").write_bytes(content)
    with pytest.raises(RunError):
        run.status()


@pytest.mark.parametrize("name", ["progress", "seconds", "seconds_left", "loss", "epoch", "beat"])
@pytest.mark.parametrize("value", ["", [], {}, False, "7"])
def test_a_status_whose_numbers_are_none_is_damaged(run: Run, name: str, value: object) -> None:
    run.write_status(Status("running"))
    values = json.loads((run.folder / "status.json").read_bytes())
    (run.folder / "status.json").write_text(json.dumps(values | {name: value}))
    with pytest.raises(RunError):
        run.status()


@pytest.mark.parametrize(
    "absurd",
    [
        {"progress": 7.5},
        {"progress": -0.1},
        {"seconds": -1.0},
        {"seconds": 1e300},
        {"seconds_left": -5.0},
        {"seconds_left": 1e300},
        {"epoch": 10**18},
        {"beat": int("9" * 4_000)},
        {"attempt": 10**18},
        {"wish": "x" * 2_000},
    ],
    ids=lambda absurd: str(absurd)[:20],
)
def test_a_status_that_no_worker_can_have_written_is_damaged(
    run: Run, absurd: dict[str, object]
) -> None:
    run.write_status(Status("running"))
    values = json.loads((run.folder / "status.json").read_bytes())
    (run.folder / "status.json").write_text(json.dumps(values | absurd))
    with pytest.raises(RunError):
        run.status()


def test_status_comes_back_as_written(run: Run) -> None:
    status = Status("running", epoch=3, progress=0.25, loss=0.1, beat=9)
    run.write_status(status)
    assert run.status() == status


def test_epochs_come_back_as_written(run: Run) -> None:
    epoch = Epoch(
        number=2,
        loss=0.25,
        validation_loss=0.125,
        seconds=1.5,
        reconstructions=np.full((10, 28, 28), 7, np.uint8),
        codes=np.ones((4, 2), np.float16),
        loss_parts={"kl": 0.5},
    )
    run.write_epoch(epoch)
    found = run.epoch(2)
    assert run.epoch_numbers() == [2]
    assert (found.loss, found.validation_loss, found.seconds) == (0.25, 0.125, 1.5)
    assert found.loss_parts == {"kl": 0.5}
    assert np.array_equal(found.reconstructions, epoch.reconstructions)
    assert np.array_equal(found.codes, epoch.codes)


def test_the_beginning_comes_back_as_written_and_is_no_epoch(run: Run) -> None:
    assert run.beginning() is None  # as in old runs
    digits = np.full((10, 28, 28), 128, np.uint8)
    run.write_beginning(digits)
    found = run.beginning()
    assert found is not None
    assert np.array_equal(found, digits)
    assert not run.epoch_numbers()
    assert not run.has_epochs()


@pytest.mark.parametrize("digits", [np.zeros((9, 28, 28), np.uint8), np.zeros((10, 28, 28))])
def test_a_beginning_that_is_none_is_as_good_as_missing(run: Run, digits: Bytes) -> None:
    run.write_beginning(digits)
    assert run.beginning() is None
    write_atomically(run.folder / "beginning.npz", b"PK\x03\x04 rubbish")
    assert run.beginning() is None


def test_a_damaged_epoch_is_an_error_not_a_crash(run: Run) -> None:
    write_atomically(run.folder / "epochs" / "0001.npz", b"PK\x03\x04 rubbish")
    with pytest.raises(RunError, match="0001"):
        run.epoch(1)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    write_atomically(file, b"old")
    with pytest.raises(TypeError):
        write_atomically(file, "not bytes")  # type: ignore[arg-type]
    assert file.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("name", ["../some_run", "/etc", "..", "", "a" * 41, "Some_Run", "x\n"])
def test_no_name_leads_out_of_the_store(run: Run, name: str) -> None:
    with pytest.raises(RunError):
        RunStore(run.folder.parent).get(name)


def test_the_store_lists_its_runs(run: Run) -> None:
    store = RunStore(run.folder.parent)
    assert store.names() == ["some_run"]
    assert store.get("some_run").spec() == TrainingSpec("plain")


def test_the_last_status_of_a_run_that_has_none_is_a_fresh_one(run: Run) -> None:
    assert run.last_status() == Status()
    run.write_status(Status("running", epoch=3))
    assert run.last_status().epoch == 3


def test_the_version_stays_while_a_run_goes_on_and_changes_with_the_model(run: Run) -> None:
    before = run.version()
    run.write_status(Status("running", beat=1))
    run.write_epoch(
        Epoch(1, 0.2, 0.2, 1.0, np.zeros((10, 28, 28), np.uint8), np.zeros((1, 2), np.float16))
    )
    assert run.version() == before != ""
    run.seal()
    assert run.version() == before  # the same files again
    run.write_metrics({"bce": 0.1})
    run.seal()
    assert run.version() not in ("", before)


def test_a_folder_without_a_whole_model_has_no_version(run: Run) -> None:
    (run.folder / "checksums.json").unlink()
    assert run.version() == ""
    assert Run(run.folder / "nowhere").version() == ""


def test_the_newest_runs_come_first_whatever_their_names(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    for age, name in enumerate(["cc", "aa", "dd", "bb"]):
        store_run = Run(tmp_path / name)
        store_run.write_spec(TrainingSpec("plain"))
        os.utime(store_run.folder / "spec.json", ns=(0, 10**9 * (10 - age)))
    assert store.newest(3) == ["cc", "aa", "dd"]
    assert store.newest(9) == ["cc", "aa", "dd", "bb"]


def test_a_disk_that_does_not_answer_asks_nobody_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path)
    run.request_stop()
    assert run.stop_requested()

    def stale(*_: object, **__: object) -> os.stat_result:
        raise OSError(116, "Stale file handle")

    monkeypatch.setattr(Path, "stat", stale)
    monkeypatch.setattr(os, "stat", stale)
    assert not run.stop_requested()
