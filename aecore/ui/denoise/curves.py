"""Every level of noise: PSNR against it, a line for each method."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from aecore.curves.measured_curves import TEST_IMAGES
from aecore.curves.noise_curves import curve_levels
from aecore.filters import FILTERS
from aecore.labels import separated
from aecore.noise import NOISE_RANGES, NoiseKind
from aecore.sentences import joined
from aecore.takehome.figures import Curve, Curves
from aecore.ui.charts import Channel, Layer, category, layer, quantity, show_chart
from aecore.ui.controls import level_title
from aecore.ui.denoise.methods import Method, chosen_methods, knowing_by_heart, nothing_done
from aecore.ui.language import _, ngettext
from aecore.ui.palette import GREY
from aecore.ui.predictions import ask
from aecore.ui.state import visit
from aecore.ui.takehome.figures import offer_figure

_ROWS_OF_NAMES = 16
"""So many names fit over each other at the chart's right edge."""


@dataclass(frozen=True)
class _Curve:
    """A method's PSNR in dB at each of `levels`, and the height in dB at which its name stands."""

    method: Method
    levels: tuple[float, ...]
    values: list[float]
    name_at: float

    @property
    def title(self) -> str:
        return self.method.title

    @property
    def diamond(self) -> tuple[float, float] | None:
        """The (largest) sigma of Gaussian noise that a model was trained on, and its PSNR there.

        Between two measured levels that lies on the line through them.
        """
        sigma = self.method.trained_on
        if sigma is None:
            return None
        return sigma, float(np.interp(sigma, self.levels, self.values))


def show_curves(methods: Sequence[Method], yours: Mapping[str, float]) -> None:
    """Draw PSNR against noise level for every method, with the point where the visitor is.

    `yours` holds each method's PSNR in dB on the visitor's own image, by title. What was not
    measured before is measured now, once for all visitors.
    """
    kind, level = visit().noise_kind, visit().noise_level
    by_heart = knowing_by_heart()
    curves = _measured([nothing_done(), *by_heart, *methods], kind)
    chart = _Chart(curves, kind)
    layers = [
        *chart.here(level),
        *chart.lines(),
        chart.points(),
        chart.rings(level, yours),
        chart.diamonds(),
        chart.names(),
    ]
    show_chart(
        layers,
        height=480,
        alt=ngettext(
            "PSNR against the level of the noise, the curve of {count} method",
            "PSNR against the level of the noise, one curve for each of {count} methods",
            len(curves),
        ).format(count=len(curves)),
    )
    if by_heart:
        st.caption(
            _(
                "The upper dotted line knows all 60,000 training digits by heart. It answers with "
                "their mean, each weighted by how well it explains the noisy picture. In strong "
                "noise hardly anything gets past it. In weak noise networks do: no digit in its "
                "memory is quite the one that it sees."
            )
        )
    offer_figure(_("This chart for paper or slides"), "psnr", _figure)


def ask_when_networks_pay(methods: Sequence[Method]) -> bool:
    """Ask for the level at which networks begin to beat filters, if both are ticked.

    Returns whether the curves may be seen.
    """
    kind = visit().noise_kind
    filters = [method for method in methods if method.name in FILTERS]
    networks = [method for method in methods if method not in filters and method.name != "pca"]
    if not (networks and filters):
        return True

    def first_level() -> float:
        ours, theirs = ([method.curve() for method in side] for side in (networks, filters))
        return first_level_ahead(ours, theirs, kind)

    given = tuple(method.name for method in (*networks, *filters))
    return ask("pays", first_level, about=kind, given=given, span=NOISE_RANGES[kind].levels)


def first_level_ahead(
    networks: Sequence[list[float]], filters: Sequence[list[float]], kind: NoiseKind
) -> float:
    """The first level at which the best network's curve is above every filter's, or infinity."""
    ahead = np.flatnonzero(np.max(networks, axis=0) > np.max(filters, axis=0))
    return float(curve_levels(kind)[ahead[0]]) if len(ahead) else math.inf


def _measured(methods: Sequence[Method], kind: NoiseKind) -> list[_Curve]:
    waiting = _("Measuring on {count} test images; only the first visitor waits.")
    with st.spinner(waiting.format(count=TEST_IMAGES)):
        measured = [method.curve() for method in methods]
    gap = (max(map(max, measured)) - min(map(min, measured))) / (_ROWS_OF_NAMES - 1)
    heights = separated([values[-1] for values in measured], gap)
    return [
        _Curve(method, curve_levels(kind), values, height)
        for method, values, height in zip(methods, measured, heights, strict=True)
    ]


def _figure() -> Curves:
    """The same curves for paper and slides, without what belongs to one image alone."""
    kind = visit().noise_kind
    curves = _measured([nothing_done(), *knowing_by_heart(), *chosen_methods()], kind)
    return Curves(
        level_title(kind),
        _("PSNR in dB (higher is better)"),
        [
            Curve(
                curve.title,
                curve.levels,
                curve.values,
                curve.method.colour,
                curve.name_at,
                dash=curve.method.dash,
                thick=curve.method.up_to,
                diamond=curve.diamond if kind == "gaussian" else None,
            )
            for curve in curves
        ],
        note=_note(curves) if kind == "gaussian" else "",
    )


def _note(curves: Sequence[_Curve]) -> str:
    """What diamonds and thick lines mean, as far as there are some."""
    marked = [curve.method.up_to for curve in curves if curve.diamond is not None]
    words = []
    if not all(marked):
        words.append(_("Diamond: the σ it was trained on."))
    if any(marked):
        words.append(_("Thick line: trained on every σ from 0 to its diamond."))
    return joined(*words) if words else ""


class _Chart:
    """The chart's layers, and what they share: places, colours and the tooltip."""

    def __init__(self, curves: list[_Curve], kind: NoiseKind) -> None:
        self.curves, self.kind = curves, kind
        values = [value for curve in curves for value in curve.values]
        self.gap = (max(values) - min(values)) / (_ROWS_OF_NAMES - 1)
        self.lowest, self.highest = min(values) - self.gap, max(values) + self.gap
        self.end = curve_levels(kind)[-1]
        self.edge = 1.06 * self.end
        """Where the names stand, in levels: a little beyond the last one."""
        self.titles = [curve.title for curve in curves]
        self.place = {"x": self._across(), "y": self._up(), "color": self._colour()}
        self.told = {
            **self.place,
            "tooltip": [
                category("method", _("Method")),
                quantity("level", level_title(kind)),
                quantity("psnr", _("PSNR in dB"), format=".1f"),
            ],
        }

    def _across(self) -> Channel:
        return quantity(
            "level",
            level_title(self.kind),
            scale={"domain": [0, self.edge], "nice": False},
            axis={"values": _ticks(self.kind), "grid": False, "titleAnchor": "start"},
        )

    def _up(self) -> Channel:
        names = [curve.name_at for curve in self.curves]
        low, high = min(self.lowest, *names), max(self.highest, *names)
        scale = {"domain": [low, high], "nice": False}
        return quantity("psnr", _("PSNR in dB (higher is better)"), scale=scale)

    def _colour(self) -> Channel:
        colours = [curve.method.colour for curve in self.curves]
        return category("method", legend=None, scale={"domain": self.titles, "range": colours})

    def here(self, level: float) -> list[Layer]:
        """An upright line at the visitor's level."""
        you = [{"level": level, "word": _("you are here")}]
        word = {"x": self.place["x"], "y": {"value": 0}, "text": category("word")}
        look = {"align": "left", "dx": 4, "dy": 8, "baseline": "top"}
        return [
            layer(you, "rule", {"x": self.place["x"]}, strokeDash=[3, 3], color=GREY),
            layer(you, "text", word, color=GREY, **look),
        ]

    def lines(self) -> list[Layer]:
        """The curves, and thin ones that lead from their ends to their names."""
        dashes = [list(curve.method.dash) for curve in self.curves]
        thick = [curve.title for curve in self.curves if curve.method.up_to]
        line = {
            **self.place,
            "strokeDash": category(
                "method", legend=None, scale={"domain": self.titles, "range": dashes}
            ),
            "strokeWidth": {
                "condition": {"test": {"field": "method", "oneOf": thick}, "value": 4.5},
                "value": 2,
            },
        }
        leaders = [
            row
            for curve in self.curves
            for row in (
                _row(curve.title, self.end, curve.values[-1]),
                _row(curve.title, self.edge, curve.name_at),
            )
        ]
        return [layer(self._measured(), "line", line), layer(leaders, "line", line, opacity=0.7)]

    def points(self) -> Layer:
        """A point at each level that was measured."""
        return layer(self._measured(), "point", self.told, filled=True, size=25)

    def _measured(self) -> list[dict[str, object]]:
        return [
            _row(curve.title, level, value)
            for curve in self.curves
            for level, value in zip(curve.levels, curve.values, strict=True)
        ]

    def rings(self, level: float, yours: Mapping[str, float]) -> Layer:
        """What each method made of the visitor's own image, as far as it lies in the chart."""
        rows = [
            _row(title, level, value)
            for title, value in yours.items()
            if self.lowest <= value <= self.highest
        ]
        return layer(rows, "point", self.told, size=70, strokeWidth=2)

    def diamonds(self) -> Layer:
        """The sigma of Gaussian noise that a model was trained on, or was trained up to."""
        rows = [
            _row(curve.title, *curve.diamond)
            for curve in self.curves
            if self.kind == "gaussian" and curve.diamond is not None
        ]
        look = {"shape": "diamond", "filled": True, "size": 170, "opacity": 1}
        return layer(rows, "point", self.told, **look)

    def names(self) -> Layer:
        """Each method's name beside the end of its curve."""
        rows = [_row(curve.title, self.edge, curve.name_at) for curve in self.curves]
        named = {**self.place, "text": category("method")}
        return layer(rows, "text", named, align="left", dx=7)


def _row(title: str, level: float, decibels: float) -> dict[str, object]:
    return {"level": level, "psnr": decibels, "method": title}


def _ticks(kind: NoiseKind) -> list[float]:
    ticks: dict[NoiseKind, list[float]] = {
        "gaussian": [0, 0.5, 1, 1.5, 2, 2.5, 3],
        "salt_and_pepper": [0, 0.2, 0.4, 0.6, 0.8, 1],
        "block": [0, 4, 8, 12, 16, 20, 24, 28],
        "uniform": [0, 0.5, 1, 1.5, 2, 2.5, 3],
    }
    return ticks[kind]
