"""The latent map: two linked maps of codes that the decoder paints under the cursor.

Three things go to the browser, in messages of their own: the maps with all their pictures once a
model (`latent_map`), the visitor's drawing whenever it changes (`show_star`), and the epochs of a
training run (`show_epochs`, `show_whole_film`). Hovering, zooming and walking from A to B happen
in the browser alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from aecore.datasets import Floats
from aecore.maps.latent_map import POINTS, LatentMap, digit_atlas, film, map_of
from aecore.maps.regions import SIDE
from aecore.ui.language import _, current_language
from aecore.ui.latent.map_view.payload import corners, film_message, map_sections, pack
from aecore.ui.models import mnist, model_title, neighbour_index, open_model, run_of
from aecore.ui.modules import module, view
from aecore.ui.palette import DIGIT_COLOURS

_FOLDER = Path(__file__).parent
_FIRST_PINS = (4, 1)
"""The path first shown leads from the first 4 among the test digits to the first 2."""

_FEWEST_ON_FILM = 200
"""Fewer digits than this an epoch make no map worth watching."""


_maps = st.components.v2.component("latent_map", **view(_FOLDER, "latent_map"))
_news = st.components.v2.component("latent_news", js=module(_FOLDER / "news.js"))


def latent_map(name: str, *, key: str, on_picked: Callable[[], None]) -> Any:  # noqa: ANN401 - Streamlit types it so
    """The map of the model `name` beside PCA's; `.picked` of the answer is a clicked digit.

    A run that is still training has no decoder and no map of its own yet: its half stays empty
    until `show_epochs` brings one. Raises RunError or DatasetError if a file is damaged.
    """
    titles = model_title(name), model_title("pca")  # not every visitor calls a run the same
    message = _message(name, _version(name), current_language(), titles)
    return _maps(key=key, data=message, on_picked_change=on_picked)


def chart_of(name: str) -> LatentMap:
    """The map of a finished model or of PCA, made once and shared by all visitors."""
    return _chart(name, _version(name))


def is_training(name: str) -> bool:
    """Whether `name` is a run without a finished model."""
    return name != "pca" and not run_of(name).is_sealed()


def show_star(places: list[Floats], clouds: list[Floats]) -> None:
    """Put the visitor's digit on the maps as a star: its place `(2,)` on each, and its clouds.

    Empty lists take the star away.
    """
    star = {
        "places": [np.round(place, 4).tolist() for place in places],
        "clouds": [np.round(cloud, 4).tolist() for cloud in clouds],
    }
    _news(key="latent_star", data=star)


def show_epochs(name: str, *, newest: int | None = None) -> None:
    """Give the maps the epochs so far of a run that is training, or only its newest ones."""
    message = _film(name, finished=False, newest=newest)
    if message:
        _news(key="film_newest" if newest else "film_all", data=message)


def show_whole_film(name: str) -> None:
    """Give the maps the epochs of a finished model, if it has any."""
    message = _finished_film(name, _version(name))
    if message:
        _news(key="film_all", data=message)


@st.cache_resource(max_entries=8, show_spinner=False)
def _finished_film(name: str, version: str) -> bytes | None:  # noqa: ARG001 - a new version is a new film
    return _film(name, finished=True)


def _film(name: str, *, finished: bool, newest: int | None = None) -> bytes | None:
    run = run_of(name)
    if run.spec().brought:  # one measurement is no film
        return None
    plane = chart_of(name).plane if finished else None
    frames = film(run, plane, newest=newest)
    frames = [frame for frame in frames if len(frame.places) >= _FEWEST_ON_FILM]
    if not frames:
        return None
    part = "newest" if newest else "all"
    return film_message(name, frames, epochs=run.spec().epochs, finished=finished, part=part)


def _version(name: str) -> str:
    return "" if name == "pca" else run_of(name).version()


@st.cache_resource(max_entries=8, show_spinner=False)
def _chart(name: str, version: str) -> LatentMap:  # noqa: ARG001 - a new version is a new map
    if name == "pca":
        return map_of(open_model(name), None, mnist())
    index = neighbour_index(name)
    codes = index.codes * np.float32(index.unit) if index.basis is None else None
    return map_of(open_model(name), codes, mnist())


@st.cache_resource(max_entries=1, show_spinner=False)
def _atlas() -> bytes:
    return digit_atlas(mnist().test_images[:POINTS])


@st.cache_resource(max_entries=8, show_spinner=False)
def _message(name: str, version: str, language: str, titles: tuple[str, str]) -> bytes:
    sections = {"labels": mnist().test_labels[:POINTS].tobytes(), "atlas": _atlas()}
    maps = []
    for number, (each, title) in enumerate(zip((name, "pca"), titles, strict=True)):
        if is_training(each):
            box = home = [-1.0, -1.0, 1.0, 1.0]
        else:
            chart = chart_of(each)
            sections |= map_sections(number, chart)
            box, home = corners(chart.box), corners(chart.home)
        maps.append(
            {
                "title": title,
                "note": _note(each),
                "box": box,
                "home": home,
            }
        )
    said = f"{name} {version} {language} {titles}"
    header = {
        "version": hashlib.sha256(said.encode()).hexdigest()[:16],
        "run": name,
        "side": SIDE,
        "colours": DIGIT_COLOURS,
        "pins": _FIRST_PINS,
        "maps": maps,
        "words": _words(),
    }
    return pack(header, sections)


def _note(name: str) -> str:
    if name == "pca":
        return _("The first two principal components of the image: a linear code of 2 numbers.")
    if is_training(name):
        return _(
            "Still training: the digits move with every epoch. Its decoder comes at the end; until "
            "then the map paints the average of the digits nearest to the cursor."
        )
    chart = chart_of(name)
    if chart.plane.is_the_code:
        return _("The code itself: two numbers a digit, found by the network.")
    if len(chart.plane.centre) == 1:
        return _("The code itself: one number a digit, so all of them share one line.")
    return _(
        "This code has {size} numbers. The map shows the two directions in which codes differ "
        "most (PCA of the codes), {share:.0%} of their spread; what it paints lies in that plane."
    ).format(size=len(chart.plane.centre), share=chart.plane.share)


def _words() -> dict[str, str]:
    """Every sentence of the component; `{names}` are filled in by the browser."""
    return {
        "legend": _("Digits shown"),
        "only": _("{label}: show these digits; with none chosen, all are shown"),
        "layers": _("Under the marks:"),
        "wallpaper": _("decoded images"),
        "density": _("density of digits"),
        "regions": _("votes of neighbours"),
        "opening": _("The maps are opening …"),
        "hint": _(
            "Move over a map, with mouse or finger: the decoder draws what belongs there. The star "
            "is the digit you look at."
        ),
        "decoded": _("decoded here"),
        "averaged": _("average of {count} digits"),
        "stage": _("Map of {title}: the arrow keys move a cursor"),
        "reset": _("All"),
        "zoom_in": _("Zoom in on the map of {title}"),
        "zoom_out": _("Zoom out of the map of {title}"),
        "zoom_home": _("All: show the whole map of {title}"),
        "status": _("{title}: x {x}, y {y}. The nearest digit is a {label} (test image {index})."),
        "vote": _("The neighbours here vote for {label}."),
        "digit": _("a {label}, test image {index}"),
        "place": _("a place on the map"),
        "pin": _("Pin {letter} on the map of {title}: the arrow keys move it"),
        "pinA": _("Start at this digit (A)"),
        "pinB": _("End at this digit (B)"),
        "walk": _("The way from A to B"),
        "walkTitle": _("From A to B in ten steps"),
        "walkNote": _("Drag the pins A and B to places you like, on either map."),
        "walkCovered": _(
            "Which of the ways will show a digit at every step, and which will not? The question "
            "below uncovers them."
        ),
        "straightWay": _("{title}, straight"),
        "curvedWay": _("{title}, where digits are (dotted)"),
        "fade": _("Pixels cross-faded"),
        "rowSpoken": _("{name}: ten pictures from {from} to {to}"),
        "step": _("Step on the way from A to B"),
        "stepSpoken": _("step {step} of {steps}"),
        "play": _("Play"),
        "pause": _("Pause"),
        "epochs": _("Epoch of the training"),
        "epoch": _("Epoch {number} of {of}"),
        "past": _(
            "The map after epoch {number}. The decoder of that epoch was not kept: what you see "
            "painted is the average of the {count} nearest digits, about the best that any "
            "decoder could draw there."
        ),
        "help": _(
            "Wheel or two fingers zoom, dragging moves the map, a click shows a digit. Keys: "
            "arrows move the cursor (Shift: further), + and − zoom, 0 shows all, A and B set a "
            "pin, Enter shows the nearest digit, Tab goes to the pins."
        ),
    }
