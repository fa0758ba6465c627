"""Fill a run's folder: the worker's whole task, from `spec.json` to a sealed model.

Importing this module is light; TensorFlow and Keras are imported when training begins.
"""

from __future__ import annotations

import gc
import logging
import math
import os
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from aecore.datasets import load_mnist
from aecore.metrics import MEAN_IMAGE_BCE
from aecore.networks import NetworkWeights
from aecore.runs import BROUGHT_FILE, Epoch, Reason, Run, State, Status
from aecore.specs import TrainingSpec
from aecore.worker.batches import learning_rates, shuffled
from aecore.worker.checkpoint import CHECKPOINT, Checkpoint, to_go_on_from
from aecore.worker.examination import Examination
from aecore.worker.keeping import keep_model
from aecore.worker.memory import give_back, give_back_tables, memory_kills, was_killed_for_memory
from aecore.worker.reporter import Reporter

if TYPE_CHECKING:
    from aecore.worker.learner import Learner

EXPLODED_BCE = 2.0
"""Three times the loss of answering 0.5 everywhere: nothing comes back from here."""

LIVELY = 0.2
"""Seconds that one compiled call may last, so that progress moves and Stop is heard."""

KEPT_CHECKPOINT = 20_000_000
"""Bytes: a finished run keeps a checkpoint up to this size, for those who want to train on."""

KEPT_WEIGHTS = 10_000_000
"""Bytes: so much the weights that a run keeps of its epochs may take, in half precision."""

LARGEST_KEPT = 250_000
"""Parameters: networks up to this size keep their weights after epochs."""

DEAD_AFTER = 3.0
"""Seconds without a new beat after which a run's worker counts as dead. It beats four times a
second, and one that only stood still gives way when it goes on: see `Reporter.is_overruled`."""

_TELLING = 0.5
"""Seconds of learning after which its pace tells how long the rest will take."""

_LOOK = 0.1
_ATTEMPTS = 2


class _AbandonedError(Exception):
    """Somebody else trains this run now; nothing more may be written."""


class _EndedError(Exception):
    """How training ended, when it was not with its last epoch."""

    def __init__(self, state: State, reason: Reason = "") -> None:
        super().__init__(state, reason)
        self.state = state
        self.reason = reason


def warm_up() -> None:
    """Import TensorFlow, read the data and compile the lesson's first network ahead of time."""
    _prepare_process()
    from aecore.worker.learner import ROWS
    from aecore.worker.learners import learner_of

    give_back_tables()
    give_back()  # what only the import needed, before a compiler needs as much again
    spec = TrainingSpec("plain")
    rows = np.zeros((ROWS, spec.batch_size), np.int32)
    compiled = learner_of(spec)
    compiled.learn(rows[:1], np.zeros(1, np.float32))
    images = load_mnist().test_images[:1_000]
    next(compiled.validation_losses(images, images))
    give_back()
    gc.freeze()  # TensorFlow stays: looking through it took a sixth of each small training


def train(folder: str, seconds: float = math.inf, patience: float = math.inf) -> None:
    """Train what `spec.json` in `folder` asks for; leaves a final `status.json`.

    Does nothing for a run that is not wanted any more: one that is over, or whose folder is gone.
    Goes on from the last epoch when there is a checkpoint. A run whose worker died is tried a
    second time; the third time only its last good epoch is kept.

    seconds   how long it may train, in all its attempts; what it has learnt by then is kept
    patience  how many seconds longer the process lives if it gets stuck
    """
    run = Run(Path(folder))
    before = _await_turn(run)
    if before is None:
        return
    with Reporter(run, _begun(before)) as reporter, _Alarm(seconds + patience) as alarm:
        try:
            _prepare_process()
            _Training(run, reporter, alarm, seconds).complete()
        except _AbandonedError:
            logging.getLogger(__name__).warning("%s is trained by another worker now", run.name)
        except Exception as error:
            logging.getLogger(__name__).exception("training %s failed", run.name)
            reporter.update(state="failed", message=_reason_for(error), seconds_left=None)
    give_back()


def _await_turn(run: Run) -> Status | None:
    """The status that another worker left; None if the run is not wanted (any more).

    A run that says `running` may have a worker that nobody knows, since whoever gave it the job
    was started anew. It is left to that worker until it ends, or shows no life.
    """
    status, seen = run.last_status(), time.monotonic()
    if status.has_worker:
        _prepare_process()
        import aecore.worker.learners  # noqa: F401 - takes seconds, and there is time
    while status.has_worker:
        time.sleep(_LOOK)
        now = run.last_status()
        if now.beat != status.beat:
            seen = time.monotonic()
        elif time.monotonic() - seen > DEAD_AFTER:
            return status
        status = now
    is_wanted = status.state == "queued" and (run.folder / "spec.json").exists()
    return status if is_wanted else None


class _Alarm:
    """Ends this process by force if it is not done after `seconds`: whoever waits is told."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        self.set_anew()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def set_anew(self) -> None:
        """Grant the whole time once more, to what begins now."""
        self.__exit__()
        if self._seconds < threading.TIMEOUT_MAX:
            self._timer = threading.Timer(self._seconds, os._exit, args=(1,))
            self._timer.daemon = True
            self._timer.start()


def _begun(before: Status) -> Status:
    """The status that an attempt begins with; its message says what ended the one before it."""
    attempt = before.attempt + before.has_worker  # which must have died
    kills = memory_kills()
    message: Reason = ""
    if attempt > 1:
        hungry = was_killed_for_memory(before.memory_kills, kills)
        message = "out_of_memory" if hungry else "worker_died"
    return replace(
        before,
        state="running",
        seconds_left=None,
        attempt=attempt,
        message=message,
        memory_kills=kills,
    )


def _prepare_process() -> None:
    """Give way to the web server, and be the first to go when memory runs out."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    # Only on by itself where processors have AVX-512; halves convolutions' time without, too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900", encoding="ascii")
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, 10)


def _reason_for(error: Exception) -> Reason:
    kind = type(error).__name__
    is_onednns = kind == "AbortedError" and "Status: 1," in str(error)  # dnnl_out_of_memory
    is_library = isinstance(error, ImportError) and "failed to map segment" in str(error)
    is_plain = isinstance(error, MemoryError) or kind == "ResourceExhaustedError"
    if is_plain or is_onednns or is_library:
        return "out_of_memory"
    return "disk_full" if isinstance(error, OSError) else "broken"


class _Training:
    """One training, told in `complete`; the methods below it come in the order of the story.

    now        the network after the last finished epoch; None before the first
    kept       the same after the last good epoch: one that beat the mean image, as soon as there
               is one
    unwritten  finished epochs that a full disk refused
    paced_from when the network was compiled, and how many epochs were done then: from here on its
               pace tells something
    seconds    how long it may still learn: attempts before this one count
    """

    def __init__(self, run: Run, reporter: Reporter, alarm: _Alarm, seconds: float) -> None:
        self.seconds = seconds - reporter.status.seconds  # before the import, which takes some
        from aecore.worker.learners import learner_of

        self.run, self.reporter, self.alarm = run, reporter, alarm
        self.spec = run.spec()
        self.learner: Learner = learner_of(self.spec)
        self.examination = Examination.of(self.spec)
        self.now: Checkpoint | None = None
        self.kept: Checkpoint | None = None
        self.unwritten: list[Epoch] = []
        self.paced_from: tuple[float, float] | None = None
        self.died_of = reporter.status.message

    def complete(self) -> None:
        """Train, keep the last good epoch as a model, seal the folder."""
        self.alarm.set_anew()  # loading TensorFlow may have taken long
        self._go_on_from_checkpoint()
        state, reason = self._adopt() if self.spec.brought else self._learn()
        self.alarm.set_anew()  # learning may have taken all the time there was
        self.reporter.update(
            state="keeping", message=reason, seconds_left=None, epoch=self.finished, now=True
        )
        self._keep()
        self.reporter.update(state=state, message=reason)  # a disk that was full has room again

    @property
    def finished(self) -> int:
        """The number of the last finished epoch."""
        return self.now.epoch if self.now else 0

    # Going on --------------------------------------------------------------------------------

    def _go_on_from_checkpoint(self) -> None:
        found = to_go_on_from(self.run, self.spec)
        if found is None:
            return  # a new run, whose learner was started just now
        checkpoint, source = found
        try:
            self.learner.restore(checkpoint.state)
        except (KeyError, ValueError):
            self.learner.start(self.spec)
            return
        self._remember(checkpoint)
        if source != self.run:
            self._take_over_epochs(source, checkpoint.epoch)
            self.reporter.update(epoch=checkpoint.epoch)

    def _take_over_epochs(self, source: Run, last: int) -> None:
        """What another run wrote down of the epochs that this one need not repeat."""
        self.unwritten += [each for each in source.readable_epochs() if each.number <= last]
        self._write_epochs()

    def _remember(self, checkpoint: Checkpoint) -> None:
        """Note how far it is; keep it unless it fell behind the mean image again."""
        self.now = checkpoint
        was_good = self.kept is not None and self.kept.validation_loss <= MEAN_IMAGE_BCE
        if checkpoint.validation_loss <= MEAN_IMAGE_BCE or not was_good:
            self.kept = checkpoint

    # Learning --------------------------------------------------------------------------------

    def _learn(self) -> tuple[State, Reason]:
        """Train until the last epoch, or until something ends it; says how it ended."""
        if self.reporter.status.attempt > _ATTEMPTS:
            return "failed", self.died_of
        if self.now is None:
            self._write_beginning()
        self.began = time.monotonic()
        try:
            for number in range(self.finished + 1, self.spec.epochs + 1):
                self._epoch(number)
        except _EndedError as ended:
            return ended.state, ended.reason
        except _AbandonedError:
            raise
        except Exception as error:
            if self.kept is None:
                raise
            logging.getLogger(__name__).exception("training %s failed", self.run.name)
            return "failed", _reason_for(error)
        return self._judged()

    def _write_beginning(self) -> None:
        """What random numbers answer. Nothing depends on it: a full disk does without."""
        with suppress(OSError):
            self.run.write_beginning(self.examination.ten_digits(self.learner))

    def _judged(self) -> tuple[State, Reason]:
        """How a training ends that came to its end."""
        if self.now is None or self.now.validation_loss > MEAN_IMAGE_BCE:
            return "failed", "no_better_than_mean"
        return "done", ""

    def _adopt(self) -> tuple[State, Reason]:
        """Measure weights that were trained elsewhere; they count as the run's only epoch."""
        from aecore.worker.import_weights import adopt

        self.began = time.monotonic()
        if self.now is None:
            adopt(self.run, self.learner.networks)
            try:
                inputs, targets = self.examination.training_images()
                loss = float(np.mean(list(self.learner.validation_losses(inputs, targets))))
                _check(loss)
                self._write_down(self._measured(1, {"reconstruction": loss}, began=None))
            except _EndedError as ended:
                return ended.state, ended.reason
        (self.run.folder / BROUGHT_FILE).unlink(missing_ok=True)
        return self._judged()

    def _epoch(self, number: int) -> None:
        """Train one epoch, measure it, write it down."""
        start = time.monotonic()
        rows = shuffled(self.spec, number, self.learner.batch_size)
        rates = learning_rates(self.spec, number, len(rows))
        sums = dict.fromkeys(self.learner.part_names, 0.0)
        done, count = 0, 1
        while done < len(rows):
            self._listen()
            call_start = time.monotonic()
            part = slice(done, done + count)
            answered = self.learner.learn(rows[part], rates[part])
            has_compiled = self.paced_from is None  # what that took is no pace
            sums = {name: sums[name] + answered[name] for name in sums}
            done = min(done + count, len(rows))
            _check(answered["reconstruction"] / len(rows[part]))
            epochs_done = number - 1 + 0.95 * done / len(rows)
            if has_compiled:
                self.paced_from = time.monotonic(), epochs_done
            self._report_progress(epochs_done, sums, done)
            count = _next_count(count, time.monotonic() - call_start)
        parts = {name: value / len(rows) for name, value in sums.items()}
        self._write_down(self._measured(number, parts, began=start))
        self._report_progress(number, sums, len(rows))

    def _measured(self, number: int, parts: dict[str, float], *, began: float | None) -> Epoch:
        """What there is to say after an epoch whose loss had these parts.

        `began` is when it began; None if it took place elsewhere.
        """
        validation_loss = self._validate()
        return Epoch(
            number=number,
            loss=parts["reconstruction"],
            validation_loss=validation_loss,
            seconds=0.0 if began is None else time.monotonic() - began,
            reconstructions=self.examination.ten_digits(self.learner),
            codes=self.examination.codes(self.learner),
            loss_parts=parts if len(parts) > 1 else {},
            weights=self._weights(number),
        )

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
        images = self.examination
        for loss in self.learner.validation_losses(images.inputs, images.targets):
            losses.append(loss)
            self._listen()
        _check(float(np.mean(losses)))
        return float(np.mean(losses))

    def _report_progress(self, epochs_done: float, sums: dict[str, float], batches: int) -> None:
        self.reporter.update(
            progress=min(epochs_done / self.spec.epochs, 1.0),
            loss=sums["reconstruction"] / batches,
            seconds_left=self._seconds_left(epochs_done),
        )

    def _seconds_left(self, epochs_done: float) -> float | None:
        """At the pace so far, and no longer than it may; None while there is no pace to tell by."""
        now = time.monotonic()
        if self.paced_from is None or now - self.paced_from[0] < _TELLING:
            return None
        since, epochs_then = self.paced_from
        pace = (now - since) / (epochs_done - epochs_then)
        may = max(self.seconds - (now - self.began), 0.0)
        return min(pace * (self.spec.epochs - epochs_done), may)

    def _weights(self, number: int) -> NetworkWeights | None:
        networks = self.learner.networks
        is_kept = keeps_weights(networks.plan.parameters, number, self.spec.epochs)
        return networks.by_layer() if is_kept else None

    def _write_down(self, epoch: Epoch) -> None:
        """Epoch file and checkpoint; what a full disk refuses is kept and tried again later.

        The checkpoint of a good epoch stays while later ones are worse than the mean image: should
        the worker die, the next one would have no other good one. It then repeats those epochs.
        """
        checkpoint = Checkpoint(epoch.number, epoch.validation_loss, self.learner.state())
        self._remember(checkpoint)
        self.unwritten.append(epoch)
        if self._write_epochs() and self.kept is checkpoint:
            try:
                checkpoint.write(self.run)
            except OSError:
                self.reporter.update(message="disk_full")
        self.reporter.update(epoch=epoch.number)

    def _write_epochs(self) -> bool:
        """Whether all finished epochs stand in the folder now."""
        try:
            while self.unwritten:
                self.run.write_epoch(self.unwritten[0])
                self.unwritten.pop(0)
        except OSError:
            self.reporter.update(message="disk_full")
            return False
        self.reporter.update(message="")
        return True

    # Keeping ---------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Make the last good epoch the folder's model, if there is one."""
        self._give_way()
        if self.kept is None:
            return
        finished, epoch_kept = self.finished, self.kept.epoch
        self.learner.restore(self.kept.state)
        self.now = self.kept = None  # the learner holds it now, and memory may be short
        for epoch in self.unwritten:
            self.run.write_epoch(epoch)
        keep_model(self.run, self.learner, self.examination, epoch_kept)
        if finished == self.spec.epochs and not self._can_be_prolonged():
            (self.run.folder / CHECKPOINT).unlink(missing_ok=True)

    def _can_be_prolonged(self) -> bool:
        """Whether a longer training may begin with this one, and its checkpoint is small enough."""
        file = self.run.folder / CHECKPOINT
        is_small = file.is_file() and file.stat().st_size <= KEPT_CHECKPOINT
        return self.spec.can_be_prolonged and is_small


def keeps_weights(parameters: int, number: int, epochs: int) -> bool:
    """Whether a network's weights are kept after epoch `number` of `epochs`.

    Small networks keep them after every epoch, or after every few of many; first and last always.
    """
    every = math.ceil(2 * parameters * epochs / KEPT_WEIGHTS)
    is_due = (number - 1) % every == 0 or number == epochs
    return parameters <= LARGEST_KEPT and is_due


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
