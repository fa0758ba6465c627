"""MNIST, shipped with the app and kept as bytes.

MNIST is by Yann LeCun, Corinna Cortes and Christopher J. C. Burges (CC BY-SA 3.0).
"""

from __future__ import annotations

import hashlib
import io
import math
import mmap
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

MNIST_FILE = Path(__file__).parent / "data" / "mnist.npz"
MNIST_SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"

SHOWN = 10_000
"""As many training images as the pages ever look at."""

_UNPACKED = 1_000_000
"""Bytes that are unpacked at a time."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


class DatasetError(Exception):
    """A data file that ships with the lab is missing or is not the one we shipped."""

    def __init__(self, problem: str, *, file: str) -> None:
        super().__init__(f"{file} {problem}")
        self.file = file


@dataclass(frozen=True)
class Mnist:
    """The 70,000 digits. Images are uint8 `(n, 28, 28)` in 0-255, white ink on black."""

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes


def to_float(images: Bytes) -> Floats:
    """Scale bytes 0-255 to float32 in [0, 1], the range every network here works in."""
    return images.astype(np.float32) / np.float32(255)


def read_mnist(file: Path = MNIST_FILE, training_images: int = 60_000) -> Mnist:
    """Read MNIST from `file` and verify its SHA-256; of the training images only the first so many.

    Raises DatasetError if the file is missing, unreadable or altered.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DatasetError(f"cannot be read: {error.strerror}", file=file.name) from error
    if hashlib.sha256(content).hexdigest() != MNIST_SHA256:
        raise DatasetError("has another checksum", file=file.name)
    with ZipFile(io.BytesIO(content)) as arrays:
        return Mnist(
            train_images=_read_rows(arrays, "x_train", training_images),
            train_labels=_read_rows(arrays, "y_train", training_images),
            test_images=_read_rows(arrays, "x_test"),
            test_labels=_read_rows(arrays, "y_test"),
        )


def _read_rows(arrays: ZipFile, name: str, count: int | None = None) -> Bytes:
    """The first `count` rows of an array of bytes, unpacked in place and never held twice."""
    with arrays.open(f"{name}.npy") as file:
        np.lib.format.read_magic(file)
        shape, *_ = np.lib.format.read_array_header_1_0(file)
        shape = (shape[0] if count is None else count, *shape[1:])
        size = math.prod(shape)
        rows = _room_for(size)
        for at in range(0, size, _UNPACKED):
            part = file.read(min(_UNPACKED, size - at))
            rows[at : at + len(part)] = np.frombuffer(part, np.uint8)
    rows = rows.reshape(shape)
    rows.flags.writeable = False
    return rows


def _room_for(size: int) -> Bytes:
    """So many bytes in a nameless temporary file, mapped into memory; without room, in memory.

    Where memory is short, the system can let go of those that nobody looks at just now. They
    begin at a page, so that TensorFlow can borrow them: it needs multiples of 64.
    """
    try:
        with tempfile.TemporaryFile() as file:
            _reserve(file.fileno(), size)
            room = mmap.mmap(file.fileno(), size)
    except OSError:
        room = mmap.mmap(-1, size)
    return np.frombuffer(room, np.uint8)


def _reserve(file: int, size: int) -> None:
    """Make an open file that large. Raises OSError where the disk has no room for it.

    A file with holes would be quicker, and whoever filled them on a full disk would be ended by
    the system, without an error that could be caught.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.truncate(file, size)


@lru_cache(maxsize=2)
def load_mnist(training_images: int = 60_000) -> Mnist:
    """The shipped MNIST, read once per process; its arrays are read-only.

    `training_images` keeps only the first so many of them, and spares the memory of the others.
    Raises DatasetError as `read_mnist` does.
    """
    return read_mnist(training_images=training_images)


def example_digits(mnist: Mnist) -> NDArray[np.int64]:
    """Indices of ten test images, the first of each class 0 to 9: what every training shows."""
    return np.array([int(np.argmax(mnist.test_labels == label)) for label in range(10)])
