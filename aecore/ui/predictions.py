"""Predict, then reveal: an answer stays covered until the visitor has said what it will be.

A page asks with `ask`, which returns whether the answer may be seen now. What was said stays for
the visit and belongs to the digit or model it was said of: another digit asks nobody anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from aecore.metrics import MEAN_IMAGE_MSE
from aecore.noise import NOISE_RANGES
from aecore.sentences import joined
from aecore.settings import N_, Span
from aecore.ui.announcement import announce
from aecore.ui.digits import ChosenDigit, spoken_digit
from aecore.ui.language import _
from aecore.ui.models import run_title
from aecore.ui.page import show_html
from aecore.ui.question_forms import ask_elsewhere, ask_for, option_words, refuse
from aecore.ui.questions import QUESTION, QUESTIONS, Answer, Choice, Number, Prediction, Question
from aecore.ui.state import visit
from aecore.ui.tables import show_table

_DRAWING = "drawing"
_NOT_KNOWN = N_("What it is will stand here as soon as it is known.")


def ask(
    name: str,
    was: Callable[[], Answer | None],
    *,
    about: int | str = "",
    through: str = "",
    given: tuple[object, ...] = (),
    among: Sequence[str] = (),
    span: Span | None = None,
    elsewhere: bool = False,
) -> bool:
    """Ask a question of the table, or show what was said beside what it was.

    `was` computes the true answer, or None while nobody knows it; it is called once somebody wants
    to know. `about`, `through` and `given` are what it is true for, see `Prediction`: the page says
    so when they are others by now. `among` are the options of a choice that the table leaves to the
    page, `span` the numbers that can be said now. `elsewhere`: a button of the page takes a number,
    too, by `take_typed`.

    Returns whether the answer may be seen.
    """
    question = QUESTION[name]
    held = visit().predictions.get(name)
    is_among = held is None or not among or held.said in (None, *among)
    if held is not None and held.was is None and is_among and (answer := was()) is not None:
        held = replace(held, was=answer, about=about, through=through, given=given)
        visit().predictions[name] = held
    announce(name, "; ".join(": ".join(pair) for pair in _said_and_was(question, held)))
    if held is None:
        with st.container(key=f"predict_{name}", gap="small"):
            ask_for(question, among, span, elsewhere=elsewhere)
        return False
    with st.container(key=f"predicted_{name}", gap="small"):
        is_past = not held.holds_for(about, through=through, given=given)
        _show_verdict(question, held, is_past=is_past)
    return True


def ask_ahead(name: str, hint: str) -> None:
    """Ask for a number although the page shows another answer: what a button takes is for the next.

    `hint` says which button takes it, by `take_typed`.
    """
    question = QUESTION[name]
    if isinstance(question.kind, Number):
        with st.container(key=f"predicting_{name}", gap="small"):
            ask_elsewhere(question, question.kind, hint)


def ask_no_more(name: str, why: str) -> None:
    """Show a question whose answer is on the page already, and `why` nothing can be said now."""
    with st.container(key=f"predict_{name}", gap="small"):
        refuse(QUESTION[name], why)


def is_covered(name: str) -> bool:
    """Whether the answer to a question must not be seen yet."""
    return name not in visit().predictions


def option_title(name: str, option: str) -> str:
    """What visitors read for an option of a choice that the table holds."""
    kind = QUESTION[name].kind
    return option_words(kind, option) if isinstance(kind, Choice) else option


def subject_of(digit: ChosenDigit) -> int | str:
    """What a prediction about a digit is `about`."""
    return _DRAWING if digit.label is None else visit().digit


def strokes_of(digit: ChosenDigit) -> tuple[int, ...]:
    """What tells one drawing from the next, for `given`: all of them are "your drawing"."""
    return (hash(digit.image.tobytes()),) if digit.label is None else ()


# --- what was said, and what it was ---------------------------------------------------------------


def _said_and_was(
    question: Question, held: Prediction | None, *, is_past: bool = False
) -> list[tuple[str, str]]:
    """What is known of the two, each behind its title."""
    it_is = _("It was") if is_past else _("It is")
    pairs = [(_("You said"), held.said), (it_is, held.was)] if held else []
    return [
        (title, written_answer(question.kind, answer))
        for title, answer in pairs
        if answer is not None
    ]


def _show_verdict(question: Question, held: Prediction, *, is_past: bool) -> None:
    """`is_past`: by now the page shows something else than what it was true for."""
    cells = "".join(
        f"<div><dt>{escape(title)}</dt><dd>{escape(answer)}</dd></div>"
        for title, answer in _said_and_was(question, held, is_past=is_past)
    )
    text, about = _(question.text), _spoken(held) if held.was is not None else ""
    measured = _(question.measured if held.was is not None else _NOT_KNOWN)
    measured = measured.format(mean=MEAN_IMAGE_MSE)
    if is_past and held.was is not None:
        measured = joined(measured, _("By now the page shows something else."))
    of_what = joined(text, about).removeprefix(text) if about else ""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        show_html(
            f'<div class="verdict"><p><b>{escape(text)}</b>{escape(of_what)}</p>'
            f'<dl>{cells}</dl><p class="small">{escape(measured)}</p></div>'
        )
        st.button(
            _("Ask me again"),
            type="tertiary",
            icon=":material/replay:",
            key=f"again_{question.name}",
            on_click=_forget,
            args=(question.name,),
            width="content",
        )


def _forget(name: str) -> None:
    visit().predictions.pop(name, None)


def list_predictions(page: str) -> None:
    """The end of a page: what was said there, and what it was; nothing before somebody said it."""
    rows = [
        [
            escape(_(question.text)),
            escape(_spoken(held)) or "–",
            escape(written_answer(question.kind, held.said)),
            escape(written_answer(question.kind, held.was)),
        ]
        for question in QUESTIONS[page]
        if (held := visit().predictions.get(question.name)) is not None
    ]
    if rows:
        st.header(_("What you predicted"), anchor="predictions")
        show_table([_("question"), _("about"), _("you said"), _("it was")], rows)


def written_answer(kind: Number | Choice, answer: Answer | None) -> str:
    """An answer as visitors read it."""
    if answer is None:
        return "–"
    if isinstance(kind, Choice):
        names = answer if isinstance(answer, tuple) else (str(answer),)
        return " < ".join(option_words(kind, name) for name in names)
    if isinstance(answer, float) and math.isinf(answer):
        return _(kind.never if answer > 0 else kind.always)
    form = kind.one if kind.one and answer == 1 else kind.form
    return _(form).format(number=f"{answer:g}")


def _spoken(held: Prediction) -> str:
    """What the answer is true for."""
    subject = _spoken_subject(held.about)
    return f"{subject} · {run_title(held.through)}" if held.through else subject


def _spoken_subject(about: int | str) -> str:
    if isinstance(about, int):
        return spoken_digit(about)
    if about == _DRAWING:
        return _("your drawing")
    if about in NOISE_RANGES:
        return _(NOISE_RANGES[about].title)
    return run_title(about) if about else ""
