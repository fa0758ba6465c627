"""Maps of digits side by side, each kind of digit in its colour and named where it lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from aecore.datasets import Bytes
from aecore.labels import apart
from aecore.takehome.figures import Map, Maps

_SIDE = 3.1
"""Inches of one map."""

_NEAREST = 0.08
"""How near two digits may be written, as a share of the map's width."""


def draw_maps(wanted: Maps) -> Figure:
    """Points for digits; in the middle of each kind its digit, so that no colour is needed.

    The points are pixels also in PDF and SVG: thousands of circles would make files that open
    slowly and print no better.
    """
    count = len(wanted.maps)
    figure = Figure(figsize=(_SIDE * count, _SIDE))
    labels = np.asarray(wanted.labels)
    for number, each in enumerate(wanted.maps):
        axes = figure.add_axes((number / count, 0, 0.96 / count, 0.96))
        _draw(axes, each, labels, wanted.colours)
    dots = [
        Line2D([], [], marker="o", linestyle="", markersize=5, color=colour, label=str(digit))
        for digit, colour in enumerate(wanted.colours)
    ]
    figure.legend(
        handles=dots,
        title=wanted.legend,
        loc="upper center",
        bbox_to_anchor=(0.49, -0.01),
        ncols=len(dots),
        frameon=False,
        handletextpad=0,
        columnspacing=1.2,
    )
    return figure


def _draw(axes: Axes, wanted: Map, labels: Bytes, colours: Sequence[str]) -> None:
    places = np.asarray(wanted.places)
    left, bottom, right, top = wanted.shown
    axes.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_title(wanted.title, fontsize=9, loc="left")
    axes.spines[:].set_visible(True)
    axes.scatter(
        places[:, 0],
        places[:, 1],
        s=2.5,
        c=np.asarray(colours)[labels],
        linewidths=0,
        alpha=0.8,
        rasterized=True,
    )
    middles = np.array([np.median(places[labels == digit], axis=0) for digit in range(10)])
    for digit, (x, y) in enumerate(apart(middles, _NEAREST * (right - left))):
        axes.text(
            x,
            y,
            str(digit),
            fontweight="bold",
            ha="center",
            va="center",
            bbox={"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": colours[digit]},
        )
