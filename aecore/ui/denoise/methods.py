"""The ways to clean an image: models and filters, each with its title, its line and its curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

import streamlit as st

from aecore.curves.measured_curves import (
    BY_HEART,
    NOTHING,
    best_filter,
    know_by_heart,
    leave_as_is,
    measure,
    measured_curve,
)
from aecore.curves.noise_curves import Denoiser
from aecore.filters import FILTERS, FilterKind
from aecore.noise import NoiseKind
from aecore.ui.language import _
from aecore.ui.models import model_title, open_model, run_of, spec_of
from aecore.ui.page import say_if_broken
from aecore.ui.palette import GREY, LINE_COLOURS
from aecore.ui.state import bound, visit

_COLOURS = {
    "plain": LINE_COLOURS["blue"],
    "deep": LINE_COLOURS["orange"],
    "conv": LINE_COLOURS["violet"],
    "denoise": LINE_COLOURS["red"],
    "denoise_any": LINE_COLOURS["green"],
    "sparse": LINE_COLOURS["brown"],
    "vae": LINE_COLOURS["mustard"],
    "latent2d": LINE_COLOURS["slate"],
    "neighbours2d": LINE_COLOURS["pink"],
    "pca": GREY,
}
_DASHES: dict[FilterKind, tuple[int, ...]] = {
    "median": (9, 4),
    "gaussian": (3, 3),
    "total_variation": (10, 3, 2, 3),
}
_DOTTED = (1, 3)
_YOURS = [LINE_COLOURS[name] for name in ("teal", "pink", "mustard", "slate", "brown")]
"""For the visitor's own: the first is theirs alone, the others belong to networks seldom ticked."""


@dataclass(frozen=True)
class Method:
    """One way to clean an image: a model or a filter.

    name        that of the model or filter
    model       the model's name; "" for a filter
    curve       measures its `psnr_curve` for the visitor's kind of noise, or looks it up
    trained_on  the sigma a model was trained on; None for no noise
    up_to       whether it was trained on every sigma up to that one
    """

    name: str
    title: str
    colour: str
    cleaned: Denoiser
    curve: Callable[[], list[float]]
    model: str = ""
    dash: tuple[int, ...] = (1, 0)
    trained_on: float | None = None
    up_to: bool = False


def filter_title(kind: FilterKind) -> str:
    """What visitors read for a filter."""
    return {
        "median": _("Median"),
        "gaussian": _("Gaussian blur"),
        "total_variation": _("Total variation"),
    }[kind]


def filter_pills() -> None:
    """The control that ticks classical filters."""
    st.pills(
        _("Classical filters, each at its best strength for this noise"),
        FILTERS,
        selection_mode="multi",
        format_func=filter_title,
        **bound("filters"),
    )


def nothing_done() -> Method:
    """The method that leaves the noise as it is: what every other must beat."""
    kind = visit().noise_kind
    return Method(
        NOTHING,
        _("Nothing done"),
        GREY,
        cleaned=leave_as_is,
        curve=lambda: measured_curve(NOTHING, kind) or _noisy_curve(kind),
        dash=_DOTTED,
    )


def knowing_by_heart() -> list[Method]:
    """The method that knows all training digits; none where that was not measured."""
    curve = measured_curve(BY_HEART, visit().noise_kind)
    if curve is None:
        return []
    title = _("All digits by heart")
    return [Method(BY_HEART, title, GREY, know_by_heart, lambda: curve, dash=_DOTTED)]


def chosen_methods() -> list[Method]:
    """The ticked models and filters.

    A model that cannot be opened is named in a sentence and left out.
    """
    kind = visit().noise_kind
    own = [name for name in visit().models if name not in _COLOURS]
    colours = _COLOURS | dict(zip(own, cycle(_YOURS), strict=False))
    methods = []
    for name in visit().models:
        with say_if_broken():
            methods.append(_model_method(name, kind, colours[name]))
    return methods + [_filter_method(name, kind) for name in FILTERS if name in visit().filters]


def _model_method(name: str, kind: NoiseKind, colour: str) -> Method:
    model = open_model(name)
    spec = None if name == "pca" else spec_of(name)
    return Method(
        name,
        model_title(name),
        colour,
        cleaned=lambda noisy, _level: model.reconstruct(noisy),
        curve=lambda: model_curve(name, kind),
        model=name,
        trained_on=spec.noise if spec and spec.noise else None,
        up_to=bool(spec and spec.noise_grows),
    )


def _filter_method(name: FilterKind, kind: NoiseKind) -> Method:
    return Method(
        name,
        filter_title(name),
        GREY,
        cleaned=best_filter(name, kind),
        curve=lambda: filter_curve(name, kind),
        dash=_DASHES[name],
    )


def model_curve(name: str, kind: NoiseKind) -> list[float]:
    """A model's `psnr_curve`, looked up or measured. Raises RunError."""
    version = "" if name == "pca" else run_of(name).version()
    return measured_curve(name, kind, version) or _model_curve(name, kind, version)


def filter_curve(name: FilterKind, kind: NoiseKind) -> list[float]:
    """The same of a filter at its best strengths."""
    return measured_curve(name, kind) or _filter_curve(name, kind)


@st.cache_data(max_entries=200, show_spinner=False)
def _model_curve(name: str, kind: NoiseKind, version: str) -> list[float]:  # noqa: ARG001
    model = open_model(name)
    return measure(lambda noisy, _level: model.reconstruct(noisy), kind)


@st.cache_data(max_entries=20, show_spinner=False)
def _filter_curve(name: FilterKind, kind: NoiseKind) -> list[float]:
    return measure(best_filter(name, kind), kind)


@st.cache_data(max_entries=8, show_spinner=False)
def _noisy_curve(kind: NoiseKind) -> list[float]:
    return measure(leave_as_is, kind)
