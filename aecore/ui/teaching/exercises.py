"""The worksheet's exercises in order, and what they and the lesson's links look at."""

from __future__ import annotations

from aecore.datasets import Floats
from aecore.filters import FilterKind
from aecore.noise import NoiseKind, add_noise
from aecore.settings import N_
from aecore.ui.digits import ChosenDigit, digit_at
from aecore.ui.questions import QUESTION

EXERCISES: dict[str, str] = {
    **{name: QUESTION[name].text for name in ("keeps_most", "one_number", "ladder", "pays")},
    "dreams": N_("The same noisy digit, answered by two networks. Which digit was it?"),
    **{name: QUESTION[name].text for name in ("gap", "duel")},
}
"""What each asks, in English, by its name; but for `dreams`, a page asks the same question."""

COMPARED = ("plain", "deep")
"""The models of which one keeps most of a digit; the first is the one whose code is printed."""

DENOISERS = ("denoise", "denoise_any")
FILTERS_ASKED: tuple[FilterKind, ...] = ("median", "gaussian")
NOISE: NoiseKind = "gaussian"
"""Who takes which noise away."""

MAPPED = "latent2d"
"""The model whose map is asked about."""

LESSON_DIGIT, DREAMT_DIGIT = 0, 1
"""Indices of test images: the one that is looked at, and the one that drowns in noise."""

DREAMT_SIGMA = 3.0


def lesson_digit() -> ChosenDigit:
    """The digit that is looked at. Raises DatasetError."""
    return digit_at(LESSON_DIGIT)


def drowned_digit() -> Floats:
    """The digit that was dreamt of, in its noise: `(28, 28)`, as the page Denoise shows it."""
    digit = digit_at(DREAMT_DIGIT)
    drowned: Floats = add_noise(digit.image[None], NOISE, DREAMT_SIGMA, seed=0)[0]
    return drowned
