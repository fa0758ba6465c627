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


def show_chart(layers: Sequence[Layer], *, height: int, alt: str) -> None:
    """Draw layers over each other, the first at the bottom; `alt` says in words what is seen."""
    st.vega_lite_chart({"height": height, "layer": list(layers)}, width="stretch", alt=alt)
