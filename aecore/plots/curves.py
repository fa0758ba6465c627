"""Lines in one chart, each with its name at its end."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from aecore.takehome.figures import Curve, Curves

_SIZE = (5.2, 3.5)
"""Inches of the chart; names and titles come to it."""

_GREY = "#62666d"
_SMALL = 7.5
_MOST_DOTS = 30

_TO_NAME = 10
"""Points from a line's end to its name."""


def draw_curves(wanted: Curves) -> Figure:
    """A chart that can be read without its colours: by names, dashes and widths."""
    figure = Figure(figsize=_SIZE)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlabel(wanted.x_title, loc="left")
    axes.set_ylabel(wanted.y_title)
    is_short = max(len(curve.x) for curve in wanted.curves) < _MOST_DOTS
    for curve in wanted.curves:
        is_only_a_dot = len(curve.x) == 1
        _draw(axes, curve, dot=2.8 if is_short or is_only_a_dot else 0)
    for value, name in wanted.rules:
        axes.axhline(value, color=_GREY, linewidth=0.6, linestyle=(0, (2, 3)))
        axes.annotate(
            name,
            (1, value),
            (-_TO_NAME, 2),  # a name at the end of a line begins within the axes
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            color=_GREY,
            fontsize=_SMALL,
        )
    if wanted.whole_x:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if all(curve.level for curve in wanted.curves):
        axes.set_xticks([])
    below = -0.15
    if any(curve.title for curve in wanted.curves):
        axes.legend(loc="upper left", bbox_to_anchor=(-0.02, below), frameon=False, handlelength=3)
    elif wanted.note:
        axes.text(0, below, wanted.note, transform=axes.transAxes, va="top", fontsize=_SMALL)
    return figure


def _draw(axes: Axes, curve: Curve, *, dot: float) -> None:
    """The line, with dots of that size and its diamond; a thin one from its end to its name."""
    is_whole = curve.dash[1] == 0
    xs, ys, place = curve.x, curve.y, axes.transData
    if curve.level:  # from edge to edge, whatever lies between them
        xs, ys, place = (0, 1), (curve.y[0], curve.y[0]), axes.get_yaxis_transform()
    axes.plot(
        xs,
        ys,
        color=curve.colour,
        linestyle="-" if is_whole else (0, tuple(curve.dash)),
        dash_capstyle="butt",
        linewidth=2.8 if curve.thick else 1.3,
        marker="" if curve.level else "o",
        markersize=dot,
        label=curve.title,
        transform=place,
    )
    if curve.diamond is not None:
        axes.plot(*curve.diamond, marker="D", markersize=6.5, color=curve.colour)
    axes.annotate(
        curve.name,
        (xs[-1], ys[-1]),
        (_TO_NAME, curve.name_at),
        xycoords=place,
        textcoords=("offset points", "data"),
        va="center",
        color=curve.colour,
        arrowprops={"arrowstyle": "-", "color": curve.colour, "linewidth": 0.6, "shrinkB": 2},
    )
