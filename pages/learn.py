"""Learn: the chapter as a living lesson, in six short sections."""

import streamlit as st

from aecore.ui.digits import chosen_digit, digit_picker
from aecore.ui.language import _
from aecore.ui.learn import lesson
from aecore.ui.onward import invite_to
from aecore.ui.page import page_heading, say_if_broken
from aecore.ui.predictions import list_predictions
from aecore.ui.stage import shows

page_heading(
    _("What is an autoencoder?"),
    _(
        "A network that squeezes a picture into a few numbers and draws it again from them. "
        "Choose a digit: trained networks answer to it below, now."
    ),
)

with say_if_broken():
    if shows("digit_bar"):
        with st.container(key="digit_bar"):
            digit_picker()
    digit = chosen_digit()

    if shows("one_network"):
        st.header(_("1 · What is one?"), anchor="what")
        st.markdown(
            _(
                "Two networks in a row. The **encoder** turns 784 pixels into a short **code**; "
                "the **decoder** turns the code into 784 pixels again. Nobody says what the 32 "
                "numbers should mean, and no label is ever used: the picture is its own teacher. "
                "So it is a compression that is *learnt*, *unsupervised*, and *lossy*."
            )
        )
        lesson.one_strip("plain", digit)

    if shows("cleaning", "two_maps"):
        st.header(_("2 · What are they for?"), anchor="for")
    if shows("cleaning"):
        st.markdown(
            _(
                "**Taking noise away.** The network below never saw this digit. Move the slider (σ "
                "says how strong the noise is): at which σ can *you* no longer read it? And the "
                "network?"
            )
        )
        sigma = lesson.noise_slider()
        lesson.noisy_strip("denoise", digit, sigma)
    if shows("two_maps"):
        st.markdown(
            _(
                "**Seeing many dimensions at once.** A digit is 784 numbers; a sheet of paper has "
                "two. Both maps below place the same 2,000 test digits by two numbers each. PCA "
                "(principal component analysis) may only rotate and scale; an autoencoder may "
                "bend. On which would you rather look for a 4?"
            )
        )
        lesson.two_maps()
        invite_to("latent")

    if shows("code_numbers", "strangers"):
        st.header(_("3 · What do the numbers mean?"), anchor="code")
    if shows("code_numbers"):
        st.markdown(
            _(
                "Does one number of the code stand for one stroke? Turn some of them, and "
                "watch what the decoder draws."
            )
        )
        lesson.code_to_play_with(digit)
    if shows("strangers"):
        st.markdown(
            _(
                "What is learnt is learnt *for digits*. Hand the deep network something else, and "
                "it still answers with the strokes it knows:"
            )
        )
        lesson.not_a_digit(digit)

    if shows("losses"):
        st.header(_("4 · What did compression lose?"), anchor="loss")
        st.markdown(
            _(
                "A **loss** counts it. Here it is binary cross-entropy: how surprised would you be "
                "by the true pixels if you believed the reconstruction?"
            )
        )
        lesson.ladder_of_losses(digit)

    if shows("kinds", "measured"):
        st.header(_("5 · Which kinds are there?"), anchor="kinds")
    if shows("kinds"):
        st.markdown(
            _(
                "**Plain**: one layer in, one out. **Deep**: more layers, the same 32 numbers. "
                "**Convolutional**: small filters that slide over the picture; its code is 32 "
                "little maps, more numbers than the picture has pixels. **Regularised**: the "
                "network is kept from cheating: a **sparse** one may use few numbers at a time, a "
                "**denoising** one gets a noisy digit and must answer with the clean one. Look at "
                "the difference column: who keeps the thin strokes?"
            )
        )
        lesson.kinds_side_by_side(digit)
    if shows("measured"):
        st.markdown(
            _(
                "This lab grew out of a chapter of a course, in Chinese, that builds these four "
                "networks in Keras. What the chapter reports, and what was measured here:"
            )
        )
        lesson.chapter_beside_lab()
        invite_to("train")

    if shows("invented"):
        st.header(_("6 · What else can a code do?"), anchor="more")
        words, picture = st.columns([2, 3], gap="large")
        with words:
            st.markdown(
                _(
                    "A decoder can draw codes that no digit ever had. A **variational** "
                    "autoencoder keeps its codes close together, so that nearly every place on its "
                    "map draws a digit. These 144 were written by nobody; a few are smears between "
                    "two digits. Can you find a 5 that turns into another digit, step by step?"
                )
            )
        with picture:
            lesson.invented_digits()
        invite_to("draw", "denoise")

    list_predictions("learn")
