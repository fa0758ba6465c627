"""What PCA with an equally large code loses on the test images: a rule to judge networks by."""

from __future__ import annotations

import numpy as np

from aecore.datasets import SHOWN, Floats, load_mnist, to_float
from aecore.metrics import bce
from aecore.noise import noise_field
from aecore.projections import load_pca

_AT_ONCE = 1_000
"""Images that are answered together, to spare memory."""


def pca_loss(code_size: int, noise: float) -> float:
    """BCE per pixel on all 10,000 test images, of PCA with `code_size` components (below 784).

    noise  sigma of the Gaussian noise on the inputs; the targets are clean

    Each thousand of images gets the same noise: to draw it takes longer than all the rest. Raises
    DatasetError.
    """
    pca, images = load_pca().keeping(code_size), load_mnist(SHOWN).test_images
    added = np.float32(noise) * noise_field("gaussian", seed=0, count=_AT_ONCE) if noise else None
    losses = []
    for start in range(0, len(images), _AT_ONCE):
        targets = to_float(images[start : start + _AT_ONCE])
        inputs: Floats = targets if added is None else np.clip(targets + added, 0, 1)
        losses.append(bce(targets, pca.reconstruct(inputs)))
    return float(np.mean(losses))
