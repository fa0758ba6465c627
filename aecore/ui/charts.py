"""Charts as Vega-Lite says them: layers of rows, a mark, and what each channel shows.

https://vega.github.io/vega-lite/docs/. Plain dictionaries, because the library that writes them
from Python would cost the server 34 MB and each refresh of a training a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

Layer = dict[str, Any]
Channel = dict[str, Any]


_LETTERS = {"expr": "windowSize()[0] < 1600 ? 13 : 18"}
"""The size of a chart's letters in pixels: on a projector as large as captions."""

HALF_A_LINE_UP = {"expr": "windowSize()[0] < 1600 ? -7 : -10"}
"""The `dy` of a label of two lines: their middle is then where one line would stand."""

_LEGIBLE = {
    "text": {"fontSize": _LETTERS},
    "axis": {"labelFontSize": _LETTERS, "titleFontSize": _LETTERS},
    "legend": {"labelFontSize": _LETTERS, "titleFontSize": _LETTERS},
}


def quantity(field: str, title: str | None = None, **more: object) -> Channel:
    """A channel that shows the number in `field`: position, size."""
    return {"field": field, "type": "quantitative", "title": title, **more}


def category(field: str, title: str | None = None, **more: object) -> Channel:
    """A channel that shows the word in `field`: colour, dashes, text."""
    return {"field": field, "type": "nominal", "title": title, **more}


def layer(
    rows: Sequence[Mapping[str, object]], mark: str, encoding: Mapping[str, object], **look: object
) -> Layer:
    """One layer: a `mark` of some `look` for each row, or one line through all."""
    return {
        "data": {"values": list(rows)},
        "mark": {"type": mark, **look},
        "encoding": dict(encoding),
    }


def show_chart(layers: Sequence[Layer], *, height: int | None, alt: str) -> None:
    """Draw layers over each other, the first at the bottom; `alt` says in words what is seen.

    Without a `height` in pixels it is as high as the container around it.
    """
    chart: dict[str, Any] = {"layer": list(layers), "config": _LEGIBLE}
    if height is not None:
        chart["height"] = height
    st.vega_lite_chart(
        chart, width="stretch", height="content" if height is not None else "stretch", alt=alt
    )
