"""PCA, the classical rival, with an autoencoder's interface."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from aecore.datasets import Bytes, DatasetError, Floats, to_float

PCA_FILE = Path(__file__).parent / "data" / "pca.npz"
"""All 784 components of the training images, fitted by `python -m aecore.worker.pretrain pca`."""

_CHUNK = 5_000


@dataclass(frozen=True)
class Pca:
    """Principal component analysis (Pearson 1901) as a linear encoder and decoder.

    mean        float32 (784,): the mean image
    components  float32 (784, 784) or fewer rows: orthonormal directions, largest variance first
    code_size   how many components the code keeps
    """

    mean: Floats
    components: Floats
    code_size: int

    @classmethod
    def fit(cls, images: Bytes, code_size: int = 32) -> Pca:
        """Fit to uint8 images `(n, 28, 28)`, reading them in chunks to spare memory."""
        total = np.zeros(784)
        products = np.zeros((784, 784))
        for start in range(0, len(images), _CHUNK):
            rows = to_float(images[start : start + _CHUNK]).reshape(-1, 784)
            total += rows.sum(axis=0, dtype=np.float64)
            products += rows.T @ rows
        mean = total / len(images)
        covariance = products / len(images) - np.outer(mean, mean)
        components = np.linalg.eigh(covariance).eigenvectors.T[::-1]
        return cls(mean.astype(np.float32), components.astype(np.float32), code_size)

    def keeping(self, code_size: int) -> Pca:
        """The same PCA with another number of components, 1 to 784."""
        if not 1 <= code_size <= len(self.components):
            raise ValueError(f"code_size must lie between 1 and {len(self.components)}")
        return Pca(self.mean, self.components, code_size)

    @property
    def code_shape(self) -> tuple[int, ...]:
        """The shape of one code, as an autoencoder's has one."""
        return (self.code_size,)

    def encode(self, images: Floats) -> Floats:
        """Images `(n, 28, 28)` to codes `(n, code_size)`."""
        codes = (images.reshape(-1, 784) - self.mean) @ self.components[: self.code_size].T
        return np.asarray(codes, np.float32)

    def decode(self, codes: Floats) -> Floats:
        """Codes `(n, code_size)` to images `(n, 28, 28)`, clipped to [0, 1]."""
        flat = codes @ self.components[: self.code_size] + self.mean
        return np.asarray(np.clip(flat, 0, 1).reshape(-1, 28, 28), np.float32)

    def reconstruct(self, images: Floats) -> Floats:
        """Encode and decode: images `(n, 28, 28)` to images `(n, 28, 28)`."""
        return self.decode(self.encode(images))

    def save(self, file: Path = PCA_FILE) -> None:
        """Write mean and components to `file`."""
        np.savez_compressed(file, mean=self.mean, components=self.components)


@cache
def load_pca() -> Pca:
    """The shipped PCA of the 60,000 training images, read once per process; see `keeping`.

    Raises DatasetError if its file is missing or damaged.
    """
    try:
        with np.load(PCA_FILE, allow_pickle=False) as arrays:
            return Pca(arrays["mean"], arrays["components"], code_size=32)
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError("is missing or damaged", file=PCA_FILE.name) from error
