"""What one visitor chose: one typed thing per session, mirrored in the URL.

The URL is not trusted: every value goes through its field's parser, and what a parser refuses
is left at its usual setting and named to the visitor; of a list, only the names that it does not
know are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.filters import FILTERS
from aecore.guarded.bounds import LINK_VALUE
from aecore.networks import ARCHITECTURES
from aecore.noise import NOISE_KINDS, NOISE_RANGES, NoiseKind
from aecore.runs import RUN_NAME
from aecore.settings import Span
from aecore.shipped import SHIPPED
from aecore.sketch import unpack
from aecore.specs import SETTINGS
from aecore.ui.palette import LINE_COLOURS
from aecore.ui.parts import PART_NAMES
from aecore.ui.questions import Prediction
from aecore.ui.remembered import remembered

Parser = Callable[[str], Any]
"""From a text in the URL to a value. Raises ValueError."""

Domain = Span | tuple[Any, ...] | Parser
"""What a field may hold: numbers of a span, one of a few values, or what a parser lets pass."""

_DECIMALS = 6

MOST_OWN = 8
"""So many of the runs a visitor asked for are offered beside the shipped models."""

_MOST_TICKED = len(SHIPPED) + 1 + MOST_OWN
"""Models on one page: as many as are offered, PCA among them."""

MOST_COMPARED = len(LINE_COLOURS)
"""Runs in one chart: as many as there are colours to tell them apart."""


class UnknownNamesError(ValueError):
    """A list holds names that no field's value has; `known` are the others."""

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__()
        self.known = known


def run_name(text: str) -> str:
    """The shape of a model's name; whether there is such a model is for aecore.ui.models."""
    if not RUN_NAME.fullmatch(text):
        raise ValueError(text)
    return text


def run_names(most: int) -> Parser:
    """Of that many models at most; a longer list is cut."""

    def parse(text: str) -> tuple[str, ...]:
        names = _listed(text)[:most]
        return _all_known(names, [name for name in names if RUN_NAME.fullmatch(name)])

    return parse


def some_of(*allowed: str) -> Parser:
    def parse(text: str) -> tuple[str, ...]:
        names = _listed(text)
        return _all_known(names, [name for name in allowed if name in names])

    return parse


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(text.split(","))) if text else []


def _all_known(names: list[str], known: list[str]) -> tuple[str, ...]:
    """`known`, if they are all of the names. Raises UnknownNamesError."""
    if len(known) < len(names):
        raise UnknownNamesError(tuple(known))
    return tuple(known)


def sketch_word(text: str) -> str:
    unpack(text)
    return text


def parsed(text: str, domain: Domain) -> Any:  # noqa: ANN401 - fields are of any type
    """The value of the domain that `text` writes down. Raises ValueError if there is none."""
    if isinstance(domain, tuple):
        values = {written(value): value for value in domain}
        if text not in values:
            raise ValueError(text)
        return values[text]
    if isinstance(domain, Span):
        shape = r"[0-9]{1,9}" if domain.whole else rf"[0-9]{{1,6}}(\.[0-9]{{1,{_DECIMALS}}})?"
        if not re.fullmatch(shape, text):
            raise ValueError(text)
        number = int(text) if domain.whole else float(text)
        if number not in domain:
            raise ValueError(text)
        return number
    return domain(text)


def written(value: object) -> str:
    """A field's value as it stands in the URL."""
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float):
        return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return f"{value}"


def _url(default: Any, domain: Domain | None = None) -> Any:  # noqa: ANN401 - a dataclass field is typed by its annotation
    """A field that the URL holds; one without a domain gets it from other fields."""
    return field(default=default, metadata={"domain": domain, "in_url": True})


def _setting(name: str) -> Any:  # noqa: ANN401
    """A field that is a number of a training, as pages offer it."""
    return _url(SETTINGS[name].default, SETTINGS[name].offered)


@dataclass
class Visit:
    """All that a visitor chose. Most fields appear in the URL when not at their usual value.

    digit        index of a test digit, 0 to 9,999
    source       whether pages look at the test digit or at the visitor's own drawing
    models       the models a page compares
    filters      the classical filters that are compared with them
    noise_level  meaning and range depend on `noise_kind`: see aecore.noise
    draw_noise   the same for the pages Draw and Inside, which start without noise
    noise_seed   which draw of the noise it is, on every page
    lesson_noise sigma of the noise on the page Learn
    map_model    the model whose codes are mapped on the page Latent space
    inside_model the network that is open on the page Inside
    cloud_noise  sigma of the noise around the star on that map
    run          the training run that is watched
    compared     the runs that the page Train compares
    architecture, code_size, training_noise, images, epochs, batch_size, learning_rate, seed
                 the training that the page Train would begin: see aecore.specs.TrainingSpec
    brush        width of the canvas's brush in pixels
    only         the parts that a page shows; with none of its own, it shows them all
    sketch       the strokes of the visitor's drawing as aecore.sketch packs them, or ""
    drawing      that drawing (aecore.ui.drawings.Drawing) or None, never in the URL
    predictions  what was predicted in this browser, by the question's name, never in the URL
    orders       the options put in order so far, where an order is asked for, never in the URL
    """

    language: str = _url("en", ("en", "zh"))
    digit: int = _url(0, Span(0, 9_999))
    source: str = _url("digit", ("digit", "drawing"))
    models: tuple[str, ...] = _url(
        ("plain", "deep", "conv", "denoise", "denoise_any", "pca"), run_names(_MOST_TICKED)
    )
    filters: tuple[str, ...] = _url(FILTERS, some_of(*FILTERS))
    noise_kind: NoiseKind = _url("gaussian", NOISE_KINDS)
    noise_level: float = _url(NOISE_RANGES["gaussian"].default)
    draw_noise: float = _url(0.0)
    noise_seed: int = _url(0, Span(0, 9_999))
    lesson_noise: float = _url(0.5, Span(0.0, 1.5, step=0.05))
    map_model: str = _url("latent2d", run_name)
    inside_model: str = _url("plain", run_name)
    cloud_noise: float = _url(0.0, NOISE_RANGES["gaussian"].levels)
    run: str = _url("", run_name)
    compared: tuple[str, ...] = _url((), run_names(MOST_COMPARED))
    architecture: str = _url(
        "plain", tuple(name for name, each in ARCHITECTURES.items() if each.trainable)
    )
    code_size: int = _url(ARCHITECTURES["plain"].code_size)
    training_noise: float = _setting("noise")
    images: int = _setting("images")
    epochs: int = _setting("epochs")
    batch_size: int = _setting("batch_size")
    learning_rate: float = _setting("learning_rate")
    seed: int = _setting("seed")
    only: tuple[str, ...] = _url((), some_of(*PART_NAMES))
    sketch: str = _url("", sketch_word)
    brush: int = field(default=18, metadata={"domain": Span(4, 40)})
    drawing: Any = None
    predictions: dict[str, Prediction] = field(default_factory=dict)
    orders: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def domain(self, name: str) -> Domain:
        """What the field `name` may hold, as the others are now."""
        match name:
            case "noise_level" | "draw_noise":
                return NOISE_RANGES[self.noise_kind].levels
            case "code_size":
                return ARCHITECTURES[self.architecture].allowed_code_sizes
        return _FIELDS[name].metadata["domain"]  # type: ignore[no-any-return]

    def usual(self, name: str) -> Any:  # noqa: ANN401
        """Where the field `name` stands until the visitor moves it, as the others are now."""
        match name:
            case "noise_level":
                return NOISE_RANGES[self.noise_kind].default
            case "code_size":
                return ARCHITECTURES[self.architecture].code_size
            case "training_noise":
                return ARCHITECTURES[self.architecture].noise
            case "language":
                return _browser_language()
        return _FIELDS[name].default

    def choose(self, name: str, value: object) -> None:
        """Change one field; of those that it decides, what is at its usual setting stays there."""
        decided = [other for other, decider in _DECIDED_BY.items() if decider == name]
        usual = [other for other in decided if getattr(self, other) == self.usual(other)]
        setattr(self, name, value)
        for other in usual:
            setattr(self, other, self.usual(other))

    def reset_misfits(self) -> None:
        """Put fields to their usual value where another field's change left them impossible."""
        for name in _DECIDED_BY:
            if getattr(self, name) not in self.domain(name):  # type: ignore[operator]
                setattr(self, name, self.usual(name))


_FIELDS = {item.name: item for item in fields(Visit)}
IN_URL = [name for name, item in _FIELDS.items() if item.metadata.get("in_url")]
"""In this order: a field stands behind the one that decides what it may hold."""

_DECIDED_BY = {
    "noise_level": "noise_kind",
    "draw_noise": "noise_kind",
    "code_size": "architecture",
    "training_noise": "architecture",
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
        found = st.session_state["visit"] = Visit(
            language=_browser_language(), predictions=remembered().predictions
        )
    return found


def _browser_language() -> str:
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def arrive() -> list[str]:
    """Take over what the URL says, when it says something new.

    Returns the names of the values that were refused, wholly or in part.
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
    refused = []
    for name in IN_URL:
        if name in in_url:
            try:
                value = parsed(in_url[name][:LINK_VALUE], chosen.domain(name))
            except ValueError as error:
                refused.append(name)
                known = error.known if isinstance(error, UnknownNamesError) else ()
                value = known or chosen.usual(name)
            setattr(chosen, name, value)
        elif (same_page and name != "language") or _DECIDED_BY.get(name) in in_url:
            setattr(chosen, name, chosen.usual(name))
    return refused


def in_address(chosen: Visit) -> dict[str, str]:
    """The choices that differ from the usual ones, as an address holds them.

    Chinese is always among them: the address may be sent to somebody whose browser is not.
    """
    values = {name: getattr(chosen, name) for name in IN_URL}
    told = {name for name, value in values.items() if value != chosen.usual(name)}
    if chosen.language != _FIELDS["language"].default:
        told.add("language")
    return {name: written(value) for name, value in values.items() if name in told}


def mirror() -> None:
    """Write the choices that differ from the defaults into the URL."""
    in_url = in_address(visit())
    if in_url != st.query_params.to_dict():
        st.query_params.from_dict(in_url)
    st.session_state["mirrored"] = in_url


def bound(name: str, *, then: Callable[[], None] | None = None, words: str = "") -> dict[str, Any]:
    """Bind a widget to the field `name`: `st.slider("Noise", **bound("noise_level"))`.

    The widget shows the field's value, offers what the field may hold, and writes it back; `then`
    runs after a change. `words` is another whenever its options are called otherwise.
    """
    key = f"bound_{name}"
    value = getattr(visit(), name)
    value = list(value) if isinstance(value, tuple) else value
    put_into_widget(key, value, words)
    return {
        "key": key,
        "on_change": _store,
        "args": (name, then),
        **_offered(visit().domain(name)),
    }


def put_into_widget(key: str, value: object, words: str = "") -> None:
    """Let the widget of this key, which comes next, show `value`.

    On another page, in another language or with options in other `words` it is another widget, and
    knows nothing; Streamlit still answers for it with the value of the old one, and a browser with
    the words that the old one had for it.
    """
    context = get_script_run_ctx()
    page = context.page_script_hash if context is not None else ""
    place = page, visit().language, words
    places: dict[str, tuple[str, str, str]] = st.session_state.setdefault("places_of_widgets", {})
    if st.session_state.get(key) != value or places.get(key) != place:
        st.session_state[key] = value
    places[key] = place


def _offered(domain: Domain) -> dict[str, Any]:
    if isinstance(domain, Span):
        return {"min_value": domain.lowest, "max_value": domain.highest, "step": domain.step}
    return {"options": domain} if isinstance(domain, tuple) else {}


def _store(name: str, then: Callable[[], None] | None) -> None:
    value = st.session_state[f"bound_{name}"]
    if value is None:  # a segmented control that was clicked away keeps its last choice
        return
    if isinstance(value, float):
        value = round(value, _DECIMALS)
    visit().choose(name, tuple(value) if isinstance(value, list) else value)
    if then is not None:
        then()
    visit().reset_misfits()
    mirror()
