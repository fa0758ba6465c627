"""The noise that a browser scales is the noise the server adds."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from aecore.datasets import load_mnist, to_float
from aecore.noise import NOISE_KINDS, NOISE_RANGES, NoiseKind, add_noise, noise_field
from tests.ui.engine.conftest import NUMBERS_OF, base64_of, floats_of

_ADD = f"""([image, kind, field, levels]) => {{ {NUMBERS_OF}
  const known = {{ kind, field: Float64Array.from(field) }};
  return levels.map((level) => textOf(noise.addNoise(numbersOf(image), known, level)));
}}"""


@pytest.mark.parametrize("kind", NOISE_KINDS)
@pytest.mark.parametrize("seed", [0, 7])
def test_it_is_the_same_to_the_last_digit(engine: Page, kind: NoiseKind, seed: int) -> None:
    image = to_float(load_mnist(10_000).test_images[seed])
    bounds = NOISE_RANGES[kind]
    levels = [bounds.step * step for step in range(round(bounds.highest / bounds.step) + 1)]
    field = noise_field(kind, seed).astype(float).ravel().tolist()
    found = engine.evaluate(_ADD, [base64_of(image), kind, field, levels])
    for level, text in zip(levels, found, strict=True):
        expected = add_noise(image[None], kind, min(level, bounds.highest), seed)[0]
        assert np.array_equal(floats_of(text).reshape(28, 28), expected), level
