"""The numbers of a code as sliders; the decoder answers in the browser while they move."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import streamlit as st

from aecore.datasets import Floats
from aecore.ui.digits import ChosenDigit
from aecore.ui.engine.weights import describe
from aecore.ui.language import _
from aecore.ui.models import open_model
from aecore.ui.modules import module

_FOLDER = Path(__file__).parent
_KEY = "code_sliders"

_sliders = st.components.v2.component(
    "code_sliders",
    html=(_FOLDER / "code_sliders.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "code_sliders.css").read_text(encoding="utf-8"),
    js=module(_FOLDER / "code_sliders.js"),
)


def code_sliders(name: str, digit: ChosenDigit) -> None:
    """Show the digit's code in the model `name`, each number to be turned, and what is drawn of it.

    The browser decodes what is turned; where the weights do not arrive, it asks the server. Raises
    RunError for a model that is missing or damaged.
    """
    model = open_model(name)
    code = model.encode(digit.image[None])[0]
    turned = numbers_turned(st.session_state.get(_KEY), digit.spoken, code)
    encoded, answer = model.decode(np.stack([code, turned]))
    _sliders(
        key=_KEY,
        data={
            "network": describe(name),
            "subject": digit.spoken,
            "code": code.tolist(),
            "image": _short(digit.image),
            "encoded": _short(encoded),
            "answer": _short(answer),
            "words": _words(),
        },
        on_turned_change=lambda: None,
    )


def numbers_turned(state: object, subject: str, code: Floats) -> Floats:
    """The numbers `(code_size,)` that the browser asks about: `code` itself unless all is well.

    What it sends is not trusted: it must belong to the same `subject`, and be as many numbers,
    each between 0 and twice the code's largest.
    """
    turned = state.get("turned") if isinstance(state, Mapping) else None
    if not isinstance(turned, dict) or turned.get("of") != subject:
        return code
    numbers = turned.get("numbers")
    if not isinstance(numbers, list) or len(numbers) != len(code):
        return code
    most = 2 * float(code.max()) + 1e-3
    if not all(isinstance(n, int | float) and math.isfinite(n) and 0 <= n <= most for n in numbers):
        return code
    return np.array(numbers, np.float32)


def _short(image: Floats) -> list[float]:
    return [round(float(value), 4) for value in image.ravel()]


def _words() -> dict[str, str]:
    """Every sentence of the component; `{names}` are filled in by the browser."""
    return {
        "desk": _("The numbers of the code"),
        "number": _("Number {number} of the code"),
        "said": _(
            "Number {number} is {now}; the encoder made it {was}. The sliders end at {most}."
        ),
        "reset": _("As encoded"),
        "encoded": _("as encoded"),
        "turned": _("turned"),
        "encodedAlt": _("Reconstruction of {subject}"),
        "turnedAlt": _("What the decoder draws after numbers of the code were turned"),
        "trouble": _(
            "The decoder's weights did not arrive whole in your browser. The picture follows when "
            "a slider rests."
        ),
    }
