"""The parts of the page Inside: which network is open, and what it sees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from aecore.datasets import Floats
from aecore.keras_code import CodeLine, keras_lines
from aecore.settings import Span
from aecore.ui.canvas import drawing_canvas
from aecore.ui.controls import chosen_noise, noise_controls, say_replaced, with_noise
from aecore.ui.digits import ChosenDigit, digit_picker, looked_at, source_switch
from aecore.ui.engine.weights import Description, describe
from aecore.ui.inside.film import film_of
from aecore.ui.inside.measured import can_go, readable_after
from aecore.ui.inside.view import Noise, open_network, show_picture
from aecore.ui.language import _, ngettext
from aecore.ui.models import (
    is_whole,
    keep_on_offer,
    model_names,
    model_title,
    spec_of,
)
from aecore.ui.predictions import ask, strokes_of, subject_of
from aecore.ui.service import keep_what_is_shown
from aecore.ui.stage import shows
from aecore.ui.state import bound, visit
from aecore.ui.takehome.offer import take_home

_KEY = "inside"

_FEWEST, _MOST = 8, 128
"""A code of fewer numbers, or of more, leaves nothing to predict about how many can go."""


def replace_missing_model() -> None:
    """Open another model for one that is gone, or not trained yet, and say so."""
    keep_what_is_shown()
    names, asked = openable(), visit().inside_model
    if asked in names:
        keep_on_offer(asked)
        return
    visit().inside_model = names[0]
    say_replaced(asked, names[0])


def openable() -> list[str]:
    """Every finished model: shipped ones, PCA, the visitor's run, and the run the link names."""
    names = model_names()
    asked = visit().inside_model
    if asked not in names and is_whole(asked):
        names.append(asked)
    return names


def model_picker() -> None:
    """The control that chooses the network to open."""
    st.selectbox(
        _("Network"), openable(), format_func=model_title, width=260, **bound("inside_model")
    )


def picture_controls() -> None:
    """A test digit or the visitor's drawing, noise on it, and the network to take home."""
    source_switch()
    if visit().source == "digit":
        digit_picker()
    with st.popover(_("Noise"), icon=":material/grain:", width="content"):
        noise_controls("draw_noise")
    if visit().inside_model != "pca":
        take_home(visit().inside_model)


def easel() -> None:
    """The canvas, while the page looks at the visitor's drawing."""
    if visit().source == "drawing":
        drawing_canvas()
        if looked_at() is None:
            st.info(
                _("The canvas is empty, and the network sees black. Draw, and watch every layer.")
            )


def network(name: str) -> None:
    """The open network, with the picture it sees. Raises RunError or DatasetError."""
    description = describe(name)
    if description is None:
        st.info(
            _("This network is too large to be sent to a browser. Choose another one to look into.")
        )
        return
    _show_what_is_looked_at()
    digit = looked_at()
    size = int(np.prod(description["decoder"][0]["inputShape"]))
    if digit is not None and shows("sum") and _adds_numbers_of_the_code(description):
        _ask("terms", readable_after, name, digit, size)
    open_network(
        description,
        lines_of(name),
        film=film_of(name),
        sum_lead=_sum_lead(name, description),
        key=_KEY,
    )
    if digit is not None and shows("hands") and _FEWEST <= size <= _MOST:
        _ask("can_go", can_go, name, digit, size)


def _ask(
    question: str,
    measured: Callable[[str, Floats], float],
    name: str,
    digit: ChosenDigit,
    size: int,
) -> None:
    level = visit().draw_noise
    seen = with_noise(digit.image, level)
    ask(
        question,
        lambda: measured(name, seen),
        about=subject_of(digit),
        through=name,
        given=(*chosen_noise(level), *strokes_of(digit)),
        span=Span(0, size),
    )


def _adds_numbers_of_the_code(description: Description) -> bool:
    """Whether the decoder is one dense layer: then the terms of the sum are the code's numbers."""
    return [layer["kind"] for layer in description["decoder"] if "kernel" in layer] == ["dense"]


def _show_what_is_looked_at() -> None:
    """The digit with its noise; nothing at all, black, while the canvas is empty."""
    digit = looked_at()
    noise = Noise(visit().noise_kind, visit().draw_noise, visit().noise_seed, slider="draw_noise")
    show_picture(
        np.zeros((28, 28), np.float32) if digit is None else digit.image,
        noise,
        spoken=_("an empty picture") if digit is None else digit.spoken,
        drawn=visit().source == "drawing",
    )


def lines_of(name: str) -> tuple[CodeLine, ...]:
    """The code that builds a model; each line knows which of the network's layers it stands for."""
    return _pca_lines(32) if name == "pca" else keras_lines(spec_of(name))


def _pca_lines(size: int) -> tuple[CodeLine, ...]:
    """PCA as scikit-learn has it; seen as a network, it is two dense layers between reshapings."""
    return (
        CodeLine("from sklearn.decomposition import PCA"),
        CodeLine(""),
        CodeLine("flat = train_images.reshape(-1, 784)", 0),
        CodeLine(f"pca = PCA(n_components={size}).fit(flat)"),
        CodeLine(""),
        CodeLine("code = pca.transform(images.reshape(-1, 784))", 1),
        CodeLine("reconstruction = pca.inverse_transform(code)", 2),
        CodeLine("reconstruction = reconstruction.reshape(-1, 28, 28).clip(0, 1)", 3),
    )


def _sum_lead(name: str, description: Description) -> str:
    """What the sum of this network is made of, in words."""
    if name == "pca":
        return _(
            "PCA decodes by adding. It starts with the mean of all digits; to that come 32 "
            "pictures, the same for every digit, each times one number of the code. Only the 32 "
            "numbers belong to this digit. What lies outside 0 to 1 at the end is clipped."
        )
    decoder = description["decoder"]
    weighted = [layer for layer in decoder if "kernel" in layer]
    if weighted[-1]["kind"] == "conv":
        return _(
            "The last layer slides a filter of 3 × 3 weights over each of its maps and adds what "
            "comes of them, on top of one bias. The sum is taken before the sigmoid, which turns "
            "0 into a grey of one half, −6 into black and 6 into white. Press Play: after how many "
            "maps can you read the digit?"
        )
    count = weighted[-1]["inputShape"][0]
    if len(weighted) == 1:
        return ngettext(
            "The decoder adds pictures. It starts with a bias for every pixel; to that comes "
            "{count} picture, the same for every digit, times the one number of the code. Only "
            "that number belongs to this digit. The sum is taken before the sigmoid, which turns "
            "0 into a grey of one half, −6 into black and 6 into white.",
            "The decoder adds pictures. It starts with a bias for every pixel; to that come "
            "{count} pictures, the same for every digit, each times one number of the code. Only "
            "those numbers belong to this digit. The sum is taken before the sigmoid, which turns "
            "0 into a grey of one half, −6 into black and 6 into white.",
            count,
        ).format(count=count)
    return _(
        "The last layer adds pictures, one for each of the {count} units before it, each times "
        "that unit's value now, on top of a bias for every pixel. The earlier layers only decide "
        "those values. The sum is taken before the sigmoid, which turns 0 into a grey of one half, "
        "−6 into black and 6 into white. Press Play: after how many terms can you read the digit?"
    ).format(count=count)
