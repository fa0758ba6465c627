"""Training on: what the page says about a run that ended too soon, and what its button asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from aecore.runs import Run, RunStore, Status
from aecore.specs import TrainingSpec
from tests.ui.train.test_page import make_run, text_of, visited

TOO_SHORT = TrainingSpec("plain", images=10_000, epochs=2)
FAILED = Status("failed", epoch=2, message="no_better_than_mean")


def with_checkpoint(run: Run) -> Run:
    (run.folder / "checkpoint.npz").write_bytes(b"whatever")
    return run


def labels(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def test_a_first_try_that_was_too_short_says_in_numbers_what_would_help(runs: Path) -> None:
    run = with_checkpoint(make_run(runs, TOO_SHORT, FAILED))
    test = visited(run=run.name)
    assert not test.exception
    assert not test.warning  # nothing is broken: it has only begun
    assert "80 steps so far" in text_of(test)
    assert "after about 90 steps" in text_of(test)
    assert "Train on: 5 more epochs" in labels(test)
    assert "the same as if it had been trained that long at once" in text_of(test)


def test_so_many_epochs_are_offered_that_it_should_pass(runs: Path) -> None:
    tiny = TrainingSpec("plain", images=1_000, epochs=2)  # 4 steps an epoch: 90 take 23
    run = with_checkpoint(make_run(runs, tiny, FAILED))
    assert "Train on: 32 more epochs" in labels(visited(run=run.name))


def test_the_button_asks_for_the_longer_training(runs: Path) -> None:
    spec = TrainingSpec("plain", images=1_000, epochs=2, learning_rate=3e-3)
    run = with_checkpoint(make_run(runs, spec, Status("done", epoch=2)))
    test = visited(run=run.name)
    next(button for button in test.button if button.key == "train_on").click().run()
    assert not test.exception
    longer = replace(spec, epochs=7)
    assert longer.key in test.query_params["run"]
    assert RunStore(runs).get(longer.key).spec() == longer


def test_a_stopped_run_goes_on_to_its_own_end(runs: Path) -> None:
    spec = TrainingSpec("plain", epochs=30)
    run = with_checkpoint(make_run(runs, spec, Status("stopped", epoch=2)))
    assert "Train on: 28 more epochs" in labels(visited(run=run.name))


def test_one_epoch_is_no_plural(runs: Path) -> None:
    almost = with_checkpoint(
        make_run(runs, TrainingSpec("plain", epochs=3), Status("stopped", epoch=2))
    )
    assert "Train on: 1 more epoch" in labels(visited(run=almost.name))
    none = make_run(runs, TrainingSpec("plain", epochs=1), Status("stopped"), epochs=0)
    assert "Train anew: 1 epoch" in labels(visited(run=none.name))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (TrainingSpec("latent2d", 2, epochs=2), "search for places"),
        (TrainingSpec("denoise_any", 288, noise=1.0, noise_varies=True, epochs=2), "noise grew"),
        (TrainingSpec("denoise_any", 288, noise_varies=True, epochs=2), "was not kept"),
        (TrainingSpec("plain", epochs=2, schedule="cosine"), "learning rate fell to 0"),
        (TrainingSpec("deep", epochs=2), "was not kept"),
    ],
)
def test_what_cannot_be_gone_on_with_begins_anew_and_says_why(
    runs: Path, spec: TrainingSpec, why: str
) -> None:
    test = visited(run=make_run(runs, spec, Status("done", epoch=2)).name)
    assert "Train anew: 7 epochs" in labels(test)
    assert why in text_of(test)


@pytest.mark.parametrize("message", ["exploded", "not_a_number", "out_of_memory", "worker_died"])
def test_more_of_what_failed_is_not_offered(runs: Path, message: str) -> None:
    failed = Status("failed", epoch=2, message=message)  # type: ignore[arg-type]
    run = with_checkpoint(make_run(runs, TOO_SHORT, failed))
    assert not [label for label in labels(visited(run=run.name)) if "Train on" in label]


@pytest.mark.usefixtures("runs")
def test_shipped_models_are_not_trained_on() -> None:
    test = visited(run="plain")
    assert not [each for each in labels(test) if each.startswith(("Train on", "Train anew"))]


def test_a_run_stopped_before_its_first_epoch_promises_nothing(runs: Path) -> None:
    spec = TrainingSpec("conv", 1_568, epochs=5)
    test = visited(run=make_run(runs, spec, Status("stopped"), epochs=0).name)
    assert "Train anew: 5 epochs" in labels(test)
    assert "Stopped before its first epoch was finished" in text_of(test)
    assert "goes on from its last epoch" not in text_of(test)
    assert "is kept" not in text_of(test)
