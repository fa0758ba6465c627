"""The answers to the worksheet's exercises, computed from the models that ship, as pages do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aecore.datasets import Floats
from aecore.metrics import MEAN_IMAGE_MSE, mse
from aecore.ui.controls import level_title
from aecore.ui.denoise.curves import first_level_ahead
from aecore.ui.denoise.methods import filter_curve, model_curve
from aecore.ui.digits import digit_at
from aecore.ui.language import _
from aecore.ui.latent.duel import winner
from aecore.ui.latent.measured import pictures_in_gaps
from aecore.ui.learn.measured import five_answers, losses, pixels_of_one_number, smallest_error
from aecore.ui.models import model_title, open_model
from aecore.ui.predictions import option_title, written_answer
from aecore.ui.questions import QUESTION, Answer
from aecore.ui.reader import UNREADABLE, read
from aecore.ui.strip import StripRow
from aecore.ui.teaching.exercises import (
    COMPARED,
    DENOISERS,
    DREAMT_DIGIT,
    EXERCISES,
    FILTERS_ASKED,
    MAPPED,
    NOISE,
    drowned_digit,
    lesson_digit,
)

Shown = list[tuple[Floats, str]]
"""Images `(28, 28)` with their captions."""


@dataclass(frozen=True)
class Solved:
    """An exercise with its answer, all in the visitor's language.

    measured  how the answer was found
    shown     pictures that show it
    """

    question: str
    answer: str
    measured: str
    shown: Shown


def solved_exercises() -> list[Solved]:
    """All of the worksheet's, in its order. Raises RunError or DatasetError."""
    return [_dreams() if name == "dreams" else _of_table(name) for name in EXERCISES]


def _of_table(name: str) -> Solved:
    found, pictures = _ANSWERS[name], _PICTURES.get(name, list)
    question = QUESTION[name]
    answer = written_answer(question.kind, found())
    return Solved(
        _(question.text),
        f"{answer} · {level_title(NOISE)}" if name == "pays" else answer,
        _(question.measured).format(mean=MEAN_IMAGE_MSE),
        pictures(),
    )


def _dreams() -> Solved:
    """Which digit it was, and what a program reads in the answers."""
    question, digit, drowned = EXERCISES["dreams"], digit_at(DREAMT_DIGIT), drowned_digit()
    shown: Shown = [(digit.image, _("clean"))]
    for name in DENOISERS:
        answer = open_model(name).reconstruct(drowned[None])
        seen = int(read(answer)[0])
        reads = _("cannot be read") if seen == UNREADABLE else _("reads as {digit}")
        shown.append((answer[0], f"{model_title(name)}\n{reads.format(digit=seen)}"))
    measured = _(
        "Strokes that are in the answer and not in the clean digit were dreamt. The noisy picture "
        "alone does not tell: other noise on the same digit brings another answer."
    )
    return Solved(_(question), str(digit.label), measured, shown)


def _compared() -> list[StripRow]:
    image = lesson_digit().image
    return [StripRow.through(name, open_model(name), image, image) for name in COMPARED]


def _come_back() -> Shown:
    rows = _compared()
    return [
        (row.reconstruction, f"{row.title}\nMSE {mse(row.original, row.reconstruction):.4f}")
        for row in rows
    ]


def _ladder() -> Shown:
    """The five answers in their order, over their losses."""
    digit = lesson_digit()
    images = five_answers(digit)
    return [
        (images[name], f"{option_title('ladder', name)}\n{loss:.3f}")
        for name, loss in losses(digit).items()
    ]


def _level_that_pays() -> float:
    networks = [model_curve(name, NOISE) for name in DENOISERS]
    return first_level_ahead(networks, [filter_curve(name, NOISE) for name in FILTERS_ASKED], NOISE)


_ANSWERS: dict[str, Callable[[], Answer]] = {
    "keeps_most": lambda: smallest_error(_compared()),
    "one_number": lambda: pixels_of_one_number(lesson_digit()),
    "ladder": lambda: tuple(losses(lesson_digit())),
    "pays": _level_that_pays,
    "gap": lambda: next(iter(pictures_in_gaps(MAPPED))),
    "duel": lambda: winner(MAPPED),
}

_PICTURES: dict[str, Callable[[], Shown]] = {"keeps_most": _come_back, "ladder": _ladder}
