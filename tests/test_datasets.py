"""MNIST as shipped: the real one, and refused when it is not."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from aecore.datasets import MNIST_FILE, DatasetError, load_mnist, read_mnist, to_float
from tests.conftest import PROJECT


def test_the_arrays_are_the_published_files() -> None:
    """The IDX files of the database have these MD5 sums, header included."""
    mnist = load_mnist()
    sums = {
        "train": (mnist.train_images, "6bbc9ace898e44ae57da46a324031adb"),
        "test": (mnist.test_images, "2646ac647ad5339dbf082846283269ea"),
    }
    for images, published in sums.values():
        header = b"".join(n.to_bytes(4, "big") for n in (2051, *images.shape))
        md5 = hashlib.md5(header + images.tobytes(), usedforsecurity=False).hexdigest()
        assert md5 == published


def test_visitors_share_arrays_that_nobody_can_change() -> None:
    with pytest.raises(ValueError, match="read-only"):
        load_mnist().test_images[0, 0, 0] = 1


def test_images_are_scaled_to_one() -> None:
    scaled = to_float(load_mnist().test_images[:100])
    assert scaled.dtype == np.float32
    assert scaled.min() == 0
    assert scaled.max() == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"mnist\.npz"):
        read_mnist(tmp_path / "mnist.npz")


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    altered = bytearray(MNIST_FILE.read_bytes())
    altered[len(altered) // 2] ^= 1
    file = tmp_path / "mnist.npz"
    file.write_bytes(altered)
    with pytest.raises(DatasetError, match="checksum"):
        read_mnist(file)


def test_training_images_lie_where_tensorflow_can_borrow_them() -> None:
    """Its convolutional nets abort the process on images at any other address."""
    assert load_mnist().train_images.ctypes.data % 64 == 0


def test_the_first_training_images_may_be_had_without_the_others() -> None:
    few, everything = load_mnist(1_000), load_mnist()
    assert few.train_images.shape == (1_000, 28, 28)
    assert np.array_equal(few.train_images, everything.train_images[:1_000])
    assert np.array_equal(few.train_labels, everything.train_labels[:1_000])
    assert few.test_images.shape == (10_000, 28, 28)
    with pytest.raises(ValueError, match="read-only"):
        few.train_images[0, 0, 0] = 1


def test_a_full_disk_for_temporary_files_is_no_obstacle(small_disk: Path) -> None:
    """Whoever writes to a mapped file that the disk has no room for is ended by the system."""
    program = "from aecore.datasets import read_mnist; print(read_mnist().train_images.shape)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": str(small_disk)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (answer.returncode, answer.stdout) == (0, "(60000, 28, 28)\n")
