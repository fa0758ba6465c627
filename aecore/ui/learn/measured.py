"""What the predictions of the page Learn are held against."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from aecore.datasets import Floats
from aecore.metrics import bce, mse
from aecore.noise import add_noise
from aecore.projections import load_pca
from aecore.ui.digits import ChosenDigit
from aecore.ui.models import open_model
from aecore.ui.reader import read
from aecore.ui.state import visit
from aecore.ui.strip import StripRow

_SIGMAS = np.arange(31) / 20
"""What the slider of the noise can be set to."""

_VISIBLE = 0.1
"""A pixel that changes by more than this much of white has changed visibly."""


def first_misread_sigma(digit: ChosenDigit) -> float:
    """The smallest σ at which the denoising network's answer is not read as its digit.

    Infinity if there is none; minus infinity if it is not read even without noise, since then the
    reader is no judge. With the visitor's draw of the noise. Raises RunError.
    """
    wrong = _SIGMAS[read(cleaned(digit, _SIGMAS.tolist())) != digit.label]
    if len(wrong) == 0:
        return math.inf
    return float(wrong[0]) if wrong[0] > 0 else -math.inf


def cleaned(digit: ChosenDigit, sigmas: Sequence[float]) -> Floats:
    """The denoising network's answers `(n, 28, 28)` to a digit with noise of these strengths.

    With the visitor's draw of the noise. Raises RunError.
    """
    seed = visit().noise_seed
    noisy = np.concatenate([add_noise(digit.image[None], "gaussian", s, seed) for s in sigmas])
    return open_model("denoise").reconstruct(noisy)


def pixels_of_one_number(digit: ChosenDigit) -> int:
    """How many pixels change visibly when the largest number of the plain code becomes 0."""
    model = open_model("plain")
    code = model.encode(digit.image[None])
    without = code.copy()
    without[0, code.argmax()] = 0
    return int((np.abs(model.decode(without) - model.decode(code)) > _VISIBLE).sum())


def losses(digit: ChosenDigit) -> dict[str, float]:
    """The BCE of each of the five answers to a digit, smallest first. Raises RunError."""
    found = {name: bce(digit.image, image) for name, image in five_answers(digit).items()}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def five_answers(digit: ChosenDigit) -> dict[str, Floats]:
    """A digit answered well and badly, by the names of the question's options."""
    pca = load_pca()
    return {
        "mean": pca.mean.reshape(28, 28),
        "plain": open_model("plain").reconstruct(digit.image[None])[0],
        "itself": digit.image,
        "pca": pca.reconstruct(digit.image[None])[0],
        "deep": open_model("deep").reconstruct(digit.image[None])[0],
    }


def smallest_error(rows: Sequence[StripRow]) -> str:
    """The name of the row whose reconstruction has the smallest MSE."""
    return min(rows, key=lambda row: mse(row.original, row.reconstruction)).name
