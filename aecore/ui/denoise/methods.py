"""The parts of the page Denoise: the methods, their answers side by side, their curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from aecore.datasets import Floats, to_float
from aecore.filters import FILTERS, FilterKind, best_strength, denoise
from aecore.metrics import psnr, ssim
from aecore.noise import NoiseKind, add_chapter_noise, add_noise
from aecore.noise_curves import Denoiser, curve_levels, psnr_curve, spread
from aecore.projections import load_pca
from aecore.ui.charts import category, layer, quantity, show_chart
from aecore.ui.controls import level_title, with_noise
from aecore.ui.digits import ChosenDigit
from aecore.ui.figures import figure, picture, show_row_of_digits
from aecore.ui.language import _
from aecore.ui.models import mnist, model_names, model_title, open_model, run_of, spec_of
from aecore.ui.page import say_if_broken, show_html
from aecore.ui.palette import GREY, LINE_COLOURS
from aecore.ui.pictures import digit_uri
from aecore.ui.state import bound, visit

TEST_IMAGES = 200
"""How many test images a curve is measured on."""

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
_YOURS = LINE_COLOURS["teal"]


@dataclass(frozen=True)
class Method:
    """One way to clean an image: a model or a filter.

    curve       measures its `psnr_curve` for the visitor's kind of noise, or looks it up
    trained_on  the sigma a model was trained on; None for no noise
    up_to       whether it was trained on every sigma up to that
    """

    title: str
    colour: str
    cleaned: Denoiser
    curve: Callable[[], list[float]]
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


def filter_pills() -> tuple[str, ...]:
    """The control that ticks classical filters; returns the ticked ones."""
    st.pills(
        _("Classical filters, each at its best strength for this noise"),
        FILTERS,
        selection_mode="multi",
        format_func=filter_title,
        **bound("filters"),
    )
    return visit().filters


def chosen_methods(models: Sequence[str], filters: Sequence[str]) -> list[Method]:
    """The ticked models and filters.

    A model that cannot be opened is named in a sentence and left out.
    """
    kind = visit().noise_kind
    methods = []
    for name in models:
        with say_if_broken():
            methods.append(_model_method(name, kind))
    return methods + [_filter_method(name, kind) for name in FILTERS if name in filters]


def _model_method(name: str, kind: NoiseKind) -> Method:
    model = open_model(name)
    spec = None if name == "pca" else spec_of(name)
    version = "" if spec is None else run_of(name).version()
    return Method(
        model_title(name),
        _COLOURS.get(name, _YOURS),
        cleaned=lambda noisy, _level: model.reconstruct(noisy),
        curve=lambda: _model_curve(name, kind, version),
        trained_on=spec.noise if spec and spec.noise else None,
        up_to=bool(spec and spec.noise_varies),
    )


def _filter_method(name: FilterKind, kind: NoiseKind) -> Method:
    return Method(
        filter_title(name),
        GREY,
        cleaned=_best_filter(name, kind),
        curve=lambda: _filter_curve(name, kind),
        dash=_DASHES[name],
    )


def _best_filter(name: FilterKind, kind: NoiseKind) -> Denoiser:
    return lambda noisy, level: denoise(noisy, name, best_strength(name, kind, level))


@st.cache_data(max_entries=200, show_spinner=False)
def _model_curve(name: str, kind: NoiseKind, version: str) -> list[float]:  # noqa: ARG001
    model = open_model(name)
    return psnr_curve(lambda noisy, _level: model.reconstruct(noisy), _test_images(), kind)


@st.cache_data(max_entries=20, show_spinner=False)
def _filter_curve(name: FilterKind, kind: NoiseKind) -> list[float]:
    return psnr_curve(_best_filter(name, kind), _test_images(), kind)


@st.cache_data(max_entries=8, show_spinner=False)
def _noisy_curve(kind: NoiseKind) -> list[float]:
    return psnr_curve(lambda noisy, _level: noisy, _test_images(), kind)


def _test_images() -> Floats:
    return to_float(mnist().test_images[:TEST_IMAGES])


def side_by_side(methods: Sequence[Method], digit: ChosenDigit) -> dict[str, float]:
    """The clean image, the noisy one, and what each method makes of it, with PSNR and SSIM.

    Returns each method's PSNR in dB by its title.
    """
    level = visit().noise_level
    noisy = with_noise(digit.image, level)
    cleaned = {method.title: method.cleaned(noisy[None], level)[0] for method in methods}
    decibels = {title: psnr(digit.image, image) for title, image in cleaned.items()}
    best = max(decibels.values(), default=math.inf)
    figures = [
        _figure(digit.image, _("Clean"), "", digit.spoken),
        _attempt(digit, noisy, _("With noise"), is_best=False),
    ]
    figures += [
        _attempt(digit, image, title, is_best=decibels[title] == best)
        for title, image in cleaned.items()
    ]
    show_html(f'<div class="attempts">{"".join(figures)}</div>')
    return decibels


def _attempt(digit: ChosenDigit, image: Floats, title: str, *, is_best: bool) -> str:
    error = psnr(digit.image, image)
    numbers = _("PSNR {psnr} dB<br>SSIM {ssim:.2f}").format(
        psnr="∞" if math.isinf(error) else f"{error:.1f}", ssim=ssim(digit.image, image)
    )
    alt_text = _("{subject}: {method}").format(subject=digit.spoken, method=title)
    return _figure(image, title, numbers, alt_text, "best" if is_best else "")


def _figure(image: Floats, title: str, numbers: str, alt_text: str, kind: str = "") -> str:
    caption = f"<b>{escape(title)}</b><br>{numbers}"
    return figure(picture(digit_uri(image), alt_text), caption, kind=kind)


def curves(methods: Sequence[Method], yours: dict[str, float]) -> None:
    """PSNR against noise level for every method, with the point where the visitor is.

    A curve is measured once for all visitors. `yours` holds each method's PSNR on the visitor's
    own image, by title.
    """
    kind, level = visit().noise_kind, visit().noise_level
    levels = curve_levels(kind)
    unaided = Method(
        _("Nothing done"), GREY, lambda noisy, _level: noisy, lambda: _noisy_curve(kind), (1, 3)
    )
    drawn = [unaided, *methods]
    waiting = _("Measuring on {count} test images; only the first visitor waits.")
    with st.spinner(waiting.format(count=TEST_IMAGES)):
        measured = [method.curve() for method in drawn]
    lowest, highest = min(map(min, measured)), max(map(max, measured))
    gap = (highest - lowest) / 19
    labels = spread([curve[-1] for curve in measured], gap)
    points: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    leaders: list[dict[str, Any]] = []
    beyond = 1.06 * levels[-1]
    trained: list[dict[str, Any]] = []
    for method, curve, height in zip(drawn, measured, labels, strict=True):
        points += [
            {"level": at, "psnr": value, "method": method.title}
            for at, value in zip(levels, curve, strict=True)
        ]
        ends.append({"level": beyond, "psnr": height, "method": method.title})
        leaders += [
            {"level": levels[-1], "psnr": curve[-1], "method": method.title},
            {"level": beyond, "psnr": height, "method": method.title},
        ]
        if kind == "gaussian" and method.trained_on is not None and not method.up_to:
            at = method.trained_on
            value = float(np.interp(at, levels, curve))
            trained.append({"level": at, "psnr": value, "method": method.title})
    here = [
        {"level": level, "psnr": value, "method": title}
        for title, value in yours.items()
        if lowest - gap <= value <= highest + gap
    ]
    titles = [method.title for method in drawn]
    thick = [method.title for method in drawn if method.up_to]
    across = quantity(
        "level",
        level_title(kind),
        scale={"domain": [0, beyond], "nice": False},
        axis={"values": _ticks(kind), "grid": False, "titleAnchor": "start"},
    )
    place = {
        "x": across,
        "y": quantity(
            "psnr",
            _("PSNR in dB (higher is better)"),
            scale={"domain": [min(lowest, *labels) - gap, max(highest, *labels) + gap]},
        ),
        "color": category(
            "method",
            legend=None,
            scale={"domain": titles, "range": [method.colour for method in drawn]},
        ),
    }
    line = {
        **place,
        "strokeDash": category(
            "method",
            legend=None,
            scale={"domain": titles, "range": [list(method.dash) for method in drawn]},
        ),
        "strokeWidth": {
            "condition": {"test": {"field": "method", "oneOf": thick}, "value": 4.5},
            "value": 2,
        },
    }
    tooltip = [
        category("method", _("Method")),
        quantity("level", level_title(kind)),
        quantity("psnr", _("PSNR in dB"), format=".1f"),
    ]
    told = {**place, "tooltip": tooltip}
    you = [{"level": level, "word": _("you are here")}]
    word = {"x": across, "y": {"value": 0}, "text": category("word")}
    show_chart(
        [
            layer(you, "rule", {"x": across}, strokeDash=[3, 3], color=GREY),
            layer(
                you,
                "text",
                word,
                align="left",
                dx=4,
                dy=8,
                color=GREY,
                baseline="top",
                fontSize=13,
            ),
            layer(points, "line", line),
            layer(leaders, "line", line, opacity=0.7),
            layer(points, "point", told, filled=True, size=25),
            layer(here, "point", told, size=70, strokeWidth=2),
            layer(trained, "point", told, shape="diamond", filled=True, size=170, opacity=1),
            layer(
                ends,
                "text",
                {**place, "text": category("method")},
                align="left",
                dx=7,
                fontSize=14,
            ),
        ],
        height=480,
        alt=_("PSNR against the level of the noise, one curve for each of {count} methods").format(
            count=len(drawn)
        ),
    )


def _ticks(kind: NoiseKind) -> list[float]:
    ticks: dict[NoiseKind, list[float]] = {
        "gaussian": [0, 0.5, 1, 1.5, 2, 2.5, 3],
        "salt_and_pepper": [0, 0.2, 0.4, 0.6, 0.8, 1],
        "block": [0, 4, 8, 12, 16, 20, 24, 28],
        "uniform": [0, 0.5, 1, 1.5, 2, 2.5, 3],
    }
    return ticks[kind]


def chapter_sigma(digit: ChosenDigit) -> None:
    """The chapter's sigma of 3 as a picture, and what is left to answer with."""
    noisy = add_noise(digit.image[None], "gaussian", 3.0, visit().noise_seed)[0]
    shown = [(digit.image, _("clean")), (noisy, _("σ = 3"))]
    for name in [each for each in ("denoise", "denoise_any") if each in model_names()]:
        with say_if_broken():
            caption = _("{model},\ntrained on {noise}").format(
                model=model_title(name), noise=_training_noise(name)
            )
            shown.append((open_model(name).reconstruct(noisy[None])[0], caption))
    shown.append((load_pca().mean.reshape(28, 28), _("mean image")))
    _show_row(shown, digit)


def _training_noise(name: str) -> str:
    spec = spec_of(name)
    return (_("σ up to {sigma:g}") if spec.noise_varies else "σ {sigma:g}").format(sigma=spec.noise)


def chapter_snippet(digit: ChosenDigit) -> None:
    """What the chapter's last snippet shows, beside the noise it means to show."""
    pixels = np.round(255 * digit.image).astype(np.uint8)
    printed = add_chapter_noise(pixels[None], visit().noise_seed)[0]
    meant = add_noise(digit.image[None], "gaussian", 3.0, visit().noise_seed)[0]
    _show_row(
        [
            (digit.image, _("clean")),
            (printed, _("N(3, 10) on 0–255")),
            (meant, _("N(0, 3) on 0–1")),
        ],
        digit,
    )


def _show_row(shown: Sequence[tuple[Floats, str]], digit: ChosenDigit) -> None:
    show_row_of_digits(
        np.stack([image for image, _caption in shown]),
        [caption for _image, caption in shown],
        [
            _("{subject}: {method}").format(subject=digit.spoken, method=caption)
            for _image, caption in shown
        ],
    )
