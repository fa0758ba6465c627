"""Strips that answer in the browser while the pen or a slider moves."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from aecore.datasets import Floats
from aecore.noise import NoiseKind, noise_field
from aecore.ui.engine.weights import describe
from aecore.ui.language import _
from aecore.ui.modules import module

_live = st.components.v2.component("live_strip", js=module(Path(__file__).parent / "live.js"))


@dataclass(frozen=True)
class Live:
    """How a strip goes on by itself.

    strip              a word that tells the strips of a page apart
    kind, level, seed  the noise that its models meet, see aecore.noise
    slider, label      the field of the visit that the level's slider edits, and what it is called
    pen                whether the strip follows the drawing canvas
    """

    strip: str
    kind: NoiseKind
    level: float
    seed: int
    slider: str
    label: str
    pen: bool = False


def bring_to_life(live: Live, names: Sequence[str], image: Floats) -> None:
    """Let the models of a strip on this page answer in the browser, too.

    `image`, float32 `(28, 28)`, is the clean picture that the strip now shows. Models too large
    to send are left to the server.
    """
    models = [description for name in names if (description := describe(name)) is not None]
    _live(
        key=f"live_{live.strip}",
        data={
            "strip": live.strip,
            "models": models,
            "image": in_base64(image.astype("<f4")),
            "kind": live.kind,
            "field": in_base64(noise_field(live.kind, live.seed).astype("<f8")),
            "level": live.level,
            "slider": f"st-key-bound_{live.slider}",
            "label": live.label,
            "pen": live.pen,
            "words": _words(),
        },
    )


def in_base64(numbers: NDArray[Any]) -> str:
    """Numbers as a component's data (base64.js): a fifth of the work of writing each as text."""
    return base64.b64encode(numbers.tobytes()).decode()


def _words() -> dict[str, str]:
    """Every sentence of the component; `{names}` are filled in by the browser."""
    return {
        "noisy": _("with noise"),
        "weights": _(
            "The weights of the model {model} did not arrive whole in your browser. Its row "
            "answers when the pen or the slider rests."
        ),
        "canvas": _(
            "Your browser does not let the lab read the canvas while you draw. The rows answer "
            "when the pen rests."
        ),
    }
