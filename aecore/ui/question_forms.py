"""How a question is asked: a field for a number, pills for a choice, a button for each to order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import streamlit as st

from aecore.filters import FILTERS
from aecore.settings import Span
from aecore.ui.denoise.methods import filter_title
from aecore.ui.language import _
from aecore.ui.models import run_title
from aecore.ui.questions import Answer, Choice, Number, Prediction, Question
from aecore.ui.state import visit

_UNSAID = "said_no_number"


def ask_for(
    question: Question, among: Sequence[str], span: Span | None, *, elsewhere: bool
) -> None:
    """Ask for a prediction.

    `elsewhere`: a button of the page takes the number, too. Otherwise field and buttons are a
    form, so that the Enter key says it.
    """
    _show_text(question)
    if isinstance(question.kind, Number):
        _ask_number(question, span or question.kind.span, is_form=not elsewhere)
    elif question.kind.in_order:
        _ask_order(question, question.kind)
    else:
        _ask_choice(question, question.kind, list(among or question.kind.options))


def ask_elsewhere(question: Question, kind: Number, hint: str) -> None:
    """Ask for a number that only a button of the page takes; `hint` says which one."""
    _show_text(question)
    _number_field(question, kind.span)
    st.caption(hint)


def refuse(question: Question, why: str) -> None:
    """Show a question that comes too late, and the button that shows the answer."""
    _show_text(question)
    st.caption(why)
    _just_show(question)


def take_typed(name: str) -> None:
    """What a button does that takes a number, too: the one in the question's field, if any."""
    if name not in visit().predictions and (said := st.session_state.get(_key(name))) is not None:
        _say(name, said)


def option_words(kind: Choice, name: str) -> str:
    """What visitors read for an option: its own title, or that of a filter, model or run."""
    if name in kind.options:
        return _(kind.options[name])
    return filter_title(name) if name in FILTERS else run_title(name)


def _show_text(question: Question) -> None:
    text = _(question.text)
    st.markdown(f"**{text}**")


def _ask_number(question: Question, span: Span, *, is_form: bool) -> None:
    name = question.name
    with (
        st.form(f"form_{name}", border=False) if is_form else nullcontext(),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        _number_field(question, span)
        button = st.form_submit_button if is_form else st.button
        button(_("That is my prediction"), key=f"say_{name}", on_click=_say_number, args=(name,))
        _just_show(question, button)
    if st.session_state.get(_UNSAID) == name:
        del st.session_state[_UNSAID]
        st.caption(_("Which number? Type it first."))


def _number_field(question: Question, span: Span) -> None:
    st.number_input(
        _(question.text),
        min_value=span.lowest,
        max_value=span.highest,
        step=span.step,
        value=None,
        placeholder="?",
        key=_key(question.name),
        on_change="ignore",  # it travels with the click on a button
        label_visibility="collapsed",
        width=140,
    )


def _ask_choice(question: Question, kind: Choice, names: list[str]) -> None:
    key = _key(question.name)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.pills(
            _(question.text),
            names,
            format_func=lambda name: option_words(kind, name),
            key=key,
            label_visibility="collapsed",
            wrap=True,
            on_change=_say_choice,
            args=(question.name,),
        )
        _just_show(question)


def _ask_order(question: Question, kind: Choice) -> None:
    """A button for each option; whoever presses the last but one has said it all."""
    names = list(kind.options)
    begun = visit().orders.get(question.name, ())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name in names:
            place = begun.index(name) + 1 if name in begun else 0
            title = option_words(kind, name)
            st.button(
                f"{place} · {title}" if place else title,
                key=f"{_key(question.name)}_{name}",
                disabled=bool(place),
                on_click=_put_next,
                args=(question.name, name, names),
                width="content",
            )
        if begun:
            st.button(
                _("Take the last one back"),
                icon=":material/undo:",
                type="tertiary",
                key=f"back_{question.name}",
                on_click=_take_back,
                args=(question.name,),
                width="content",
            )
        _just_show(question)


def _just_show(question: Question, button: Callable[..., bool] = st.button) -> None:
    button(
        _("Just show me"),
        type="tertiary",
        key=f"show_{question.name}",
        on_click=_say,
        args=(question.name, None),
        width="content",
    )


def _key(name: str) -> str:
    return f"said_{name}"


def _say(name: str, said: Answer | None) -> None:
    visit().predictions[name] = Prediction(said)
    visit().orders.pop(name, None)


def _say_number(name: str) -> None:
    if (said := st.session_state[_key(name)]) is None:
        st.session_state[_UNSAID] = name
    else:
        _say(name, said)


def _say_choice(name: str) -> None:
    if (said := st.session_state[_key(name)]) is not None:
        _say(name, said)


def _put_next(name: str, option: str, names: list[str]) -> None:
    begun = (*visit().orders.get(name, ()), option)
    left = [each for each in names if each not in begun]
    if len(left) > 1:
        visit().orders[name] = begun
    else:
        _say(name, (*begun, *left))


def _take_back(name: str) -> None:
    visit().orders[name] = visit().orders[name][:-1]
