"""Denoise: the same noisy image through networks and through classical filters."""

import streamlit as st

from aecore.metrics import MEAN_IMAGE_BCE, PERFECT_BCE
from aecore.sentences import joined
from aecore.ui.controls import drop_missing_models, model_pills, noise_controls
from aecore.ui.denoise.attempts import (
    Attempts,
    ask_which_is_nearest,
    attempts_at,
    show_side_by_side,
)
from aecore.ui.denoise.chapter import show_chapter_sigma, show_chapter_snippet
from aecore.ui.denoise.curves import ask_when_networks_pay, show_curves
from aecore.ui.denoise.methods import Method, chosen_methods, filter_pills
from aecore.ui.digits import (
    ChosenDigit,
    chosen_digit,
    digit_picker,
    looked_at,
    source_switch,
)
from aecore.ui.language import _
from aecore.ui.page import ONWARD, bench, page_heading, say_if_broken
from aecore.ui.predictions import list_predictions
from aecore.ui.stage import shows
from aecore.ui.state import visit

page_heading(
    _("How much noise is too much?"),
    _(
        "A filter knows only that neighbouring pixels are alike. A network knows what digits look "
        "like. At which noise will knowing digits begin to pay?"
    ),
)


@st.fragment
def workbench() -> None:
    """Everything that answers to the noise."""
    settings, results = bench()
    with settings:
        digit = questions()
    with results:
        answers(digit)
    the_chapter(digit)
    list_predictions("denoise")


def questions() -> ChosenDigit:
    """Which digit, which noise, who is to take it away; returns the digit."""
    if shows("digit"):
        source_switch()
        if visit().source == "digit":
            digit_picker()
    digit = looked_at()
    if digit is None:
        if shows("digit"):
            st.info(_("You have not drawn anything yet. Draw a digit first, or take a test digit."))
            st.page_link("pages/draw.py", label=_("To the canvas: Draw"), icon=ONWARD)
        digit = chosen_digit()
    if shows("level"):
        noise_controls("noise_level")
    drop_missing_models()
    if shows("methods"):
        with st.container(key="methods"):
            model_pills()
            filter_pills()
    return digit


def answers(digit: ChosenDigit) -> None:
    """What each method makes of the digit, and of two hundred others."""
    methods = chosen_methods() if shows("attempts", "curves") else []
    attempts = attempts_at(methods, digit)
    if shows("attempts"):
        st.header(_("The same noisy image for everyone"), anchor=False)
        show_side_by_side(attempts)
        ask_which_is_nearest(methods, attempts)
        if not methods:
            st.info(_("Tick a model or a filter to see its answer."))
        scales = _(
            "PSNR counts the squared errors of single pixels, in decibels: 10 dB more is a "
            "tenth of the error. SSIM compares small neighbourhoods: 1 is identical, 0 has "
            "nothing in common."
        )
        frame = _("The frame marks the highest PSNR.")
        st.caption(joined(scales, frame) if attempts.nearest else scales)

    if shows("curves"):
        with st.container(key="curves"):
            every_level(methods, attempts)


def every_level(methods: list[Method], attempts: Attempts) -> None:
    """The curves of two hundred digits, once somebody has said what they will show."""
    st.header(_("Every level of noise"), anchor=False)
    st.markdown(
        _(
            "One digit proves little. Each line is measured on 200 test images; the rings are "
            "your image, at your level. With Gaussian noise, a diamond marks the σ a model was "
            "trained on; a thick line belongs to a model that was trained on every σ from 0 to "
            "its diamond. Look left and right of a diamond: what does a network do with noise "
            "it never met?"
        )
    )
    if ask_when_networks_pay(methods):
        show_curves(methods, attempts.decibels)


def the_chapter(digit: ChosenDigit) -> None:
    """Two discoveries about the chapter's noise."""
    if shows("sigma3"):
        st.header(_("The chapter's σ = 3"), anchor=False)
        st.markdown(
            _(
                "The course chapter that this lab grew out of trains its convolutional network on "
                "noise of σ = 3. Can you find the digit in the second picture? Each number of that "
                "network's code looks at a patch of 10 × 10 pixels only, too little of the picture "
                "to find a digit in so much noise. After five epochs its loss stands at 0.2517. "
                "Answering every time with the mean image costs {mean}, the perfect answer "
                "{perfect}: it has learnt hardly anything. A network that sees the whole picture "
                "at once gets further. Below, the same noise meets the chapter's network as it "
                "ships here, which knows only σ = 0.5, and the one that sees everything. How much "
                "of an answer is this digit, and how much is a digit it dreamt?"
            ).format(perfect=PERFECT_BCE, mean=MEAN_IMAGE_BCE)
        )
        show_chapter_sigma(digit)

    if shows("slip"):
        st.header(_("A slip in the chapter's last snippet"), anchor=False)
        st.markdown(
            _(
                "The snippet that displays the results forgets to scale the images: it adds "
                "N(3, 10) to pixels from 0 to 255. On that scale a standard deviation of 10 is "
                "hardly visible (10 / 255 = 0.04), nowhere near the noise of the training. "
                "Whenever a result looks too good, look at the input first."
            )
        )
        show_chapter_snippet(digit)


with say_if_broken():
    workbench()
