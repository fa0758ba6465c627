"""The code as 32 small sliders, in the browser: turn any of them, and the decoder draws anew."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aecore.datasets import Floats
from aecore.ui.engine.weights import Description
from aecore.ui.language import _
from aecore.ui.modules import view

_FOLDER = Path(__file__).parent

_board = st.components.v2.component("code_board", **view(_FOLDER, "code_board"))


def show_code_board(network: Description, code: Floats, *, spoken: str) -> None:
    """A slider for every number of `code`, float32 `(code_size,)`, none of them negative.

    `spoken` says in words what was encoded. What a visitor turns stays until another digit comes.
    """
    _board(
        key="code_board",
        data={
            "network": network,
            "code": code.astype(float).tolist(),
            "words": {
                "encoded": _("as encoded"),
                "turned": _("as turned"),
                "encodedAlt": _("Reconstruction of {subject}").format(subject=spoken),
                "turnedAlt": _("What the decoder draws from the code as you turned it"),
                "number": _("Number {unit} of the code"),
                "value": _("{value}; as encoded it is {encoded}"),
                "hint": _(
                    "Each bar is one number of the code, from 0 to twice its largest. Drag a bar, "
                    "or go there with Tab and the arrow keys. The line marks where the digit had "
                    "it."
                ),
                "reset": _("Undo all changes"),
                "trouble": _(
                    "The decoder's weights did not arrive whole in your browser. Load the page "
                    "again."
                ),
            },
        },
    )
