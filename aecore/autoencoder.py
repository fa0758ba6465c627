"""The autoencoder the lab serves: two ONNX networks out of a model folder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from aecore.datasets import SHOWN, Bytes, Floats, to_float
from aecore.guarded.bounds import INDEX_BYTES
from aecore.guarded.files import UnsoundFileError, unpack_arrays
from aecore.networks import Shape, plan
from aecore.onnx_weights import load_halves
from aecore.projections import Pca
from aecore.runs import Run, RunError
from aecore.specs import TrainingSpec

INDEXED_IMAGES = SHOWN
"""How many training images the search for nearest codes looks through."""

_BATCH = 128
"""Images per call: bounds the memory of the convolutional nets' feature maps."""


class Network:
    """One half of an autoencoder, run by ONNX Runtime."""

    def __init__(self, onnx: bytes) -> None:
        """From an ONNX file that `aecore.onnx_weights` has found sound."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # fastest for networks this small
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # give memory back between visitors
        self._session = onnxruntime.InferenceSession(
            onnx, options, providers=["CPUExecutionProvider"]
        )
        self._session._model_bytes = None  # kept only to begin anew; as large as all weights
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: Floats) -> Floats:
        """Apply the network to every row of `batch`; an empty batch gives an empty answer."""
        outputs = [
            np.asarray(self._session.run(None, {self._input: batch[start : start + _BATCH]})[0])
            for start in range(0, max(len(batch), 1), _BATCH)
        ]
        return np.concatenate(outputs).astype(np.float32, copy=False)


@dataclass(frozen=True)
class Autoencoder:
    """An encoder and a decoder, ready to use.

    Images are float32 `(n, 28, 28)` in [0, 1]; codes are float32 `(n, code_size)`.
    """

    spec: TrainingSpec
    encoder: Network
    decoder: Network

    @classmethod
    def load(cls, folder: Path | str) -> Autoencoder:
        """Open a model folder after verifying its checksums. Raises RunError if damaged."""
        run = Run(Path(folder))
        run.verify()
        encoder, decoder = load_halves(run)
        try:
            return cls(run.spec(), Network(encoder.onnx), Network(decoder.onnx))
        except Exception as error:  # ONNX Runtime raises its own, undocumented types
            raise RunError("cannot be opened", file="encoder.onnx or decoder.onnx") from error

    @property
    def code_size(self) -> int:
        """Numbers per code."""
        return self.spec.code_size

    @property
    def code_shape(self) -> Shape:
        """The shape a code has inside the network: (32,), or (7, 7, 32) for maps."""
        return plan(self.spec.architecture, self.spec.code_size).code_shape

    def encode(self, images: Floats) -> Floats:
        """Images `(n, 28, 28)` to codes `(n, code_size)`."""
        return self.encoder(np.ascontiguousarray(images, np.float32))

    def decode(self, codes: Floats) -> Floats:
        """Codes `(n, code_size)` to images `(n, 28, 28)` in [0, 1]."""
        return np.clip(self.decoder(np.ascontiguousarray(codes, np.float32)), 0, 1)

    def reconstruct(self, images: Floats) -> Floats:
        """Encode and decode: images `(n, 28, 28)` to images `(n, 28, 28)`."""
        return self.decode(self.encode(images))


@dataclass(frozen=True)
class NeighbourIndex:
    """Codes of training images, to find those nearest to a given code.

    codes  float32 (n, d): the codes of the first n training images, in units of `unit`
    basis  float32 (code_size, d) or None: very long codes are compared by their d principal
           components, which keeps the index small
    """

    codes: Floats
    basis: Floats | None
    unit: float = 1.0

    @classmethod
    def load(cls, folder: Path | str) -> NeighbourIndex:
        """Read a model folder's `neighbours.npz`. Raises RunError if missing or damaged."""
        run = Run(Path(folder))
        size = run.spec().code_size
        content = run.content("neighbours.npz", INDEX_BYTES)
        try:
            arrays = unpack_arrays(content, INDEX_BYTES)
            codes = arrays["codes"].astype(np.float32)
            basis = arrays["basis"].astype(np.float32) if "basis" in arrays else None
            unit = float(arrays.get("unit", np.float32(1)))
        except (KeyError, TypeError, UnsoundFileError) as error:
            raise RunError("is missing or damaged", file="neighbours.npz") from error
        way = np.eye(size) if basis is None else basis
        if way.ndim != 2 or len(way) != size or codes.shape != (INDEXED_IMAGES, way.shape[1]):
            raise RunError("holds the codes of another network", file="neighbours.npz")
        if not (np.isfinite(codes).all() and np.isfinite(way).all() and 0 < unit < math.inf):
            raise RunError("holds what is no number", file="neighbours.npz")
        return cls(codes, basis, unit)

    @classmethod
    def of_pca(cls, pca: Pca, images: Bytes) -> NeighbourIndex:
        """The index of the first 10,000 of `images`, uint8 `(n, 28, 28)`, under PCA."""
        return cls(pca.encode(to_float(images[:INDEXED_IMAGES])), basis=None)

    @cached_property
    def _squares(self) -> Floats:
        return np.asarray(np.einsum("ij,ij->i", self.codes, self.codes))

    def nearest(self, code: Floats, count: int = 5) -> NDArray[np.int64]:
        """Indices into the training images, nearest first, for one code `(code_size,)`."""
        place = (code if self.basis is None else code @ self.basis) / np.float32(self.unit)
        # |c - p|^2 less |p|^2, which is the same for all: makes no array as large as the index.
        distances = self._squares - 2 * (self.codes @ place)
        nearest = np.argpartition(distances, count)[:count]
        return nearest[np.argsort(distances[nearest])].astype(np.int64)
