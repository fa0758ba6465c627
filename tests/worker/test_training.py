"""Real, short trainings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from aecore.autoencoder import Autoencoder
from aecore.datasets import load_mnist, to_float
from aecore.metrics import MEAN_IMAGE_BCE, bce
from aecore.networks import ARCHITECTURES, plan
from aecore.onnx_weights import load_weights
from aecore.runs import Run, Status
from aecore.specs import TrainingSpec
from aecore.ui.train.onward import steps_past_mean
from aecore.worker import training
from aecore.worker.batches import shuffled
from aecore.worker.checkpoint import Checkpoint
from aecore.worker.examination import Examination
from aecore.worker.learner import Learner
from aecore.worker.learners import learner_of
from aecore.worker.training import (
    KEPT_WEIGHTS,
    LARGEST_KEPT,
    _Training,
    keeps_weights,
    train,
)
from tests.conftest import wait_until

SHORT = TrainingSpec("plain", 16, images=2_000, epochs=6, batch_size=32, learning_rate=3e-3)


def trained(folder: Path, spec: TrainingSpec) -> Run:
    run = Run(folder)
    run.write_spec(spec)
    train(str(folder))
    return run


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("short"), SHORT)


def test_training_fills_the_folder(short: Run) -> None:
    short.verify()
    assert short.status().state == "done"
    assert short.status().progress == 1
    assert short.epoch_numbers() == [1, 2, 3, 4, 5, 6]
    assert short.has_checkpoint()  # for those who want to train on


def test_what_random_weights_answer_is_written_down(short: Run) -> None:
    examination = Examination.of(SHORT)
    answers = short.beginning()
    assert answers is not None
    assert np.array_equal(answers, examination.ten_digits(learner_of(SHORT)))
    assert bce(to_float(examination.targets[:10]), to_float(answers)) > MEAN_IMAGE_BCE


def test_epochs_of_a_small_network_keep_its_weights(short: Run) -> None:
    grown = [short.epoch(number).weights for number in short.epoch_numbers()]
    final = load_weights(short.folder)
    for weights in grown:
        assert weights is not None
        assert weights.fit(plan("plain", 16))
    changes = [np.abs(w.encoder[0][0] - final.encoder[0][0]).max() for w in grown if w]
    assert changes == sorted(changes, reverse=True)  # they grow towards what they become
    np.testing.assert_allclose(grown[-1].decoder[0][0], final.decoder[0][0], rtol=1e-3, atol=1e-6)  # type: ignore[union-attr]


@pytest.mark.parametrize("parameters", [28_353, 50_992, 222_384, 2_823_286])
@pytest.mark.parametrize("epochs", [1, 10, 60, 200])
def test_kept_weights_are_bounded_and_include_first_and_last(parameters: int, epochs: int) -> None:
    kept = [n for n in range(1, epochs + 1) if keeps_weights(parameters, n, epochs)]
    assert 2 * parameters * len(kept) <= 1.1 * KEPT_WEIGHTS
    if parameters > LARGEST_KEPT:
        assert not kept
    else:
        assert (kept[0], kept[-1]) == (1, epochs)
        assert len(kept) >= min(epochs, 20)


def test_training_learns(short: Run) -> None:
    losses = [short.epoch(number).validation_loss for number in short.epoch_numbers()]
    assert losses[-1] < losses[0]
    assert losses[-1] < 0.75 * MEAN_IMAGE_BCE


def test_an_epoch_shows_ten_different_digits(short: Run) -> None:
    epoch = short.epoch(6)
    assert epoch.reconstructions.shape == (10, 28, 28)
    assert epoch.codes.shape == (1_000, 16)
    assert epoch.seconds > 0


def test_metrics_are_those_of_the_served_model(short: Run) -> None:
    images = to_float(load_mnist().test_images)
    answers = Autoencoder.load(short.folder).reconstruct(images)
    assert short.metrics()["bce"] == pytest.approx(bce(images, answers), abs=1e-5)


def test_keras_file_answers_as_the_served_model(short: Run) -> None:
    images = to_float(load_mnist().test_images[:50])
    taken_home = keras.models.load_model(short.folder / "model.keras")
    served = Autoencoder.load(short.folder).reconstruct(images)
    np.testing.assert_allclose(taken_home(images).numpy(), served, atol=1e-5)


def test_the_same_spec_gives_the_same_model(short: Run, tmp_path: Path) -> None:
    again = trained(tmp_path / "again", SHORT)
    ours, theirs = (Autoencoder.load(run.folder) for run in (short, again))
    images = to_float(load_mnist().test_images[:50])
    np.testing.assert_allclose(ours.reconstruct(images), theirs.reconstruct(images), atol=1e-4)


def test_noisy_training_of_the_convolutional_net(tmp_path: Path) -> None:
    spec = TrainingSpec("conv", 1_568, noise=0.5, images=1_000, epochs=2, batch_size=32)
    run = trained(tmp_path, spec)
    assert run.status().state == "done"
    assert run.epoch(2).validation_loss < MEAN_IMAGE_BCE
    assert Autoencoder.load(tmp_path).code_size == 1_568


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        (TrainingSpec("deep", 32, images=1_000, epochs=3, batch_size=32), set()),
        (TrainingSpec("vae", 2, images=1_000, epochs=3, batch_size=32), {"kl"}),
        (TrainingSpec("sparse", 64, images=1_000, epochs=3, batch_size=32), {"sparsity"}),
        (TrainingSpec("latent2d", 2, images=1_000, epochs=3, batch_size=32), {"search"}),
        (TrainingSpec("neighbours2d", 2, images=1_000, epochs=3, batch_size=32), {"neighbours"}),
    ],
    ids=lambda value: value.architecture if isinstance(value, TrainingSpec) else "",
)
def test_the_loss_falls_and_its_parts_are_recorded(
    tmp_path: Path, spec: TrainingSpec, parts: set[str]
) -> None:
    run = trained(tmp_path, spec)
    first, last = run.epoch(1), run.epoch(3)
    assert last.validation_loss < first.validation_loss < np.log(2)  # of answering 0.5 everywhere
    assert last.loss < first.loss
    assert set(last.loss_parts) == (parts and parts | {"reconstruction"})
    assert all(value > 0 for value in last.loss_parts.values())


def test_a_rate_that_ruins_is_stopped_and_explained(tmp_path: Path) -> None:
    ruinous = TrainingSpec("deep", images=2_000, epochs=8, learning_rate=0.1, seed=1)
    status = trained(tmp_path, ruinous).status()
    assert (status.state, status.message) == ("failed", "exploded")


def test_a_loss_that_is_no_number_keeps_the_epoch_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = Learner.learn

    def until_the_second_epoch(self: Learner, *arguments: object) -> dict[str, float]:
        answered = learn(self, *arguments)  # type: ignore[arg-type]
        return dict.fromkeys(answered, float("nan")) if Run(tmp_path).has_epochs() else answered

    monkeypatch.setattr(Learner, "learn", until_the_second_epoch)
    run = trained(tmp_path, TrainingSpec("plain", images=1_000, epochs=3, batch_size=32))
    assert (run.status().state, run.status().message) == ("failed", "not_a_number")
    run.verify()
    assert run.metrics()["epochs"] == 1


def test_a_good_epoch_s_checkpoint_outlasts_worse_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept shall not depend on whether the worker died on the way."""
    losses = iter((0.25, 0.2, 0.27, 0.28))
    monkeypatch.setattr(_Training, "_validate", lambda _: next(losses))
    run = trained(tmp_path, TrainingSpec("plain", images=1_000, epochs=4, batch_size=32))
    assert (run.status().state, run.status().message) == ("failed", "no_better_than_mean")
    assert run.epoch_numbers() == [1, 2, 3, 4]
    assert run.metrics()["epochs"] == 2
    left = Checkpoint.read(run)
    assert left is not None
    assert left.epoch == 2


def test_a_training_that_was_too_short_says_so_and_keeps_what_there_is(tmp_path: Path) -> None:
    run = trained(tmp_path, TrainingSpec("plain", images=1_000, epochs=1))
    assert (run.status().state, run.status().message) == ("failed", "no_better_than_mean")
    run.verify()
    assert run.has_checkpoint()


@pytest.mark.parametrize("architecture", ["plain", "conv", "vae"])
def test_the_mean_image_is_passed_after_as_many_steps_as_the_page_says(architecture: str) -> None:
    spec = TrainingSpec(architecture, code_size=ARCHITECTURES[architecture].code_size)
    said = steps_past_mean(spec)
    assert said is not None
    learner, judged = learner_of(spec), Examination.of(replace(spec, images=1_000))
    losses = []
    for part in np.array_split(shuffled(spec, 1, learner.batch_size)[:said], 4):
        learner.learn(part, np.full(len(part), spec.learning_rate, np.float32))
        losses.append(np.mean(list(learner.validation_losses(judged.inputs, judged.targets))))
    assert losses[0] > MEAN_IMAGE_BCE >= losses[-1]


def test_goes_on_after_a_kill(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.write_spec(TrainingSpec("plain", images=5_000, epochs=200))
    program = f"from aecore.worker.training import train; train({str(tmp_path)!r})"
    worker = subprocess.Popen(
        [sys.executable, "-c", program], stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    wait_until(lambda: run.last_status().epoch >= 2, seconds=90)
    worker.kill()
    worker.wait()
    before = run.last_status().epoch
    assert run.last_status().state == "running"
    run.request_stop()  # the next worker stops at once: what it keeps is what it found
    train(str(tmp_path))
    status = run.status()
    assert (status.state, status.attempt) == ("stopped", 2)
    assert status.epoch >= before
    run.verify()


def test_the_time_limit_counts_what_attempts_before_took(short: Run, tmp_path: Path) -> None:
    run = Run(tmp_path)
    shutil.copytree(short.folder, tmp_path, dirs_exist_ok=True)
    run.write_spec(replace(SHORT, epochs=9))
    run.write_status(Status("running", epoch=6, seconds=100.0))  # and its worker died
    train(str(tmp_path), seconds=100.0)
    assert (run.status().state, run.status().message) == ("stopped", "time_limit")
    assert run.epoch_numbers() == short.epoch_numbers()
    run.verify()


def test_the_time_left_is_told_at_the_pace_after_compiling_and_within_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Compiling took a thousand times as long as what it compiles: hours were announced."""
    now = [0.0]
    monkeypatch.setattr(training.time, "monotonic", lambda: now[0])
    spec = TrainingSpec("plain", images=60_000, epochs=60, batch_size=32)
    this = training._Training.__new__(training._Training)
    this.spec, this.seconds, this.began, this.paced_from = spec, 1_800.0, 0.0, None
    now[0] = 3.0
    assert this._seconds_left(0.0005) is None  # compiled, and one step of 112,500
    this.paced_from = now[0], 0.0005
    assert this._seconds_left(0.0005) is None
    now[0] = 4.0
    assert this._seconds_left(1.0005) == pytest.approx(59.0, abs=0.1)
    now[0] = 103.0
    assert this._seconds_left(1.0005) == 1_800.0 - 103.0


def test_stop_is_answered_within_a_second_and_keeps_the_model(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.write_spec(TrainingSpec("plain", images=20_000, epochs=200))
    worker = threading.Thread(target=train, args=(str(tmp_path),))
    worker.start()
    try:
        wait_until(lambda: run.last_status().epoch >= 1, seconds=90)
        pressed = time.monotonic()
        run.request_stop()
        wait_until(lambda: run.last_status().state == "keeping", seconds=5)
        assert time.monotonic() - pressed < 2  # a second on a machine that is not busy
        wait_until(lambda: run.last_status().is_over, seconds=60)
        assert run.last_status().state == "stopped"
        run.verify()  # never over before the model is whole
    finally:
        if not run.last_status().is_over:
            run.request_stop()
        worker.join(timeout=60)
    run.verify()
    assert 1 <= run.status().epoch < 200


def test_training_borrows_the_images_and_leaves_them_as_they_were(short: Run) -> None:
    assert short.is_sealed()  # a training has run in this process
    images = load_mnist().train_images
    assert not images.flags.writeable
    assert images.sum(dtype=np.int64) == 1_567_298_545
