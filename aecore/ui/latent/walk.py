"""The parts of the latent page: which model, the visitor's star, a clicked digit, the film."""

from __future__ import annotations

import streamlit as st

from aecore.datasets import to_float
from aecore.maps.latent_map import POINTS, noise_cloud
from aecore.runs import RunError
from aecore.takehome.figures import Map, Maps
from aecore.ui.canvas import drawing_canvas
from aecore.ui.controls import say_replaced
from aecore.ui.digits import ChosenDigit, digit_picker, looked_at, source_switch, spoken_digit
from aecore.ui.language import _
from aecore.ui.latent.map_view import (
    chart_of,
    is_training,
    latent_map,
    show_epochs,
    show_star,
    show_whole_film,
)
from aecore.ui.latent.measured import digits_on_ways, pictures_in_gaps
from aecore.ui.models import (
    keep_on_offer,
    mnist,
    model_names,
    model_title,
    open_model,
    own_runs,
    run_of,
    run_title,
    spec_of,
)
from aecore.ui.page import say_if_broken
from aecore.ui.palette import DIGIT_COLOURS
from aecore.ui.predictions import ask
from aecore.ui.stage import shows
from aecore.ui.state import bound, visit
from aecore.ui.strip import StripRow, pipeline_strip
from aecore.ui.takehome.figures import offer_figure

_MAP_KEY = "latent_map"


def map_models() -> list[str]:
    """Models that can be mapped: those with a code of two numbers first, PCA not among them.

    All of the visitor's runs are there, and the run that the link names: as a model, or as a film
    from the first epoch on.
    """
    names = [name for name in model_names() if name != "pca"]
    names += [
        name
        for name in dict.fromkeys((*own_runs(), visit().map_model))
        if name not in names and _can_be_mapped(name)
    ]
    sizes = {name: size for name in names if (size := _code_size(name)) is not None}
    return sorted(sizes, key=lambda name: sizes[name] != 2)


def _code_size(name: str) -> int | None:
    try:
        return spec_of(name).code_size
    except RunError:  # nobody knows what it was: such a run cannot be offered
        return None


def _can_be_mapped(name: str) -> bool:
    try:
        return run_of(name).is_sealed() or _can_be_watched(name)
    except RunError:
        return False


def _can_be_watched(name: str) -> bool:
    """Whether a run is training, or its model being written, and it has finished an epoch."""
    try:
        run = run_of(name)
        return not run.status().is_over and run.has_epochs()
    except RunError:
        return False


def mapped_model() -> str | None:
    """The model that is mapped; None when there is none at all.

    One that is gone, failed or has finished no epoch yet is replaced by another; this says so.
    """
    names = map_models()
    if not names:
        st.info(_("There is no model to map yet. Train one on the page Train."))
        return None
    asked = visit().map_model
    if asked not in names:
        visit().map_model = names[0]
        say_replaced(asked, names[0])
    keep_on_offer(visit().map_model)
    return visit().map_model


def model_picker() -> None:
    """The control that chooses the model to map."""
    st.selectbox(
        _("Model"),
        map_models(),
        format_func=_title,
        width=320,
        **bound("map_model", words=_title(visit().map_model)),
    )


def _title(name: str) -> str:
    size = spec_of(name).code_size
    if size <= 2:
        return run_title(name)
    return _("{model} (code of {size} numbers, through PCA)").format(
        model=run_title(name), size=size
    )


def prepare(name: str) -> None:
    """Make both maps, if no visitor did before. Raises RunError or DatasetError."""
    for each in (name, "pca"):
        if not is_training(each):
            chart_of(each)


def ask_about_gaps(name: str) -> None:
    """Ask, before anybody moves, what lies between two kinds of digits."""
    if is_training(name):
        return
    if ask("gap", lambda: next(iter(pictures_in_gaps(name))), about=name):
        found = pictures_in_gaps(name)
        st.caption(
            _(
                "Of 45 places, {one} show one of the two kinds, {third} a third kind, and {none} "
                "nothing that can be read."
            ).format(**{each: found.get(each, 0) for each in ("one", "third", "none")})
        )


def ask_about_ways(name: str) -> None:
    """Ask which way leads over digits; until then the tiles of the walk are covered."""
    if is_training(name):
        return
    if ask("walk", lambda: next(iter(digits_on_ways(name))), about=name):
        st.caption(
            _(
                "Steps that show a digit: {model:.0%} on the learnt map, {pca:.0%} on PCA's, "
                "{fade:.0%} when the pixels are cross-faded."
            ).format(**digits_on_ways(name))
        )


@st.fragment
def show_map_and_picked(name: str) -> None:
    """Show both maps, and under them the whole way of the digit that was clicked last."""
    with say_if_broken():
        latent_map(name, key=_MAP_KEY, on_picked=_remember_picked)
        if not is_training(name):
            offer_figure(_("Both maps for paper or slides"), "maps", lambda: _figure(name))
        _picked_digit(name)


def _figure(name: str) -> Maps:
    """Both maps for paper and slides: the digits in their places, without the pictures."""
    return Maps(
        [_map(name), _map("pca")],
        mnist().test_labels[:POINTS],
        DIGIT_COLOURS,
        _("digit"),
    )


def _map(name: str) -> Map:
    chart = chart_of(name)
    home = chart.home
    shown = (home.left, home.bottom, home.right, home.top)
    return Map(model_title(name), chart.places, shown)


def _picked_digit(name: str) -> None:
    index = st.session_state.get("picked_digit")
    if index is None or is_training(name):
        return
    subject = spoken_digit(index)
    st.header(_("The digit you clicked"), anchor=False)
    image = to_float(mnist().test_images[index])
    pair = ((name, open_model(name)), ("pca", open_model("pca", pca_components=2)))
    rows = [StripRow.through(each, model, image, image) for each, model in pair]
    pipeline_strip(rows, subject=subject)


def _remember_picked() -> None:
    index = st.session_state[_MAP_KEY].picked
    if isinstance(index, int) and 0 <= index < len(mnist().test_labels):  # it came from a browser
        st.session_state["picked_digit"] = index


@st.fragment
def your_digit(name: str) -> None:
    """The visitor's digit, a star on both maps; with noise, a cloud of 30 noises around it."""
    with st.container(gap=None):  # what carries the star is an element too, but takes no room
        if shows("star"):
            with st.popover(_("Put your own digit on the maps"), icon=":material/star:"):
                source_switch()
                if visit().source == "drawing":
                    drawing_canvas()
                else:
                    digit_picker()
                st.slider(
                    _("Noise on it: your digit is the star; 30 noises make a cloud"),
                    format="σ = %.2f",
                    **bound("cloud_noise"),
                )
        with say_if_broken():
            _put_star(name, looked_at())


def _put_star(name: str, digit: ChosenDigit | None) -> None:
    if digit is None or is_training(name):
        show_star([], [])
        return
    level = visit().cloud_noise
    places, clouds = [], []
    for each in (name, "pca"):
        model = open_model(each, pca_components=2)
        plane = chart_of(each).plane
        places.append(plane.place(model.encode(digit.image[None]))[0])
        seed = visit().noise_seed
        if level > 0:
            clouds.append(
                noise_cloud(model, plane, digit.image, kind="gaussian", level=level, seed=seed)
            )
    show_star(places, clouds)


def whole_film(name: str) -> None:
    """Send the epochs of a finished model, or those so far of a run that is training."""
    if is_training(name):
        show_epochs(name)
        _newest_epochs(name)
    else:
        show_whole_film(name)


@st.fragment(run_every=1.0)
def _newest_epochs(name: str) -> None:
    """While a run trains: its newest epochs, once a second; the whole page anew when it ends."""
    with say_if_broken():
        if not _can_be_watched(name):
            st.rerun()
        show_epochs(name, newest=3)


def has_second_loss() -> bool:
    """Whether both models that the section on the neighbours' loss compares are there."""
    return {"latent2d", "neighbours2d"} <= set(map_models())
