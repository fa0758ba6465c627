"""How long a training will take, before and after this machine was measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aecore.networks import ARCHITECTURES
from aecore.runs import Run
from aecore.service.estimates import Estimator
from aecore.specs import TrainingSpec

PLAIN = TrainingSpec("plain")
CONV = TrainingSpec("conv", ARCHITECTURES["conv"].code_size)


def measured(folder: Path, spec: TrainingSpec, seconds: object, *, epochs: int = 5) -> Run:
    run = Run(folder / spec.key)
    run.write_spec(spec)
    numbers = {"bce": 0.1, "mse": 0.01, "seconds_per_epoch": seconds, "epochs": epochs}
    run.write_metrics(numbers)
    return run


@pytest.mark.parametrize(
    "more",
    [
        {"epochs": PLAIN.epochs * 2},
        {"images": 60_000},
        {"noise": 0.5},
        {"batch_size": 32},
        {"architecture": "deep"},
        {"code_size": 128},
    ],
    ids=lambda more: next(iter(more)),
)
def test_more_work_takes_longer(more: dict[str, object]) -> None:
    before = replace(PLAIN, images=10_000)
    after = TrainingSpec(**{**before.to_dict(), **more})
    assert Estimator().seconds(after) > Estimator().seconds(before)


def test_epochs_add_up() -> None:
    estimator = Estimator()
    one, ten = (estimator.seconds(replace(PLAIN, epochs=count)) for count in (1, 10))
    assert ten - one == pytest.approx(9 * estimator.epoch_seconds(PLAIN))


def test_the_newest_measurement_counts_half(tmp_path: Path) -> None:
    estimator = Estimator()
    ours = estimator.epoch_seconds(PLAIN)
    estimator.learn_from(measured(tmp_path, PLAIN, 3 * ours))
    assert estimator.epoch_seconds(PLAIN) == pytest.approx(2 * ours)
    estimator.learn_from(measured(tmp_path, PLAIN, 3 * ours))
    assert estimator.epoch_seconds(PLAIN) == pytest.approx(2.5 * ours)


def test_a_slow_dense_network_says_nothing_about_a_convolutional_one(tmp_path: Path) -> None:
    estimator = Estimator()
    before = estimator.epoch_seconds(CONV)
    estimator.learn_from(measured(tmp_path, PLAIN, 10.0))
    assert estimator.epoch_seconds(CONV) == before


def test_what_one_network_took_corrects_others_of_its_kind(tmp_path: Path) -> None:
    estimator = Estimator()
    deep = TrainingSpec("deep")
    before = estimator.epoch_seconds(deep)
    estimator.learn_from(measured(tmp_path, PLAIN, 3 * estimator.epoch_seconds(PLAIN)))
    assert estimator.epoch_seconds(deep) == pytest.approx(2 * before)


@pytest.mark.parametrize(("images", "epochs"), [(1_000, 5), (60_000, 1)])
def test_a_tiny_training_says_nothing_about_long_ones(
    tmp_path: Path, images: int, epochs: int
) -> None:
    estimator = Estimator()
    before = estimator.epoch_seconds(PLAIN)
    tiny = replace(PLAIN, images=images, epochs=epochs)
    estimator.learn_from(measured(tmp_path, tiny, 3.0, epochs=epochs))
    assert estimator.epoch_seconds(PLAIN) == before


def test_one_absurd_measurement_does_not_spoil_the_estimates(tmp_path: Path) -> None:
    """A laptop that slept during an epoch."""
    estimator = Estimator()
    before = estimator.epoch_seconds(PLAIN)
    estimator.learn_from(measured(tmp_path, PLAIN, 1e9))
    assert estimator.epoch_seconds(PLAIN) <= 11 * before
    estimator.learn_from(measured(tmp_path, PLAIN, 1e-9))
    assert estimator.epoch_seconds(PLAIN) > 0


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), float("inf"), "soon", None, [1]])
def test_measurements_that_are_none_are_ignored(tmp_path: Path, seconds: object) -> None:
    estimator = Estimator()
    before = estimator.epoch_seconds(PLAIN)
    estimator.learn_from(measured(tmp_path, PLAIN, seconds))
    assert estimator.epoch_seconds(PLAIN) == before


def test_damaged_runs_are_ignored(tmp_path: Path) -> None:
    estimator = Estimator()
    before = estimator.epoch_seconds(PLAIN)
    run = measured(tmp_path, PLAIN, 100.0)
    (run.folder / "metrics.json").write_bytes(b"[")
    estimator.learn_from(run)
    (run.folder / "spec.json").write_bytes(b"\xff")
    estimator.learn_from(run)
    estimator.learn_from(Run(tmp_path / "gone"))
    assert estimator.epoch_seconds(PLAIN) == before


def test_what_was_trained_elsewhere_is_only_measured() -> None:
    conv = replace(CONV, epochs=1)
    assert Estimator().epoch_seconds(replace(conv, brought="0123456789abcdef")) < (
        0.1 * Estimator().epoch_seconds(conv)
    )
