"""The open network in the browser: its sum, its layers with the values they have now, its code.

Two things go to the browser, in messages of their own: the network, its code and every sentence
once a model (`open_network`), and the picture that it is to see whenever that changes
(`show_picture`). Everything else happens in the browser.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from aecore.datasets import Floats
from aecore.keras_code import CodeLine
from aecore.noise import NoiseKind, noise_field
from aecore.ui.engine.live import in_base64
from aecore.ui.engine.weights import Description
from aecore.ui.inside.film import Film
from aecore.ui.inside.words import words
from aecore.ui.language import current_language
from aecore.ui.models import mnist
from aecore.ui.modules import module, view

DIGITS = 200
"""How many test digits a network that was touched is measured on."""

_FOLDER = Path(__file__).parent

_view = st.components.v2.component("inside", **view(_FOLDER, "inside"))
_picture = st.components.v2.component("inside_picture", js=module(_FOLDER / "picture.js"))


@dataclass(frozen=True)
class Noise:
    """The noise on what the network sees, see aecore.noise; `slider` names the level's field."""

    kind: NoiseKind
    level: float
    seed: int
    slider: str


def open_network(
    network: Description,
    lines: Sequence[CodeLine],
    *,
    film: Film | None,
    sum_lead: str,
    key: str,
) -> None:
    """Show a network: what `aecore.ui.engine` describes of it, and the code that builds it.

    `film` is its training, if its weights were kept; `sum_lead` says in words what the network's
    sum is made of.
    """
    identity = json.dumps([network["key"], network["name"], sum_lead, current_language()])
    _view(
        key=key,
        data={
            "version": hashlib.sha256(identity.encode()).hexdigest()[:16],
            "network": network,
            "film": film,
            "lines": [{"text": line.text, "layer": line.layer} for line in lines],
            "sumLead": sum_lead,
            "words": words(),
            "digits": _test_digits(),
        },
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def _test_digits() -> str:
    return in_base64(mnist().test_images[:DIGITS])


def show_picture(image: Floats, noise: Noise, *, spoken: str, drawn: bool) -> None:
    """Let the open network see `image`, float32 `(28, 28)`, with noise on it.

    `spoken` says what it shows. While the pen of a `drawn` picture or the slider of the noise
    moves, the browser goes on by itself.
    """
    _picture(
        key="inside_picture",
        data={
            "image": np.round(image.ravel(), 5).tolist(),
            "spoken": spoken,
            "kind": noise.kind,
            "field": noise_field(noise.kind, noise.seed).astype(np.float64).ravel().tolist(),
            "level": noise.level,
            "slider": f"st-key-bound_{noise.slider}",
            "pen": drawn,
        },
    )
