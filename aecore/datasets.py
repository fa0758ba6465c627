"""MNIST, shipped with the app and kept as bytes.

MNIST is by Yann LeCun, Corinna Cortes and Christopher J. C. Burges (CC BY-SA 3.0).
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MNIST_FILE = Path(__file__).parent / "data" / "mnist.npz"
MNIST_SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"

SHOWN = 10_000
"""As many training images as the pages ever look at."""

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


def read_mnist(file: Path = MNIST_FILE) -> Mnist:
    """Read MNIST from `file` and verify its SHA-256.

    Raises DatasetError if the file is missing, unreadable or altered.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DatasetError(f"cannot be read: {error.strerror}", file=file.name) from error
    if hashlib.sha256(content).hexdigest() != MNIST_SHA256:
        raise DatasetError("has another checksum", file=file.name)
    with np.load(io.BytesIO(content)) as arrays:
        train_images, train_labels = _aligned(arrays["x_train"]), arrays["y_train"]
        test_images, test_labels = arrays["x_test"], arrays["y_test"]
    for array in (train_images, train_labels, test_images, test_labels):
        array.flags.writeable = False
    return Mnist(train_images, train_labels, test_images, test_labels)


def _aligned(images: Bytes) -> Bytes:
    """The same images at an address that is a multiple of 64, where TensorFlow can borrow them."""
    content = np.empty(images.size + 64, np.uint8)
    start = -content.ctypes.data % 64
    aligned = content[start : start + images.size].reshape(images.shape)
    aligned[:] = images
    return aligned


@lru_cache(maxsize=2)
def load_mnist(training_images: int = 60_000) -> Mnist:
    """The shipped MNIST, read once per process; its arrays are read-only.

    `training_images` keeps only the first so many of them, and spares the memory of the others.
    Raises DatasetError as `read_mnist` does.
    """
    everything = read_mnist()
    if training_images == len(everything.train_images):
        return everything
    images = everything.train_images[:training_images].copy()
    labels = everything.train_labels[:training_images].copy()
    images.flags.writeable = labels.flags.writeable = False
    return replace(everything, train_images=images, train_labels=labels)


def example_digits(mnist: Mnist) -> NDArray[np.int64]:
    """Indices of ten test images, the first of each class 0 to 9: what every training shows."""
    return np.array([int(np.argmax(mnist.test_labels == label)) for label in range(10)])
