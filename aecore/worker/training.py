"""Fill a run's folder: the worker's whole task, from `spec.json` to a sealed model.

Importing this module is light; TensorFlow and Keras are imported when training begins.
"""

from __future__ import annotations

import io
import logging
import math
import os
import platform
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aecore.datasets import SHOWN, Bytes, Floats, example_digits, load_mnist, to_float
from aecore.metrics import bce, mean_psnr, mse
from aecore.noise import add_noise
from aecore.runs import Epoch, Reason, Run, State, Status, write_atomically
from aecore.specs import TrainingSpec
from aecore.worker.onnx_export import decoder_to_onnx, encoder_to_onnx
from aecore.worker.reporter import Reporter

if TYPE_CHECKING:
    from aecore.worker.learner import Arrays, Images, Learner

MEAN_IMAGE_BCE = 0.2625
"""Validation loss of answering every image with the mean image: worse than this is no model."""

EXPLODED_BCE = 2.0
"""Three times the loss of answering 0.5 everywhere: nothing comes back from here."""

LIVELY = 0.2
"""Seconds that one compiled call may last, so that progress moves and Stop is heard."""

DEAD_AFTER = 3.0
"""Seconds without a new beat after which a run's worker counts as dead. It beats four times a
second, and one that only stood still gives way when it goes on: see `Reporter.is_overruled`."""

_LOOK = 0.1
_CODES_PER_EPOCH = 16_000
_NEIGHBOURS = SHOWN
_MEASURED = 1_000
_LONGEST_INDEXED_CODE = 64
_CHECKPOINT = "checkpoint.npz"
_ATTEMPTS = 2


class _AbandonedError(Exception):
    """Somebody else trains this run now; nothing more may be written."""


class _EndedError(Exception):
    """How training ended, when it was not with its last epoch."""

    def __init__(self, state: State, reason: Reason = "") -> None:
        super().__init__(state, reason)
        self.state = state
        self.reason = reason


@dataclass(frozen=True)
class _Kept:
    """The network as it was after one epoch."""

    epoch: int
    validation_loss: float
    state: Arrays


def warm_up() -> None:
    """Import TensorFlow, read the data and compile the lesson's first network ahead of time."""
    _prepare_process()
    from aecore.worker.learner import ROWS, learner

    spec = TrainingSpec("plain")
    rows = np.zeros((ROWS, spec.batch_size), np.int32)
    compiled = learner(spec)
    compiled.learn(rows[:1], np.zeros(1, np.float32))
    images = load_mnist().test_images[:1_000]
    next(compiled.validation_losses(images, images))


def train(folder: str, seconds: float = math.inf, patience: float = math.inf) -> None:
    """Train what `spec.json` in `folder` asks for; leaves a final `status.json`.

    Does nothing for a run that is not wanted any more: one that has ended, or whose folder is
    gone. Goes on from the last epoch when there is a checkpoint. A run whose worker died is tried
    a second time; the third time only its last good epoch is kept.

    seconds   how long it may train; what it has learnt by then is kept
    patience  how many seconds longer the process lives if it gets stuck
    """
    run = Run(Path(folder))
    before = _await_turn(run)
    if before is None:
        return
    status = replace(before, state="running", message="")
    with Reporter(run, status) as reporter, _ended_if_stuck(seconds + patience):
        try:
            _prepare_process()
            _Training(run, reporter, seconds).complete()
        except _AbandonedError:
            logging.getLogger(__name__).warning("%s is trained by another worker now", run.name)
        except Exception as error:
            logging.getLogger(__name__).exception("training %s failed", run.name)
            reporter.update(state="failed", message=_reason_for(error), seconds_left=None)


def _await_turn(run: Run) -> Status | None:
    """The status to begin from; None if the run is not wanted (any more).

    A run that says `running` may have a worker that nobody knows, since whoever gave it the job
    was started anew. It is left to that worker until it ends, or shows no life.
    """
    status, seen = run.last_status(), time.monotonic()
    if status.state == "running":
        _prepare_process()
        import aecore.worker.learner  # noqa: F401 - takes seconds, and there is time
    while status.state == "running":
        time.sleep(_LOOK)
        now = run.last_status()
        if now.beat == status.beat and time.monotonic() - seen > DEAD_AFTER:
            return replace(status, attempt=status.attempt + 1)
        if now.beat != status.beat:
            seen = time.monotonic()
        status = now
    is_wanted = status.state == "queued" and (run.folder / "spec.json").exists()
    return status if is_wanted else None


@contextmanager
def _ended_if_stuck(seconds: float) -> Iterator[None]:
    """End this process by force if it is not done after `seconds`: whoever waits is told."""
    if math.isinf(seconds):
        yield
        return
    alarm = threading.Timer(seconds, os._exit, args=(1,))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _prepare_process() -> None:
    """Give way to the web server, and be the first to go when memory runs out."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900", encoding="ascii")
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, 10)


def _reason_for(error: Exception) -> Reason:
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "out_of_memory"
    return "disk_full" if isinstance(error, OSError) else "broken"


@dataclass
class _Training:
    """One run of the loop.

    finished   the number of the last finished epoch
    kept       the last good epoch: one that beat the mean image, as soon as there is one
    unwritten  finished epochs that a full disk refused
    """

    run: Run
    reporter: Reporter
    seconds: float
    finished: int = 0
    kept: _Kept | None = None
    unwritten: list[Epoch] = field(default_factory=list)

    def complete(self) -> None:
        """Train, keep the last good epoch as a model, seal the folder."""
        from aecore.worker.learner import learner

        self.spec = self.run.spec()
        self.learner: Learner = learner(self.spec)
        self.validation = _ValidationImages.of(self.spec)
        self._go_on_from_checkpoint()
        state, reason = self._train()
        self.reporter.update(message=reason, seconds_left=None, epoch=self.finished)
        if state != "done":
            self.reporter.update(state=state, now=True)  # answered at once; keeping takes a moment
        if self.kept is not None:
            self.learner.restore(self.kept.state)
            self._keep_model(self.kept.epoch)
        self.reporter.update(state=state)

    def _go_on_from_checkpoint(self) -> None:
        try:
            with np.load(self.run.folder / _CHECKPOINT, allow_pickle=False) as arrays:
                self.learner.restore(arrays)
                self.finished = int(arrays["epoch"])
                self._keep_if_good(float(arrays["validation_loss"]))
        except FileNotFoundError:
            pass  # a new run, whose learner was started just now
        except (OSError, KeyError, ValueError):
            self.learner.start(self.spec)

    def _keep_if_good(self, validation_loss: float) -> None:
        """Keep the network as it is now, unless it fell behind the mean image again."""
        was_good = self.kept is not None and self.kept.validation_loss <= MEAN_IMAGE_BCE
        if validation_loss <= MEAN_IMAGE_BCE or not was_good:
            self.kept = _Kept(self.finished, validation_loss, self.learner.state())

    def _train(self) -> tuple[State, Reason]:
        if self.reporter.status.attempt > _ATTEMPTS:
            return "failed", "worker_died"
        self.began, self.first_epoch = time.monotonic(), self.finished
        validation_loss = 0.0
        try:
            for number in range(self.finished + 1, self.spec.epochs + 1):
                validation_loss = self._epoch(number)
        except _EndedError as ended:
            return ended.state, ended.reason
        if validation_loss > MEAN_IMAGE_BCE:
            return "failed", "no_better_than_mean"
        return "done", ""

    def _epoch(self, number: int) -> float:
        """Train one epoch, measure it, write it down; returns its validation loss."""
        start = time.monotonic()
        rows = shuffled(self.spec, number, self.learner.batch_size)
        rates = _learning_rates(self.spec, number, len(rows))
        sums = dict.fromkeys(self.learner.part_names, 0.0)
        done, count = 0, 1
        while done < len(rows):
            self._listen()
            call_start = time.monotonic()
            part = slice(done, done + count)
            answered = self.learner.learn(rows[part], rates[part])
            sums = {name: sums[name] + answered[name] for name in sums}
            done = min(done + count, len(rows))
            loss = sums["reconstruction"] / done
            _check(answered["reconstruction"] / len(rows[part]))
            self._report_progress((number - 1 + 0.95 * done / len(rows)), loss)
            count = _next_count(count, time.monotonic() - call_start)
        validation_loss = self._validate()
        parts = {name: value / len(rows) for name, value in sums.items()}
        self._write_down(
            Epoch(
                number=number,
                loss=parts["reconstruction"],
                validation_loss=validation_loss,
                seconds=time.monotonic() - start,
                reconstructions=self._ten_digits(),
                codes=self._codes(),
                loss_parts=parts if len(parts) > 1 else {},
            )
        )
        self._report_progress(number, parts["reconstruction"])
        return validation_loss

    def _listen(self) -> None:
        """Stop, another worker and the time limit are looked for between compiled calls."""
        self._give_way()
        if self.run.stop_requested():
            raise _EndedError("stopped")
        if time.monotonic() - self.began > self.seconds:
            raise _EndedError("stopped", "time_limit")

    def _give_way(self) -> None:
        if self.reporter.is_overruled:
            raise _AbandonedError

    def _validate(self) -> float:
        losses = []
        for loss in self.learner.validation_losses(self.validation.inputs, self.validation.targets):
            losses.append(loss)
            self._listen()
        _check(float(np.mean(losses)))
        return float(np.mean(losses))

    def _report_progress(self, epochs_done: float, loss: float) -> None:
        here = epochs_done - self.first_epoch
        pace = (time.monotonic() - self.began) / here if here > 0 else 0.0
        self.reporter.update(
            progress=self._progress(epochs_done),
            loss=loss,
            seconds_left=pace * (self.spec.epochs - epochs_done),
        )

    def _progress(self, epochs_done: float) -> float:
        return min(epochs_done / self.spec.epochs, 1.0)

    def _ten_digits(self) -> Bytes:
        digits = self.validation.digits
        return np.round(self.learner.reconstruct(digits) * 255).astype(np.uint8)

    def _codes(self) -> np.ndarray[Any, np.dtype[np.float16]]:
        count = min(5_000, _CODES_PER_EPOCH // self.spec.code_size)
        return self.learner.encode(load_mnist().test_images[:count]).astype(np.float16)

    def _write_down(self, epoch: Epoch) -> None:
        """Epoch file and checkpoint; what a full disk refuses is kept and tried again later."""
        self.finished = epoch.number
        self._keep_if_good(epoch.validation_loss)
        self.unwritten.append(epoch)
        try:
            while self.unwritten:
                self.run.write_epoch(self.unwritten[0])
                self.unwritten.pop(0)
            checkpoint = self.learner.state() | {
                "epoch": np.array(epoch.number),
                "validation_loss": np.array(epoch.validation_loss),
            }
            write_atomically(self.run.folder / _CHECKPOINT, _npz(checkpoint))
        except OSError:
            self.reporter.update(message="disk_full")
        else:
            self.reporter.update(message="")
        self.reporter.update(epoch=epoch.number)

    def _keep_model(self, epoch: int) -> None:
        """Write everything that makes the folder a model, then seal it."""
        self._give_way()
        folder, networks = self.run.folder, self.learner.networks
        (folder / "checksums.json").unlink(missing_ok=True)
        for unwritten in self.unwritten:
            self.run.write_epoch(unwritten)
        with tempfile.TemporaryDirectory() as elsewhere:
            file = Path(elsewhere) / "model.keras"
            networks.autoencoder.save(file)
            write_atomically(folder / "model.keras", file.read_bytes())
        encoder = encoder_to_onnx(networks.plan, networks.encoder.get_weights())
        decoder = decoder_to_onnx(networks.plan, networks.decoder.get_weights())
        write_atomically(folder / "encoder.onnx", encoder)
        write_atomically(folder / "decoder.onnx", decoder)
        write_atomically(folder / "neighbours.npz", _npz(self._neighbours()))
        self.run.write_metrics(self._metrics(epoch))
        self._give_way()
        self.run.seal()
        if self.finished == self.spec.epochs:
            (folder / _CHECKPOINT).unlink(missing_ok=True)

    def _neighbours(self) -> Arrays:
        codes = self.learner.encode(load_mnist().train_images[:_NEIGHBOURS])
        if codes.shape[1] <= _LONGEST_INDEXED_CODE:
            return {"codes": codes.astype(np.float16)}
        basis = _principal_directions(codes[:2_000], _LONGEST_INDEXED_CODE)
        return {"codes": (codes @ basis).astype(np.float16), "basis": basis.astype(np.float16)}

    def _metrics(self, epoch: int) -> dict[str, Any]:
        seconds = [self.run.epoch(number).seconds for number in self.run.epoch_numbers()]
        return {
            **self._scores(),
            "noise": self.spec.noise,
            "parameters": self.learner.networks.plan.parameters,
            "epochs": epoch,
            "training_seconds": float(np.sum(seconds)),
            "seconds_per_epoch": float(np.median(seconds)),
            "versions": {name: version(name) for name in ("keras", "numpy", "onnx")}
            | {"python": platform.python_version(), "tensorflow": _tensorflow_version()},
        }

    def _scores(self) -> dict[str, float]:
        """Means over the 10,000 test images, measured on equal parts of them to spare memory."""
        images = load_mnist().test_images
        noisy = _noisy(self.spec, images)
        parts = [slice(start, start + _MEASURED) for start in range(0, len(images), _MEASURED)]
        measured = []
        for part in parts:
            targets, answers = to_float(images[part]), self.learner.reconstruct(noisy[part])
            measured.append(
                (bce(targets, answers), mse(targets, answers), mean_psnr(targets, answers))
            )
        means = np.mean(measured, axis=0)
        return {name: float(mean) for name, mean in zip(("bce", "mse", "psnr"), means, strict=True)}


@dataclass(frozen=True)
class _ValidationImages:
    """Test images for the validation loss, and the ten that are shown; inputs may be noisy.

    No more are used than an epoch has training images: validation must not cost more than it
    teaches. They are taken evenly from all 10,000.
    """

    inputs: Images
    targets: Bytes
    digits: Images

    @classmethod
    def of(cls, spec: TrainingSpec) -> _ValidationImages:
        mnist = load_mnist()
        step = math.ceil(10_000 / min(10_000, spec.images))
        targets = mnist.test_images[::step]
        digits = mnist.test_images[example_digits(mnist)]
        return cls(_noisy(spec, targets), targets, _noisy(spec, digits))


def _noisy(spec: TrainingSpec, images: Bytes) -> Images:
    return add_noise(to_float(images), "gaussian", spec.noise, spec.seed) if spec.noise else images


def shuffled(
    spec: TrainingSpec, epoch: int, batch_size: int
) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Image indices `(batches, batch_size)` in this epoch's order; the last batch is filled up."""
    order = np.random.default_rng([spec.seed, epoch]).permutation(spec.images)
    batches = math.ceil(spec.images / batch_size)
    return np.resize(order, (batches, batch_size)).astype(np.int32)


def _learning_rates(spec: TrainingSpec, epoch: int, batches: int) -> Floats:
    """The learning rate of every batch of an epoch, by the spec's schedule."""
    if spec.schedule == "constant":
        return np.full(batches, spec.learning_rate, np.float32)
    done = ((epoch - 1) * batches + np.arange(batches)) / (spec.epochs * batches)
    return (spec.learning_rate * 0.5 * (1 + np.cos(np.pi * done))).astype(np.float32)


def _check(loss: float) -> None:
    if not math.isfinite(loss):
        raise _EndedError("failed", "not_a_number")
    if loss > EXPLODED_BCE:
        raise _EndedError("failed", "exploded")


def _next_count(count: int, seconds: float) -> int:
    """How many batches the next compiled call should take to last about LIVELY seconds."""
    from aecore.worker.learner import ROWS

    fitting = int(count * LIVELY / max(seconds, 1e-6))
    return max(1, min(fitting, 4 * count, ROWS))


def _principal_directions(codes: Floats, count: int) -> Floats:
    """The `count` directions `(code_size, count)` in which codes vary most."""
    from scipy.linalg import eigh

    centred = codes - codes.mean(axis=0)
    size = codes.shape[1]
    _, directions = eigh(centred.T @ centred, subset_by_index=(size - count, size - 1))
    return np.asarray(directions, np.float32)


def _npz(arrays: Arrays) -> bytes:
    buffer = io.BytesIO()
    named: dict[str, Any] = dict(arrays)
    np.savez(buffer, **named)
    return buffer.getvalue()


def _tensorflow_version() -> str:
    import tensorflow as tf

    return str(tf.__version__)
