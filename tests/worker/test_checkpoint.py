"""Training that goes on is the same as training that was never interrupted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aecore.onnx_weights import load_weights
from aecore.runs import Run
from aecore.service.folders import Folders
from aecore.specs import TrainingSpec
from aecore.worker.checkpoint import CHECKPOINT, Checkpoint, to_go_on_from
from aecore.worker.training import train

SHORT = TrainingSpec(
    "plain", 16, noise=0.3, images=1_000, epochs=2, batch_size=32, learning_rate=3e-3
)
LONG = replace(SHORT, epochs=4)


def trained(store: Path, spec: TrainingSpec) -> Run:
    run = Run(store / spec.key)
    run.write_spec(spec)
    train(str(run.folder))
    return run


def assert_same_weights(one: Run, other: Run) -> None:
    ours, theirs = load_weights(one.folder), load_weights(other.folder)
    for mine, its in zip(ours.encoder + ours.decoder, theirs.encoder + theirs.decoder, strict=True):
        for a, b in zip(mine, its, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("uninterrupted"), LONG)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has trained for two epochs."""
    folder = tmp_path_factory.mktemp("store")
    trained(folder, SHORT)
    return folder


def test_stopped_and_resumed_is_the_same_as_uninterrupted(
    tmp_path: Path, uninterrupted: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Run, "stop_requested", lambda run: run.epoch_numbers()[1:] != [])
        run = trained(tmp_path, LONG)
    assert (run.status().state, run.status().epoch) == ("stopped", 2)
    assert Folders(tmp_path).ask(LONG)  # somebody asks for it again
    train(str(run.folder))
    assert run.status().state == "done"
    assert_same_weights(run, uninterrupted)


def test_trained_on_is_the_same_as_trained_for_longer(store: Path, uninterrupted: Run) -> None:
    run = trained(store, LONG)
    assert run.status().state == "done"
    assert_same_weights(run, uninterrupted)
    short = Run(store / SHORT.key)
    assert run.epoch_numbers() == [1, 2, 3, 4]
    for number in (1, 2):  # not trained again: the very seconds are those of the shorter run
        assert run.epoch(number).seconds == short.epoch(number).seconds
    losses = [run.epoch(number).validation_loss for number in (1, 2, 3, 4)]
    expected = [uninterrupted.epoch(number).validation_loss for number in (1, 2, 3, 4)]
    assert losses == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    "other",
    [
        replace(LONG, seed=1),
        replace(LONG, learning_rate=2e-3),
        replace(LONG, schedule="cosine"),
        replace(LONG, epochs=1),
        TrainingSpec("latent2d", 2, images=1_000, epochs=4),
    ],
    ids=["seed", "rate", "schedule", "shorter", "search"],
)
def test_no_other_training_goes_on_from_there(store: Path, other: TrainingSpec) -> None:
    assert to_go_on_from(Run(store / other.key), other) is None


def test_a_run_s_own_checkpoint_is_preferred_to_an_earlier_one(tmp_path: Path) -> None:
    for spec, epoch in ((SHORT, 2), (LONG, 3)):
        run = Run(tmp_path / spec.key)
        run.write_spec(spec)
        Checkpoint(epoch, 0.2, {"step": np.array(epoch)}).write(run)
    found = to_go_on_from(Run(tmp_path / LONG.key), LONG)
    assert found is not None
    assert (found[0].epoch, found[1].name) == (3, LONG.key)


@pytest.mark.parametrize("epoch", [np.inf, np.nan, -3, 0, [1, 2]])
def test_a_checkpoint_of_no_epoch_is_none(tmp_path: Path, epoch: float | list[int]) -> None:
    np.savez(tmp_path / CHECKPOINT, epoch=np.array(epoch), validation_loss=np.array(0.2))
    assert Checkpoint.read(Run(tmp_path)) is None


@pytest.mark.parametrize("harm", ["truncated", "rubbish", "empty", "of another network"])
def test_a_damaged_checkpoint_starts_the_training_anew(tmp_path: Path, harm: str) -> None:
    spec = replace(SHORT, epochs=1)
    run = Run(tmp_path / spec.key)
    run.write_spec(spec)
    Checkpoint(1, 0.2, {"step": np.array(1), "weight_0": np.zeros((3, 3))}).write(run)
    file = run.folder / CHECKPOINT
    if harm != "of another network":
        whole = file.read_bytes()
        file.write_bytes({"truncated": whole[:200], "rubbish": b"PK\3\4?", "empty": b""}[harm])
    train(str(run.folder))
    assert run.epoch_numbers() == [1]
    run.verify()
