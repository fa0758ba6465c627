"""Draw: your own digit through every model."""

import streamlit as st

from aecore.ui.canvas import drawing_canvas
from aecore.ui.controls import drop_missing_models, model_pills, noise_controls
from aecore.ui.digits import ChosenDigit, chosen_digit, looked_at, source_switch
from aecore.ui.draw.answers import (
    offer_test_digit,
    rows_of,
    say_what_goes_in,
    show_neighbours,
    show_what_goes_in,
    strip_that_follows_the_pen,
)
from aecore.ui.language import _
from aecore.ui.page import bench, page_heading, say_if_broken
from aecore.ui.predictions import list_predictions
from aecore.ui.stage import shows
from aecore.ui.state import visit

page_heading(
    _("Your handwriting, through the network"),
    _(
        "No model here has ever seen you write. Draw a digit and see what each one keeps of it. "
        "Then draw something that is no digit: what will come back?"
    ),
)


@st.fragment
def workbench() -> None:
    """Everything that answers to a stroke."""
    settings, results = bench()
    with settings:
        digit = easel()
    with results:
        hint = st.empty()  # a place of its own: the answers below keep theirs when it goes
        if digit is None:
            hint.info(_("The canvas is empty. Draw a digit on it, or take a test digit."))
        answers(digit)


def easel() -> ChosenDigit | None:
    """The canvas and what the drawing became; returns what is looked at."""
    if shows("canvas"):
        st.header(_("Draw a digit"), anchor=False)
    with st.container(key="easel"):
        if shows("canvas"):
            with drawing_canvas():
                offer_test_digit()
        digit = looked_at()
        if digit is None and not shows("canvas"):
            digit = chosen_digit()
        if digit is not None and shows("became"):
            with st.container(key="became"):
                show_what_goes_in(digit)
    if shows("canvas"):
        source_switch()
    if digit is not None and shows("became"):
        say_what_goes_in(digit)
    return digit


@st.fragment
def answers(digit: ChosenDigit | None) -> None:
    """What each model makes of the digit. Noise, models and predictions change nothing else."""
    with say_if_broken():
        models_answer(digit)
        list_predictions("draw")


def models_answer(digit: ChosenDigit | None) -> None:
    """Each model's row, and what its code is most like."""
    if shows("noise", "models", "strip"):
        st.header(_("What each model makes of it"), anchor=False)
    with st.container(key="questions"):
        if shows("noise"):
            noise_controls("draw_noise")
        drop_missing_models()
        if shows("models"):
            model_pills()
    if not visit().models:
        st.info(_("Tick a model to see its answer."))
        return
    rows = rows_of(visit().models, digit) if shows("strip", "nearest") else {}
    if shows("strip"):
        strip_that_follows_the_pen(rows, digit)
    if rows and digit is not None and shows("nearest"):
        with st.container(key="nearest"):
            st.header(_("Whose codes lie nearest?"), anchor=False)
            st.markdown(
                _(
                    "Five of the first 10,000 training images: those whose codes are most like "
                    "the code above, nearest first, with the digit that their writer meant. No "
                    "model was ever told a label. In which rows are all five the digit you meant?"
                )
            )
            show_neighbours(rows, digit)


with say_if_broken():
    workbench()
