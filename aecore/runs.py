"""A run is a folder: written by the worker that trains, read by everyone else.

    spec.json        what was asked
    status.json      how far it is (replaced atomically)
    beginning.npz    what the network answered before it had learnt anything
    epochs/0001.npz  one file an epoch; small networks keep their weights there, too
    weights.safetensors  what a visitor brought, until it is measured
    checkpoint.npz   the network and its optimiser after the last epoch, to go on from there;
                     of a finished run only if a longer training may begin with it
    model.keras      the trained model, to take home
    encoder.onnx, decoder.onnx   what the app serves
    neighbours.npz   codes of training images, to find the nearest
    metrics.json     measured on the 10,000 test images
    checksums.json   SHA-256 of every file that must be whole (written last)
    stop             somebody asked the worker to stop (empty)
    used, visited-…  when it was last used, and looked for by which server (empty: times count)

A folder holds a usable model only once `checksums.json` is there and agrees. Others may write into
it, too: whatever is read here is read as `aecore.guarded.files` does, and checked.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import UnionType
from typing import IO, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Bytes
from aecore.guarded.bounds import EPOCH_BYTES, JSON_BYTES, KERAS_BYTES
from aecore.guarded.files import (
    UnsoundFileError,
    is_ordinary,
    opened,
    read_arrays,
    read_bytes,
    read_json,
)
from aecore.networks import LayerWeights, NetworkWeights
from aecore.specs import SpecError, TrainingSpec

State = Literal["queued", "running", "keeping", "done", "stopped", "failed"]
STATES: tuple[State, ...] = get_args(State)
"""A run that is `keeping` learns no more: its worker writes down the model. The last three are
final: nothing will change in the folder any more."""

Reason = Literal[
    "",
    "not_a_number",
    "exploded",
    "no_better_than_mean",
    "time_limit",
    "worker_died",
    "disk_full",
    "out_of_memory",
    "broken",
]
"""Why a run ended as it did, or what troubles it while it runs."""
REASONS: tuple[Reason, ...] = get_args(Reason)

BROUGHT_FILE = "weights.safetensors"
MODEL_FILES = ("model.keras", "encoder.onnx", "decoder.onnx", "neighbours.npz", "metrics.json")

Content = bytes | Callable[[IO[bytes]], object]
"""What stands in a file, or what writes it there: the large need not be held as a whole."""

_OVERWRITTEN = 1_024
"""Bytes of a status that was written over: always as many, so that no old ones stay behind."""

_MOST = 1_000_000_000
"""Of a status's counts and seconds: four beats a second for eight years."""

_LONGEST_WORD = 100
"""Characters of its words, so that it always fits into the bytes above."""

RUN_NAME = re.compile(r"[a-z0-9_]{1,40}")
"""What a run may be called: its folder, and the same in links."""

_BEGINNING = "beginning.npz"
_EPOCH_NAME = re.compile(r"[0-9]{4}")
_ALWAYS_MEASURED = ("bce", "mse")
"""What stands in every metrics.json."""


class RunError(Exception):
    """A run's folder is missing, damaged or not finished.

    file  the file at fault, or "" when there is no such run
    """

    def __init__(self, problem: str, *, file: str = "") -> None:
        super().__init__(f"{file} {problem}".strip())
        self.file = file


@dataclass(frozen=True)
class Status:
    """How far a run is.

    epoch         the last finished epoch (0: none yet)
    progress      share of the whole training done, 0 to 1
    beat          grows by one with every sign of life; watch it change on your own clock
    wish          a name for this wish: another one when an ended run is asked for again
    attempt       1, or 2 after the worker died once
    message       why it ended, or what troubles it: one of the words in `Reason`
    memory_kills  what `aecore.worker.memory` counted when the attempt began
    """

    state: State = "queued"
    epoch: int = 0
    progress: float = 0.0
    seconds: float = 0.0
    seconds_left: float | None = None
    loss: float | None = None
    beat: int = 0
    wish: str = ""
    attempt: int = 1
    message: Reason = ""
    memory_kills: str = ""

    @property
    def has_worker(self) -> bool:
        """Whether a worker has the run, or had it when it died."""
        return self.state in ("running", "keeping")

    @property
    def is_over(self) -> bool:
        """Whether the run is in its final state, its model sealed if there is one."""
        return self.state in ("done", "stopped", "failed")


@dataclass(frozen=True)
class Epoch:
    """What one epoch left behind.

    loss, validation_loss  mean binary cross-entropy per pixel (nats), training and test images
    loss_parts             the parts of the training loss by name, e.g. reconstruction and kl
    seconds                time the epoch took
    reconstructions        uint8 (10, 28, 28): the same ten test digits every epoch
    codes                  float16 (n, code size): the codes of the first n test images
    weights                those of the network after the epoch, rounded to half precision in the
                           file; None where they were not kept: those of large networks, and
                           those of some epochs of many
    """

    number: int
    loss: float
    validation_loss: float
    seconds: float
    reconstructions: Bytes
    codes: NDArray[np.float16]
    loss_parts: Mapping[str, float] = field(default_factory=dict)
    weights: NetworkWeights | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it has the shapes and types it should have, and the losses are numbers."""
        return (
            _are_ten_digits(self.reconstructions)
            and self.codes.ndim == 2
            and self.codes.dtype == np.float16
            and math.isfinite(self.loss + self.validation_loss + self.seconds)
        )


def write_atomically(file: Path, content: Content) -> None:
    """Write `content` so that a reader sees the old file or the new one, never a part.

    Raises OSError when the disk is full or read-only, or when the file's folder is only a link to
    another one; the old file is then untouched.
    """
    if file.parent.is_symlink():
        raise OSError(errno.ELOOP, "leads elsewhere", str(file.parent))
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            if callable(content):
                content(handle)
            else:
                handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _are_ten_digits(pictures: NDArray[Any]) -> bool:
    return pictures.shape == (10, 28, 28) and pictures.dtype == np.uint8


def _to_json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Say which file of a run it is that cannot be read, or is not taken."""
    try:
        yield
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=name) from error
    except UnsoundFileError as error:
        raise RunError(str(error), file=name) from error


def _is_sound(status: Status) -> bool:
    """Whether a worker may have written this. Raises OverflowError for numbers that none wrote."""
    counts = (status.epoch, status.beat, status.attempt)
    times = (status.seconds, 0.0 if status.seconds_left is None else status.seconds_left)
    loss = 0.0 if status.loss is None else status.loss
    words = (status.wish, status.memory_kills)
    return (
        status.state in STATES
        and status.message in REASONS
        and all(_is_number(count, int) and 0 <= count <= _MOST for count in counts)
        and all(_is_number(seconds) and 0 <= seconds <= _MOST for seconds in times)
        and _is_number(status.progress)
        and 0 <= status.progress <= 1
        and _is_number(loss)
        and math.isfinite(loss)
        and all(isinstance(word, str) and len(word) <= _LONGEST_WORD for word in words)
    )


def _is_number(value: object, kind: type | UnionType = float | int) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _by_name(weights: NetworkWeights) -> dict[str, NDArray[np.float16]]:
    """Weights as the arrays of an epoch's file: encoder_0 and 1 are its first kernel and bias."""
    return {
        f"{half}_{number}": array.astype(np.float16)
        for half, layers in (("encoder", weights.encoder), ("decoder", weights.decoder))
        for number, array in enumerate(chain.from_iterable(layers))
    }


def _weights_in(arrays: Mapping[str, NDArray[Any]]) -> NetworkWeights | None:
    """The weights in an epoch's file, if there are any."""
    encoder, decoder = (_layers_in(arrays, half) for half in ("encoder", "decoder"))
    return NetworkWeights(encoder, decoder) if encoder and decoder else None


def _layers_in(arrays: Mapping[str, NDArray[Any]], half: str) -> list[LayerWeights]:
    count = sum(name.startswith(f"{half}_") for name in arrays)
    found = [arrays[f"{half}_{number}"].astype(np.float32) for number in range(count)]
    return list(zip(found[::2], found[1::2], strict=True))


@dataclass(frozen=True)
class Run:
    """One run's folder. Reading never changes it."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def is_gone(self) -> bool:
        """Whether the folder was removed, or never made.

        Raises OSError while the disk does not say, as one of a network may for a moment.
        """
        try:
            (self.folder / "spec.json").stat()
        except (FileNotFoundError, NotADirectoryError):
            return True
        return False

    def spec(self) -> TrainingSpec:
        """What was asked. Raises RunError if spec.json is missing or damaged."""
        try:
            return TrainingSpec.from_dict(self._json("spec.json"))
        except (SpecError, TypeError) as error:
            raise RunError(f"is damaged: {error}", file="spec.json") from error

    def write_spec(self, spec: TrainingSpec) -> None:
        write_atomically(self.folder / "spec.json", _to_json(spec.to_dict()))

    def status(self) -> Status:
        """How far the run is. Raises RunError if status.json is missing or damaged."""
        values = self._object("status.json")
        known = {field.name for field in fields(Status)}
        try:
            status = Status(**{name: values[name] for name in known & set(values)})
            is_sound = "state" in values and _is_sound(status)
        except (TypeError, OverflowError):
            is_sound = False
        if not is_sound:
            raise RunError("is damaged", file="status.json")
        return status

    def last_status(self) -> Status:
        """The run's status, or a fresh one while there is none that can be read."""
        try:
            return self.status()
        except RunError:
            return Status()

    def write_status(self, status: Status) -> None:
        write_atomically(self.folder / "status.json", _to_json(asdict(status)))

    def overwrite_status(self, status: Status) -> None:
        """Write over the old status, which needs no space: for a disk that is full.

        Raises OSError where nothing may be written at all.
        """
        file = self.folder / "status.json"
        if not is_ordinary(file):
            raise OSError(errno.ELOOP, "leads elsewhere", str(file))
        content = json.dumps(asdict(status)).encode().ljust(_OVERWRITTEN)
        with file.open("r+b") as handle:
            handle.write(content)

    def epoch_numbers(self) -> list[int]:
        """The finished epochs, in order."""
        files = (self.folder / "epochs").glob("*.npz")
        return sorted(int(file.stem) for file in files if _EPOCH_NAME.fullmatch(file.stem))

    def has_epochs(self) -> bool:
        """Whether at least one epoch was finished (quicker than listing them all)."""
        return (self.folder / "epochs" / "0001.npz").is_file()

    def has_checkpoint(self) -> bool:
        """Whether a training can go on from the run's last epoch."""
        return (self.folder / "checkpoint.npz").is_file()

    def epoch(self, number: int) -> Epoch:
        """One finished epoch. Raises RunError if its file is missing or damaged."""
        name = f"epochs/{number:04d}.npz"
        try:
            arrays = read_arrays(self.folder, name, EPOCH_BYTES)
            epoch = Epoch(
                number=number,
                loss=float(arrays["loss"]),
                validation_loss=float(arrays["validation_loss"]),
                seconds=float(arrays["seconds"]),
                reconstructions=arrays["reconstructions"],
                codes=arrays["codes"],
                loss_parts={
                    name.removeprefix("part_"): float(array)
                    for name, array in arrays.items()
                    if name.startswith("part_")
                },
                weights=_weights_in(arrays),
            )
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise RunError("is missing or damaged", file=name) from error
        if not epoch.is_sound:
            raise RunError("is missing or damaged", file=name)
        return epoch

    def readable_epochs(self) -> Iterator[Epoch]:
        """The finished epochs in order, read one after the other; damaged ones are left out."""
        for number in self.epoch_numbers():
            with suppress(RunError):
                yield self.epoch(number)

    def write_epoch(self, epoch: Epoch) -> None:
        arrays: dict[str, Any] = {
            "loss": np.float32(epoch.loss),
            "validation_loss": np.float32(epoch.validation_loss),
            "seconds": np.float32(epoch.seconds),
            "reconstructions": epoch.reconstructions,
            "codes": epoch.codes,
        }
        for name, value in epoch.loss_parts.items():
            arrays[f"part_{name}"] = np.float32(value)
        if epoch.weights is not None:
            arrays |= _by_name(epoch.weights)
        file = self.folder / "epochs" / f"{epoch.number:04d}.npz"
        write_atomically(file, lambda handle: np.savez_compressed(handle, **arrays))

    def beginning(self) -> Bytes | None:
        """The ten test digits `(10, 28, 28)` as they came back before the first epoch.

        None if nobody wrote it down: old runs, and those that went on from others.
        """
        try:
            answers = read_arrays(self.folder, _BEGINNING, EPOCH_BYTES)["reconstructions"]
        except (OSError, KeyError, ValueError):
            return None
        return answers if _are_ten_digits(answers) else None

    def write_beginning(self, answers: Bytes) -> None:
        file = self.folder / _BEGINNING
        write_atomically(file, lambda handle: np.savez_compressed(handle, reconstructions=answers))

    def metrics(self) -> dict[str, Any]:
        """What was measured on the test images. Raises RunError if missing or damaged.

        The numbers `bce` and `mse` are always there, `seconds_per_epoch` if it was trained here.
        """
        values = self._object("metrics.json")
        try:
            numbers = [values[name] for name in _ALWAYS_MEASURED]
            numbers.append(values.get("seconds_per_epoch", 0.0))
            is_sound = all(map(math.isfinite, numbers))
        except (KeyError, TypeError, OverflowError):
            is_sound = False
        if not is_sound:
            raise RunError("is damaged", file="metrics.json")
        return values

    def write_metrics(self, metrics: Mapping[str, Any]) -> None:
        write_atomically(self.folder / "metrics.json", _to_json(dict(metrics)))

    def seal(self) -> None:
        """Write the checksums of the model's files; from then on the folder counts as whole."""
        sums = {name: self._sha256(name) for name in ("spec.json", *MODEL_FILES)}
        write_atomically(self.folder / "checksums.json", _to_json(sums))

    def is_sealed(self) -> bool:
        """Whether the folder claims to hold a whole model (without reading the files)."""
        return (self.folder / "checksums.json").is_file()

    def version(self) -> str:
        """A key for whatever was made from this model: another model here has another version.

        Training changes nothing about it; it is "" while the folder holds no whole model. Quick,
        since the model's files are not read, and the checksums only when their file is another.
        """
        try:
            file = (self.folder / "checksums.json").lstat()
            return _version(self.folder, file.st_ino, file.st_mtime_ns, file.st_size)
        except (OSError, UnsoundFileError):
            return ""

    def verify(self) -> None:
        """Raises RunError unless every file of the model is there and unaltered."""
        sums = self._object("checksums.json")
        for name in ("spec.json", *MODEL_FILES):
            if sums.get(name) != self._sha256(name):
                raise RunError("was altered or is not complete", file=name)

    def content(self, name: str, at_most: int = KERAS_BYTES) -> bytes:
        """One file of the model, unaltered since it was sealed, of at most so many bytes.

        Raises RunError for any other.
        """
        with _named(name):
            content = read_bytes(self.folder, name, at_most)
        if self._object("checksums.json").get(name) != hashlib.sha256(content).hexdigest():
            raise RunError("was altered or is not complete", file=name)
        return content

    def _object(self, name: str) -> dict[str, Any]:
        values = self._json(name)
        if not isinstance(values, dict):
            raise RunError("is damaged", file=name)
        return values

    def _json(self, name: str) -> object:
        with _named(name):
            return read_json(self.folder, name, JSON_BYTES)

    def _sha256(self, name: str) -> str:
        with _named(name), opened(self.folder, name, KERAS_BYTES) as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()

    def write_brought(self, content: bytes) -> None:
        """Put weights that were trained elsewhere where the worker looks for them."""
        write_atomically(self.folder / BROUGHT_FILE, content)

    def request_stop(self) -> None:
        """Ask whoever trains this run to stop; the worker looks several times a second."""
        write_atomically(self.folder / "stop", b"")

    def stop_requested(self) -> bool:
        """Whether somebody asked for it; not while a disk of the network does not answer."""
        with suppress(OSError):
            return (self.folder / "stop").exists()
        return False


@lru_cache(maxsize=1_000)
def _version(folder: Path, *_file: int) -> str:
    """`Run.version` of a folder whose checksums are in this very file: a page asks often."""
    return hashlib.sha256(read_bytes(folder, "checksums.json", JSON_BYTES)).hexdigest()[:16]


@dataclass(frozen=True)
class RunStore:
    """A folder of runs: `pretrained/`, which ships, or `runs/`, which visitors fill."""

    root: Path

    def get(self, name: str) -> Run:
        """The run of that name. Raises RunError for an unknown or improper name."""
        if not RUN_NAME.fullmatch(name):
            raise RunError("there is no such run")
        run = Run(self.root / name)
        if run.folder.is_symlink() or not (run.folder / "spec.json").is_file():
            raise RunError("there is no such run")
        return run

    def names(self) -> list[str]:
        """The names of all runs, sorted."""
        return sorted(self._ages())

    def runs(self) -> list[Run]:
        """All runs, sorted by name. Any of them may be removed meanwhile."""
        return [Run(self.root / name) for name in self.names()]

    def newest(self, count: int | None = None) -> list[str]:
        """The names of up to `count` runs (None: of all), those asked for last first."""
        ages = self._ages()
        return sorted(ages, key=lambda name: (-ages[name], name))[:count]

    def _ages(self) -> dict[str, int]:
        """When each run was last asked for, in nanoseconds since the epoch."""
        ages = {}
        for folder in self.root.glob("*"):
            if RUN_NAME.fullmatch(folder.name):
                with suppress(OSError):  # removed just now, or of a disk that does not answer
                    if not folder.is_symlink():
                        ages[folder.name] = (folder / "spec.json").stat().st_mtime_ns
        return ages
