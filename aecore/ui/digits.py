"""The digit a page looks at: a test image, chosen by class and by turning over, or a drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from aecore.datasets import Floats, to_float
from aecore.ui.drawings import Drawing
from aecore.ui.language import _
from aecore.ui.models import mnist
from aecore.ui.state import bound, mirror, put_into_widget, visit

FIRST = (10, 2, 35, 142, 4, 15, 11, 0, 134, 16)
"""Of each class a test image that nobody takes for another digit."""


@dataclass(frozen=True)
class ChosenDigit:
    """An image float32 `(28, 28)` in [0, 1], its label if it has one, and words for it."""

    image: Floats
    label: int | None
    spoken: str


def chosen_digit() -> ChosenDigit:
    """The test digit this visitor looks at. Raises DatasetError."""
    return digit_at(visit().digit)


def digit_at(index: int) -> ChosenDigit:
    """A test image with its label. Raises DatasetError."""
    label = int(mnist().test_labels[index])
    image = to_float(mnist().test_images[index])
    return ChosenDigit(image, label, spoken_digit(index))


def spoken_digit(index: int) -> str:
    """Words for a test image."""
    label = int(mnist().test_labels[index])
    return _("a handwritten {label} (test image {index})").format(label=label, index=index)


def looked_at() -> ChosenDigit | None:
    """The visitor's drawing or the test digit, as chosen; None when the canvas is empty."""
    if visit().source == "digit":
        return chosen_digit()
    drawing: Drawing | None = visit().drawing
    if drawing is None or drawing.preparation is None:
        return None
    return ChosenDigit(drawing.preparation.image, None, _("your drawing"))


def source_switch() -> None:
    """The control that chooses between the visitor's drawing and a test digit."""
    titles = {"drawing": _("My drawing"), "digit": _("A test digit")}
    st.segmented_control(
        _("Look at"),
        required=True,
        format_func=titles.__getitem__,
        **bound("source"),
    )


def digit_picker() -> None:
    """Ten buttons for the ten classes, and one that turns over to another of the same class."""
    current = int(mnist().test_labels[visit().digit])
    key = "picked_class"
    put_into_widget(key, current)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            _("Which digit?"), list(range(10)), required=True, key=key, on_change=_show_class
        )
        st.button(
            _("Another one like it"),
            icon=":material/autorenew:",
            on_click=_turn_over,
            width="content",
        )


def _show_class() -> None:
    chosen = st.session_state["picked_class"]
    if chosen is not None:
        visit().digit = FIRST[chosen]
        mirror()


def _turn_over() -> None:
    """On to the next test image of the same class; behind the last one comes the first again."""
    labels, current = mnist().test_labels, visit().digit
    indices = np.flatnonzero(labels == labels[current])
    later = indices[indices > current]
    visit().digit = int(later[0] if len(later) else indices[0])
    mirror()
