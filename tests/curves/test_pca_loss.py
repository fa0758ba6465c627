"""PCA's loss on all test images: as one would compute it at once, but in little memory."""

from __future__ import annotations

import tracemalloc

import pytest

from aecore.curves.pca_loss import pca_loss
from aecore.datasets import SHOWN, load_mnist, to_float
from aecore.metrics import bce
from aecore.noise import add_noise
from aecore.projections import load_pca


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_it_is_the_loss_on_all_images_with_any_noise_of_that_strength(noise: float) -> None:
    images = to_float(load_mnist(SHOWN).test_images)
    given = add_noise(images, "gaussian", noise, seed=3)
    expected = bce(images, load_pca().keeping(32).reconstruct(given))
    assert pca_loss(32, noise) == pytest.approx(expected, abs=2e-4 if noise else 1e-6)


def test_a_visitor_s_wish_for_it_takes_little_memory() -> None:
    pca_loss(1, 0.0)  # loads the data
    tracemalloc.start()
    try:
        pca_loss(288, 0.5)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40_000_000
