"""What one visitor chose: one typed thing per session, mirrored in the URL.

The URL is not trusted: every value goes through its field's parser, and what a parser refuses
is left at its usual setting and named to the visitor.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from typing import Any, TypedDict

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.filters import FILTERS
from aecore.noise import NOISE_KINDS, NOISE_RANGES, NoiseKind
from aecore.sketch import unpack
from aecore.specs import ARCHITECTURES, Architecture

Parser = Callable[[str], Any]

_LONGEST_VALUE = 2_000


def one_of(*allowed: str) -> Parser:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return parse


def whole(lowest: int, highest: int) -> Parser:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise ValueError(text)
        return int(text)

    return parse


def one_number_of(*allowed: float) -> Parser:
    def parse(text: str) -> float:
        by_text = {f"{number}": number for number in allowed}
        if text not in by_text:
            raise ValueError(text)
        return by_text[text]

    return parse


def real(lowest: float, highest: float) -> Parser:
    def parse(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text):
            raise ValueError(text)
        number = float(text)
        if not (math.isfinite(number) and lowest <= number <= highest):
            raise ValueError(text)
        return number

    return parse


def run_name(text: str) -> str:
    """The shape of a model's name; whether there is such a model is for aecore.ui.models."""
    if not re.fullmatch(r"[a-z0-9_]{1,40}", text):
        raise ValueError(text)
    return text


def run_names(text: str) -> tuple[str, ...]:
    return tuple(run_name(name) for name in text.split(","))[:12] if text else ()


def some_of(*allowed: str) -> Parser:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(",")) if text else ()
        if not set(names) <= set(allowed):
            raise ValueError(text)
        return tuple(name for name in allowed if name in names)

    return parse


def sketch_word(text: str) -> str:
    unpack(text)
    return text


def _url(default: Any, parse: Parser) -> Any:  # noqa: ANN401 - a dataclass field is typed by its annotation
    return field(default=default, metadata={"parse": parse})


@dataclass
class Visit:
    """All that a visitor chose. Fields with a parser appear in the URL when not at default.

    digit        index of a test digit, 0 to 9,999
    source       whether pages look at the test digit or at the visitor's own drawing
    model        the one model a page is about
    models       the models a page compares
    filters      the classical filters that are compared with them
    noise_level  meaning and range depend on `noise_kind`: see aecore.noise
    draw_noise   the same for the page Draw, which starts without noise
    map_model    the model whose codes are mapped on the page Latent space
    inside_model the network that is open on the page Inside
    cloud_noise  sigma of the noise around the star on that map
    run          the training run that is watched
    compared     the runs that the page Train compares
    brush        width of the canvas's brush in pixels
    sketch       the strokes of the visitor's drawing as aecore.sketch packs them, or ""
    drawing      that drawing (aecore.ui.canvas.Drawing) or None, never in the URL
    """

    language: str = _url("en", one_of("en", "zh"))
    digit: int = _url(0, whole(0, 9_999))
    source: str = _url("digit", one_of("digit", "drawing"))
    model: str = _url("deep", run_name)
    models: tuple[str, ...] = _url(
        ("plain", "deep", "conv", "denoise", "denoise_any", "pca"), run_names
    )
    filters: tuple[str, ...] = _url(FILTERS, some_of(*FILTERS))
    noise_kind: NoiseKind = _url("gaussian", one_of(*NOISE_KINDS))
    noise_level: float = _url(0.5, real(0, 28))
    draw_noise: float = _url(0.0, real(0, 28))
    noise_seed: int = _url(0, whole(0, 9_999))
    lesson_noise: float = _url(0.5, real(0, 1.5))
    map_model: str = _url("latent2d", run_name)
    inside_model: str = _url("plain", run_name)
    cloud_noise: float = _url(0.0, real(0, 3))
    run: str = _url("", run_name)
    compared: tuple[str, ...] = _url((), run_names)
    architecture: Architecture = _url("plain", one_of(*ARCHITECTURES))
    code_size: int = _url(32, whole(1, 1_568))
    training_noise: float = _url(0.0, real(0, 3))
    images: int = _url(60_000, one_number_of(1_000, 5_000, 10_000, 30_000, 60_000))
    epochs: int = _url(5, whole(1, 60))
    batch_size: int = _url(256, one_number_of(32, 64, 128, 256, 512, 1_024))
    learning_rate: float = _url(1e-3, one_number_of(1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1))
    seed: int = _url(0, whole(0, 9_999))
    sketch: str = _url("", sketch_word)
    brush: int = 18
    drawing: Any = None

    def settle(self) -> bool:
        """Bring the noise levels into the range of their kind; whether one had to be changed."""
        noise = NOISE_RANGES[self.noise_kind]
        misfits = [
            name for name in ("noise_level", "draw_noise") if getattr(self, name) > noise.highest
        ]
        for name in misfits:
            setattr(self, name, noise.default)
        return bool(misfits)


_PARSERS: dict[str, Parser] = {
    item.name: item.metadata["parse"] for item in fields(Visit) if "parse" in item.metadata
}


_found: ContextVar[tuple[str, Visit] | None] = ContextVar("visit", default=None)


def visit() -> Visit:
    """All that the visitor of this session chose.

    Every sentence of a page asks for it, and Streamlit's session state is slow to answer: a
    script's thread remembers whose visit it found.
    """
    context = get_script_run_ctx()
    session = context.session_id if context is not None else ""
    found = _found.get()
    if found is None or found[0] != session:
        found = session, _visit_of_this_session()
        _found.set(found)
    return found[1]


def _visit_of_this_session() -> Visit:
    found: Visit | None = st.session_state.get("visit")
    if found is None:
        found = st.session_state["visit"] = Visit(language=_browser_language())
    return found


def _browser_language() -> str:
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def arrive() -> list[str]:
    """Take over what the URL says, when it says something new.

    Returns the names of the values that were refused.
    """
    chosen = visit()
    came_from = st.session_state.get("page_address")
    st.session_state["page_address"] = st.context.url
    in_url = st.query_params.to_dict()
    if in_url == st.session_state.get("mirrored"):
        return []
    # Another page's bare address says nothing. On the same page, the browser went back or forward,
    # and what the address does not hold is at its usual setting.
    same_page = came_from is not None and came_from == st.context.url
    usual = Visit()
    refused = []
    for name, parse in _PARSERS.items():
        if name not in in_url:
            if same_page and name != "language":
                setattr(chosen, name, getattr(usual, name))
            continue
        try:
            setattr(chosen, name, parse(in_url[name][:_LONGEST_VALUE]))
        except ValueError:
            refused.append(name)
    if chosen.settle():
        refused.append("noise_level")
    return refused


def mirror() -> None:
    """Write the choices that differ from the defaults into the URL."""
    chosen, usual = visit(), Visit()
    in_url = {}
    for name in _PARSERS:
        value = getattr(chosen, name)
        if value != getattr(usual, name):
            in_url[name] = ",".join(value) if isinstance(value, tuple) else f"{value}"
    if in_url != st.query_params.to_dict():
        st.query_params.from_dict(in_url)
    st.session_state["mirrored"] = in_url


class Tie(TypedDict):
    """Keyword arguments for a widget that edits one field of the visit."""

    key: str
    on_change: Callable[..., None]
    args: tuple[Any, ...]


def tie(name: str, *, then: Callable[[], None] | None = None) -> Tie:
    """Tie a widget to the field `name`: `st.slider("Noise", 0.0, 3.0, **tie("noise_level"))`.

    The widget shows the field's value and writes it back; `then` runs after a change.
    """
    key = f"tied_{name}"
    value = getattr(visit(), name)
    value = list(value) if isinstance(value, tuple) else value
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return {"key": key, "on_change": _store, "args": (name, then)}


def _store(name: str, then: Callable[[], None] | None) -> None:
    value = st.session_state[f"tied_{name}"]
    if value is None:  # a segmented control that was clicked away keeps its last choice
        return
    setattr(visit(), name, tuple(value) if isinstance(value, list) else value)
    if then is not None:
        then()
    visit().settle()
    mirror()
