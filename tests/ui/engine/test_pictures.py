"""The numbers beside pictures are in the browser what they are on the server."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page

from aecore.datasets import load_mnist, to_float
from aecore.metrics import mse, psnr, ssim
from aecore.noise import add_noise
from aecore.ui.pictures import code_picture
from tests.ui.engine.conftest import NUMBERS_OF, base64_of

_MEASURE = f"""([image, answers]) => {{ {NUMBERS_OF}
  const {"{ meanSquaredError, decibels, structuralSimilarity }"} = pictures;
  return answers.map(numbersOf).map((answer) => {{
    const error = meanSquaredError(numbersOf(image), answer);
    return [error, decibels(error), structuralSimilarity(numbersOf(image), answer)];
  }});
}}"""


_OUTLINE = f"""(code) => {{ {NUMBERS_OF}
  const numbers = numbersOf(code);
  return pictures.outlineOfBars(numbers, Math.max(...numbers.map(Math.abs)) || 1);
}}"""


@pytest.mark.parametrize(
    "code", [[0.5, 2.0, 0.0, 1.25], [-3.0, 1.0, 0.125], [0.0, 0.0, 0.0], [*np.linspace(-1, 2, 32)]]
)
def test_a_code_has_the_same_bars_as_on_the_server(engine: Page, code: list[float]) -> None:
    numbers = np.array(code, np.float32)
    server = code_picture(numbers, "")
    here = engine.evaluate(_OUTLINE, base64_of(numbers))
    assert [float(each) for each in re.findall(r"[\d.]+(?=%)", here)] == pytest.approx(
        [float(each) for each in re.findall(r"[\d.]+(?=%)", server)], abs=0.11
    )
    assert len(re.findall("%", here)) == 8 * len(code)


def test_errors_and_similarities_are_those_of_the_server(engine: Page) -> None:
    image, other = to_float(load_mnist(10_000).test_images[:2])
    noisy = [add_noise(image[None], "gaussian", level, seed=0)[0] for level in (0.1, 0.5, 3.0)]
    answers = [*noisy, other, np.zeros_like(image), 1 - image]
    found = engine.evaluate(_MEASURE, [base64_of(image), [base64_of(each) for each in answers]])
    for numbers, answer in zip(found, answers, strict=True):
        expected = [measure(image, answer) for measure in (mse, psnr, ssim)]
        assert numbers == pytest.approx(expected, rel=1e-4, abs=1e-4)
