"""The living pictures of the Learn page, one function each."""

from __future__ import annotations

from html import escape
from math import isfinite

import numpy as np
import streamlit as st

from aecore.datasets import to_float
from aecore.metrics import bce_floor, knn_error, mse
from aecore.noise import add_noise
from aecore.runs import RunError
from aecore.ui.digits import ChosenDigit
from aecore.ui.engine.live import Live
from aecore.ui.engine.weights import describe
from aecore.ui.figures import figure, picture, show_pairs_of_digits, show_row_of_digits
from aecore.ui.language import _
from aecore.ui.learn.code_board import show_code_board
from aecore.ui.learn.measured import (
    cleaned,
    first_misread_sigma,
    five_answers,
    losses,
    pixels_of_one_number,
    smallest_error,
)
from aecore.ui.models import is_whole, mnist, model_title, open_model, run_of
from aecore.ui.page import say_if_broken, show_html
from aecore.ui.pictures import contact_sheet, digit_uri, png_uri, scatter
from aecore.ui.predictions import ask, is_covered, option_title, subject_of
from aecore.ui.questions import Prediction
from aecore.ui.state import bound, visit
from aecore.ui.strip import StripRow, pipeline_strip
from aecore.ui.tables import show_table

THE_FOUR_KINDS = ("plain", "deep", "conv", "denoise")

_MAPPED_DIGITS = 2_000


def one_strip(name: str, digit: ChosenDigit) -> None:
    """The chosen digit's way through one model."""
    with say_if_broken():
        row = StripRow.through(name, open_model(name), digit.image, digit.image)
        pipeline_strip([row], subject=digit.spoken)


def noisy_strip(name: str, digit: ChosenDigit, sigma: float) -> None:
    """The same with Gaussian noise of strength `sigma`; it follows the slider while that moves."""
    with say_if_broken():
        seed = visit().noise_seed
        seen = add_noise(digit.image[None], "gaussian", sigma, seed)[0]
        row = StripRow.through(name, open_model(name), digit.image, seen)
        live = Live("lesson", "gaussian", sigma, seed, "lesson_noise", _slider_label())
        pipeline_strip([row], subject=digit.spoken, with_noise=sigma > 0, live=live)
        about, given = subject_of(digit), (seed,)
        if ask("noise", lambda: first_misread_sigma(digit), about=about, given=given):
            held = visit().predictions["noise"]
            if held.holds_for(about, given=given):
                _answers_by_noise(digit, held)


def _answers_by_noise(digit: ChosenDigit, held: Prediction) -> None:
    """The answers from no noise to the strongest, and where each named the end: look yourself."""
    named = {_("you"): held.said, _("the program"): held.was}
    sigmas = {0.0, 0.3, 0.6, 0.9, 1.2, 1.5}
    sigmas |= {each for each in named.values() if isinstance(each, float) and isfinite(each)}
    captions = [
        "\n".join([f"σ = {sigma:g}", *(who for who, said in named.items() if said == sigma)])
        for sigma in sorted(sigmas)
    ]
    show_row_of_digits(
        cleaned(digit, sorted(sigmas)),
        captions,
        [
            _("The answer to {subject} with noise, σ = {sigma:g}").format(
                subject=digit.spoken, sigma=sigma
            )
            for sigma in sorted(sigmas)
        ],
    )


def kinds_side_by_side(digit: ChosenDigit) -> None:
    """The same digit through the lesson's four kinds; by eye first, then in numbers."""
    with say_if_broken():
        rows = [
            StripRow.through(name, open_model(name), digit.image, digit.image)
            for name in THE_FOUR_KINDS
            if is_whole(name)
        ]
        pipeline_strip(rows, subject=digit.spoken, covered=is_covered("kinds"))
        ask("kinds", lambda: smallest_error(rows), about=subject_of(digit))


def code_to_play_with(digit: ChosenDigit) -> None:
    """The code of the chosen digit in the plain model, every number of it a slider."""
    with say_if_broken():
        network = describe("plain")
        if network is not None:
            code = open_model("plain").encode(digit.image[None])[0]
            show_code_board(network, code, spoken=digit.spoken)
            ask("one_number", lambda: pixels_of_one_number(digit), about=subject_of(digit))


def ladder_of_losses(digit: ChosenDigit) -> None:
    """The same digit answered well and badly; its losses are covered until they are in order."""
    with say_if_broken():
        found = losses(digit)
        uncovered = ask("ladder", lambda: tuple(found), about=subject_of(digit))
        answers = five_answers(digit)
        titles = {name: option_title("ladder", name) for name in (found if uncovered else answers)}
        numbers = {name: f"{found[name]:.3f}" if uncovered else "?" for name in titles}
        show_row_of_digits(
            np.stack([answers[name] for name in titles]),
            [f"{title}\n{numbers[name]}" for name, title in titles.items()],
            [
                _("{subject}, as answered by: {name}").format(subject=digit.spoken, name=title)
                for title in titles.values()
            ],
        )
        if uncovered:
            st.caption(
                _(
                    "Binary cross-entropy per pixel of this one digit. Its floor is {floor:.3f}, "
                    "not 0: a grey pixel cannot be predicted better than by its own grey."
                ).format(floor=bce_floor(digit.image))
            )


def chapter_beside_lab() -> None:
    """The lesson's table: its networks and figures, beside what was measured here."""
    networks = {
        "plain": ("784 → 32 → 784", _("loss 0.0925, validation 0.0914, 50 epochs")),
        "deep": ("784 → 128 → 64 → 32 → 64 → 128 → 784", _("loss 0.0860")),
        "conv": (_("3×3 filters, code 7×7×32"), "–"),
        "denoise": (_("the convolutional net, noisy inputs"), "–"),
    }
    rows = []
    for name in THE_FOUR_KINDS:
        network, in_the_chapter = networks[name]
        try:
            metrics = run_of(name).metrics()
            measured = f"{metrics['bce']:.4f}"
            parameters = f"{metrics['parameters']:,}"
            seconds = f"{metrics['seconds_per_epoch']:.1f} s"
        except (RunError, KeyError):
            measured = parameters = seconds = "–"
        rows.append(
            [
                escape(model_title(name)),
                escape(network),
                parameters,
                escape(in_the_chapter),
                measured,
                seconds,
            ]
        )
    heads = [
        _("kind"),
        _("network"),
        _("parameters"),
        _("in the chapter"),
        _("here: BCE on the 10,000 test digits"),
        _("an epoch took"),
    ]
    show_table(heads, rows)


def two_maps() -> None:
    """2,000 test digits by PCA's first two numbers and by a learnt 2-D code."""
    with say_if_broken():
        learnt = next((name for name in ("latent2d", "vae") if is_whole(name)), "pca")
        errors = {}
        for column, option, name, title in zip(
            st.columns(2),
            ("pca", "autoencoder"),
            ("pca", learnt),
            (_("PCA, 2 numbers"), _("An autoencoder, 2 numbers")),
            strict=True,
        ):
            uri, errors[option] = map_picture(name)
            alt = _("Map of 2,000 test digits by the two numbers of {title}").format(title=title)
            words = _("of 100 digits, {wrong:.0f} lie among digits of another class").format(
                wrong=100 * errors[option]
            )
            with column:
                shown = "?" if is_covered("two_maps") else words
                caption = _("<b>{title}</b>: {words}").format(
                    title=escape(title), words=escape(shown)
                )
                show_html(figure(picture(uri, alt), caption, kind="map"))
        ask("two_maps", lambda: min(errors, key=errors.__getitem__))


@st.cache_data(max_entries=4, show_spinner=False)
def map_picture(name: str) -> tuple[str, float]:
    """2,000 test digits by a model's two numbers, as a picture's URI; and how many lie astray.

    That is the share of them whose five nearest neighbours on the map vote for another class.
    """
    images = to_float(mnist().test_images[: 2 * _MAPPED_DIGITS])
    labels = mnist().test_labels[: 2 * _MAPPED_DIGITS]
    codes = open_model(name, pca_components=2).encode(images)
    half = _MAPPED_DIGITS
    error = knn_error(codes[half:], labels[half:], codes[:half], labels[:half])
    return png_uri(scatter(codes[:half], labels[:half])), error


def invented_digits() -> None:
    """What the variational decoder draws on a regular grid of its code."""
    with say_if_broken():
        words = _("A grid of digits that nobody wrote, drawn by the decoder")
        show_html(figure(picture(_sampled_sheet(), words), kind="sheet"))


@st.cache_data(max_entries=1, show_spinner=False)
def _sampled_sheet() -> str:
    steps = np.linspace(-2, 2, 12, dtype=np.float32)
    across, up = np.meshgrid(steps, steps[::-1])
    codes = np.stack([across.ravel(), up.ravel()], axis=1)
    return digit_uri(contact_sheet(open_model("vae").decode(codes), columns=12, gap=0))


def not_a_digit(digit: ChosenDigit) -> None:
    """The deep model asked to compress what it never learnt: the digit inverted, and torn up."""
    with say_if_broken():
        model = open_model("deep")
        order = np.random.default_rng(0).permutation(16)
        tiles = digit.image.reshape(4, 7, 4, 7).swapaxes(1, 2).reshape(16, 7, 7)[order]
        torn = tiles.reshape(4, 4, 7, 7).swapaxes(1, 2).reshape(28, 28)
        strangers = np.stack([digit.image, 1 - digit.image, torn])
        answers = model.reconstruct(strangers)
        names = [_("a digit"), _("black and white exchanged"), _("torn into tiles")]
        show_pairs_of_digits(
            [
                (
                    (stranger, name, name),
                    (
                        answer,
                        _("comes back,\nMSE {mse:.3f}").format(mse=mse(stranger, answer)),
                        _("What the deep model makes of: {name}").format(name=name),
                    ),
                )
                for name, stranger, answer in zip(names, strangers, answers, strict=True)
            ]
        )


def noise_slider() -> float:
    """The slider of section 1; its value is the σ of the noise."""
    st.slider(_slider_label(), width=400, **bound("lesson_noise"))
    return visit().lesson_noise


def _slider_label() -> str:
    return _("Noise, σ")
