"""Drawing by keyboard on the page's canvas."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aecore.ui.language import _
from aecore.ui.modules import module

_keys = st.components.v2.component(
    "pen_keys",
    html='<span class="spoken" role="status" aria-live="polite"></span>',
    js=module(Path(__file__).parent / "keyboard.js"),
)


def pen_keys() -> None:
    """Give the drawing canvas of this page a name, and the keys that move its pen.

    What the pen does is announced to screen readers; `{x}` and `{y}` are filled in by the browser.
    """
    _keys(
        key="pen_keys",
        data={
            "canvas": _(
                "Canvas to draw on. The arrow keys move the pen, with Shift further; the space "
                "bar puts it down and lifts it."
            ),
            "down": _("Pen down"),
            "up": _("Pen lifted"),
            "at": _("{x} percent from the left, {y} percent from the top"),
        },
    )
