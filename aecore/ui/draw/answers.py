"""The parts of the page Draw: how a drawing becomes an MNIST image, the rows, the neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
import streamlit as st

from aecore.datasets import to_float
from aecore.drawing import Preparation
from aecore.metrics import mse
from aecore.settings import Span
from aecore.ui.controls import chosen_noise, level_title, with_noise
from aecore.ui.digits import ChosenDigit
from aecore.ui.engine.live import Live
from aecore.ui.figures import figure, picture, row_of_digits, show_row_of_digits
from aecore.ui.language import _
from aecore.ui.models import mnist, neighbour_index, open_model
from aecore.ui.page import say_if_broken, show_html
from aecore.ui.pictures import digit_uri
from aecore.ui.predictions import ask, is_covered, strokes_of, subject_of
from aecore.ui.state import mirror, visit
from aecore.ui.strip import StripRow, pipeline_strip

NEIGHBOURS = 5

_COARSEST = 80
"""Pixels of the longer side that the picture of the cropped drawing is thinned out to."""


def offer_test_digit() -> None:
    """For whoever cannot draw: another test digit at every click."""
    st.button(_("Random digit"), icon=":material/autorenew:", on_click=_any_test_digit)


def _any_test_digit() -> None:
    visit().digit = int(np.random.default_rng().integers(10_000))
    visit().source = "digit"
    mirror()


def show_what_goes_in(digit: ChosenDigit) -> None:
    """Show the image that the models get, and how a drawing became it."""
    steps = _steps_to(digit)
    if steps is None:
        show_row_of_digits(digit.image[None], [digit.spoken], [digit.spoken])
    else:
        _show_steps(steps)


def say_what_goes_in(digit: ChosenDigit) -> None:
    """A sentence or two about that image: where it is from, and what to look for."""
    steps = _steps_to(digit)
    if steps is None:
        st.caption(_("One of the 10,000 test images: no model was trained on them."))
        return
    ink = _("Mean ink <b>{ink:.2f}</b> (0 is black paper, 1 all white; MNIST's digits: 0.13)")
    show_html(f'<p class="small">{ink.format(ink=float(steps.image.mean()))}</p>')
    st.caption(
        _(
            "The models learnt from digits that were all prepared like this: 20 pixels high or "
            "wide, with lines as thick as MNIST's, centred by mass. Draw small in a corner, or "
            "with a broad brush: what changes in the third picture?"
        )
    )


def _steps_to(digit: ChosenDigit) -> Preparation | None:
    """How the visitor's drawing became `digit`; None for a test digit."""
    drawing = visit().drawing
    return drawing.preparation if digit.label is None and drawing is not None else None


def _show_steps(steps: Preparation) -> None:
    """Show the way from a drawing to an MNIST image: crop, fit, centre."""
    thin = max(steps.cropped.shape) // _COARSEST
    pictures = (
        (steps.cropped[::thin, ::thin], _("1 · cut out"), _("Your drawing, cropped")),
        (
            steps.fitted,
            _("2 · fitted into 20×20"),
            _("Your drawing, fitted into 20 by 20 pixels"),
        ),
        (
            steps.image,
            _("3 · centred in 28×28"),
            _("Your drawing as an MNIST image"),
        ),
    )
    figures = "".join(
        figure(f"<span>{picture(digit_uri(image), alt)}</span>", escape(caption))
        for image, caption, alt in pictures
    )
    show_html(f'<div class="steps">{figures}</div>')


def rows_of(names: Sequence[str], digit: ChosenDigit | None) -> dict[str, StripRow]:
    """Each model's way with the digit, or with nothing drawn, by the model's name.

    A model that cannot be opened is named in a sentence and left out.
    """
    image = np.zeros((28, 28), np.float32) if digit is None else digit.image
    seen = with_noise(image, visit().draw_noise)
    rows = {}
    for name in names:
        with say_if_broken():
            rows[name] = StripRow.through(name, open_model(name), image, seen)
    return rows


def strip_that_follows_the_pen(rows: dict[str, StripRow], digit: ChosenDigit | None) -> None:
    """The rows; on an empty canvas they stay hidden until the pen's first stroke."""
    kind, level, seed = visit().noise_kind, visit().draw_noise, visit().noise_seed
    live = Live("draw", kind, level, seed, "draw_noise", level_title(kind), pen=True)
    pipeline_strip(
        list(rows.values()),
        subject=_("your drawing") if digit is None else digit.spoken,
        with_noise=level > 0,
        live=live,
        waiting=digit is None,
        covered=len(rows) > 1 and is_covered("keeps_most"),
    )
    if digit is not None and len(rows) > 1:
        ask(
            "keeps_most",
            lambda: _closest(rows),
            about=subject_of(digit),
            given=_given(rows, digit),
            among=list(rows),
        )


def _given(rows: Iterable[str], digit: ChosenDigit) -> tuple[object, ...]:
    """What the answers in these models' rows depend on, beside which digit it is."""
    return (*chosen_noise(visit().draw_noise), *rows, *strokes_of(digit))


def _closest(rows: dict[str, StripRow]) -> str:
    """The model with the smallest MSE."""
    return min(rows, key=lambda name: mse(rows[name].original, rows[name].reconstruction))


def show_neighbours(rows: dict[str, StripRow], digit: ChosenDigit) -> None:
    """Show for each model the training images whose codes lie nearest to the code in its row."""
    nearest = {}
    for name, row in rows.items():
        with say_if_broken():
            nearest[name] = neighbour_index(name).nearest(row.code.ravel(), NEIGHBOURS)

    def of_one_digit() -> int:
        return sum(len(set(mnist().train_labels[five])) == 1 for five in nearest.values())

    about, given, span = subject_of(digit), _given(rows, digit), Span(0, len(nearest))
    if nearest and ask("same_five", of_one_digit, about=about, given=given, span=span):
        lines = "".join(_line(rows[name].title, five) for name, five in nearest.items())
        show_html(f'<div class="neighbours">{lines}</div>')


def _line(title: str, nearest: np.ndarray) -> str:
    labels = mnist().train_labels[nearest]
    images = to_float(mnist().train_images[nearest])
    words = _("training image {index}, a {label}")
    alts = [
        words.format(index=index, label=label) for index, label in zip(nearest, labels, strict=True)
    ]
    return (
        f'<div class="neighbours-line"><div class="strip-title">{escape(title)}</div>'
        f"{row_of_digits(images, [str(label) for label in labels], alts)}</div>"
    )
