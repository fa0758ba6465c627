"""Keeping a trained network: everything that makes a run's folder a model."""

from __future__ import annotations

import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from aecore.datasets import SHOWN, Floats, load_mnist
from aecore.runs import Content, Run, write_atomically
from aecore.worker.checkpoint import as_npz
from aecore.worker.examination import Examination
from aecore.worker.onnx_export import decoder_to_onnx, encoder_to_onnx

if TYPE_CHECKING:
    import keras

    from aecore.worker.learner import Arrays, Learner

_LONGEST_INDEXED_CODE = 64
_ENCODED = 1_000
_NOTHING = 1e-6


def keep_model(run: Run, learner: Learner, examination: Examination, epoch: int) -> None:
    """Write the network that `learner` has after `epoch` into the folder, and seal it.

    An older model there stays whole until the new one is measured. Raises OSError when the disk is
    full.
    """
    networks = learner.networks
    metrics = _metrics(run, learner, examination, epoch)
    neighbours = _neighbours(learner)
    files: dict[str, Content] = {  # made one after the other: some are large
        "model.keras": lambda file: file.write(_keras_file(networks.autoencoder)),
        "encoder.onnx": lambda file: file.write(
            encoder_to_onnx(networks.plan, networks.encoder.get_weights())
        ),
        "decoder.onnx": lambda file: file.write(
            decoder_to_onnx(networks.plan, networks.decoder.get_weights())
        ),
        "neighbours.npz": as_npz(neighbours),
    }
    (run.folder / "checksums.json").unlink(missing_ok=True)
    for name, content in files.items():
        write_atomically(run.folder / name, content)
    run.write_metrics(metrics)
    run.seal()


def _keras_file(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as elsewhere:
        file = Path(elsewhere) / "model.keras"
        model.save(file)
        return file.read_bytes()


def _neighbours(learner: Learner) -> Arrays:
    """Codes of training images in half precision; long ones by their principal components.

    They are kept in units of a power of two: what visitors bring may have codes that are larger
    than half precision can say. Long codes of all images would be 60 MB, and are never held
    together.
    """
    images = load_mnist().train_images[:SHOWN]
    if learner.networks.plan.code_size <= _LONGEST_INDEXED_CODE:
        return _halved(learner.encode(images))
    basis = _principal_directions(learner.encode(images[:_ENCODED]), _LONGEST_INDEXED_CODE)
    parts = [images[start : start + _ENCODED] for start in range(0, SHOWN, _ENCODED)]
    codes = np.concatenate([learner.encode(part) @ basis for part in parts])
    return _halved(codes) | {"basis": basis.astype(np.float16)}


def _halved(codes: Floats) -> Arrays:
    unit = np.exp2(np.floor(np.log2(max(float(np.abs(codes).max()), 1e-30)))).astype(np.float32)
    return {"codes": (codes / unit).astype(np.float16), "unit": unit}


def _principal_directions(codes: Floats, count: int) -> Floats:
    """The `count` directions `(code_size, count)` in which codes vary most; 0 where they do not.

    The inner products of codes say the same as the covariances of their numbers, of which the
    longest codes have more (Turk & Pentland 1991, "Eigenfaces").
    """
    centred = codes - codes.mean(axis=0)
    size = len(codes)
    _, shares = scipy.linalg.eigh(centred @ centred.T, subset_by_index=(size - count, size - 1))
    directions = centred.T @ shares
    lengths = np.linalg.norm(directions, axis=0)
    return np.asarray(directions / np.maximum(lengths, _NOTHING), np.float32)


def _metrics(run: Run, learner: Learner, examination: Examination, epoch: int) -> dict[str, Any]:
    return {
        **examination.scores(learner),
        **({} if examination.spec.brought else _time_taken(run)),
        "noise": examination.spec.noise,
        "parameters": learner.networks.plan.parameters,
        "epochs": epoch,
        "versions": {name: version(name) for name in ("keras", "numpy", "onnx")}
        | {"python": platform.python_version(), "tensorflow": _tensorflow_version()},
    }


def _time_taken(run: Run) -> dict[str, float]:
    """How long its epochs took, as far as their files can be read; {} if none can."""
    seconds = [epoch.seconds for epoch in run.readable_epochs()]
    if not seconds:
        return {}
    return {
        "training_seconds": float(np.sum(seconds)),
        # In the first one the network was compiled, too.
        "seconds_per_epoch": float(np.median(seconds[1:] or seconds)),
    }


def _tensorflow_version() -> str:
    import tensorflow as tf

    return str(tf.__version__)
