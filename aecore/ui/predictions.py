"""Predict, then reveal: an answer stays covered until the visitor has said what it will be.

A page asks with `ask`, which returns whether the answer may be seen now. What was said stays for
the visit and belongs to the digit or model it was said of: another digit asks nobody anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from aecore.filters import FILTERS
from aecore.metrics import MEAN_IMAGE_MSE
from aecore.noise import NOISE_RANGES
from aecore.sentences import joined
from aecore.settings import N_, Span
from aecore.ui.announcement import announce
from aecore.ui.denoise.methods import filter_title
from aecore.ui.digits import ChosenDigit, spoken_digit
from aecore.ui.language import _
from aecore.ui.models import run_title
from aecore.ui.page import show_html
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
    among: Sequence[str] = (),
    span: Span | None = None,
) -> bool:
    """Ask a question of the table, or show what was said beside what it was.

    `was` computes the true answer, or None while nobody knows it; it is called once somebody wants
    to know. `about` is what it is true for, see `Prediction`. `among` are the options of a choice
    that the table leaves to the page, `span` the numbers that can be said now.

    Returns whether the answer may be seen.
    """
    question = QUESTION[name]
    held = visit().predictions.get(name)
    if held is not None and held.was is None and (answer := was()) is not None:
        held = visit().predictions[name] = replace(held, was=answer, about=about)
    announce(name, "; ".join(": ".join(pair) for pair in _said_and_was(question, held)))
    if held is None:
        with st.container(key=f"predict_{name}", gap="small"):
            _ask_for(question, among, span)
        return False
    with st.container(key=f"predicted_{name}", gap="small"):
        _show_verdict(question, held)
    return True


def is_covered(name: str) -> bool:
    """Whether the answer to a question must not be seen yet."""
    return name not in visit().predictions


def option_title(name: str, option: str) -> str:
    """What visitors read for an option of a choice that the table holds."""
    kind = QUESTION[name].kind
    return _title(kind, option) if isinstance(kind, Choice) else option


def subject_of(digit: ChosenDigit) -> int | str:
    """What a prediction about a digit is `about`."""
    return _DRAWING if digit.label is None else visit().digit


# --- asking ---------------------------------------------------------------------------------------


def _ask_for(question: Question, among: Sequence[str], span: Span | None) -> None:
    text = _(question.text)
    st.markdown(f"**{text}**")
    if isinstance(question.kind, Number):
        _ask_number(question, span or question.kind.span)
    elif question.kind.in_order:
        _ask_order(question, question.kind)
    else:
        _ask_choice(question, question.kind, list(among or question.kind.options))


def _ask_number(question: Question, span: Span) -> None:
    key = _key(question)
    with (
        st.form(f"form_{question.name}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.number_input(
            _(question.text),
            min_value=span.lowest,
            max_value=span.highest,
            step=span.step,
            value=None,
            placeholder="?",
            key=key,
            label_visibility="collapsed",
            width=140,
        )
        st.form_submit_button(
            _("That is my prediction"), on_click=_say_number, args=(question.name, key)
        )
        st.form_submit_button(
            _("Just show me"), type="tertiary", on_click=_say, args=(question.name, None)
        )


def _ask_choice(question: Question, kind: Choice, names: list[str]) -> None:
    key = _key(question)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.pills(
            _(question.text),
            names,
            format_func=lambda name: _title(kind, name),
            key=key,
            label_visibility="collapsed",
            wrap=True,
            on_change=_say_choice,
            args=(question.name, key),
        )
        _just_show(question)


def _ask_order(question: Question, kind: Choice) -> None:
    """A button for each option; whoever presses the last but one has said it all."""
    names = list(kind.options)
    begun = visit().orders.get(question.name, ())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name in names:
            place = begun.index(name) + 1 if name in begun else 0
            title = _title(kind, name)
            st.button(
                f"{place} · {title}" if place else title,
                key=f"{_key(question)}_{name}",
                disabled=bool(place),
                on_click=_put_next,
                args=(question.name, name, names),
                width="content",
            )
        _just_show(question)


def _just_show(question: Question) -> None:
    st.button(
        _("Just show me"),
        type="tertiary",
        key=f"show_{question.name}",
        on_click=_say,
        args=(question.name, None),
        width="content",
    )


def _key(question: Question) -> str:
    return f"said_{question.name}"


def _say(name: str, said: Answer | None) -> None:
    visit().predictions[name] = Prediction(said)
    visit().orders.pop(name, None)


def _say_number(name: str, key: str) -> None:
    if (said := st.session_state[key]) is not None:
        _say(name, said)


def _say_choice(name: str, key: str) -> None:
    if (said := st.session_state[key]) is not None:
        _say(name, said)


def _put_next(name: str, option: str, names: list[str]) -> None:
    begun = (*visit().orders.get(name, ()), option)
    left = [each for each in names if each not in begun]
    if len(left) > 1:
        visit().orders[name] = begun
    else:
        _say(name, (*begun, *left))


# --- what was said, and what it was ---------------------------------------------------------------


def _said_and_was(question: Question, held: Prediction | None) -> list[tuple[str, str]]:
    """What is known of the two, each behind its title."""
    pairs = [(_("You said"), held.said), (_("It is"), held.was)] if held else []
    return [
        (title, written_answer(question.kind, answer))
        for title, answer in pairs
        if answer is not None
    ]


def _show_verdict(question: Question, held: Prediction) -> None:
    cells = "".join(
        f"<div><dt>{escape(title)}</dt><dd>{escape(answer)}</dd></div>"
        for title, answer in _said_and_was(question, held)
    )
    text, about = _(question.text), _spoken(held.about) if held.was is not None else ""
    measured = _(question.measured if held.was is not None else _NOT_KNOWN)
    measured = measured.format(mean=MEAN_IMAGE_MSE)
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
            escape(_spoken(held.about)) or "–",
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
        return " < ".join(_title(kind, name) for name in names)
    if isinstance(answer, float) and math.isinf(answer):
        return _(kind.never if answer > 0 else kind.always)
    form = kind.one if kind.one and answer == 1 else kind.form
    return _(form).format(number=f"{answer:g}")


def _title(kind: Choice, name: str) -> str:
    """What visitors read for an option: its own title, or that of a filter, model or run."""
    if name in kind.options:
        return _(kind.options[name])
    return filter_title(name) if name in FILTERS else run_title(name)


def _spoken(about: int | str) -> str:
    if isinstance(about, int):
        return spoken_digit(about)
    if about == _DRAWING:
        return _("your drawing")
    if about in NOISE_RANGES:
        return _(NOISE_RANGES[about].title)
    return run_title(about) if about else ""


# --- on paper -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    """A question as a worksheet prints it, in the visitor's language.

    options   to choose from, or to put in order; none where a number, or what the page shows, is
              to be written down
    in_order  whether the options are to be put in order
    blank     for a number: how it is written, with a line in place of the number
    """

    text: str
    options: tuple[str, ...] = ()
    in_order: bool = False
    blank: str = ""


def printed_questions(page: str) -> list[Printed]:
    """A page's questions from top to bottom."""
    return [_printed(question) for question in QUESTIONS[page]]


def _printed(question: Question) -> Printed:
    kind = question.kind
    if isinstance(kind, Number):
        return Printed(_(question.text), blank=_(kind.form).format(number="_____"))
    options = tuple(_(title) for title in kind.options.values())
    return Printed(_(question.text), options, kind.in_order)
