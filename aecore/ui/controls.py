"""Controls that Draw and Denoise share: the noise, and which models answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from aecore.datasets import Floats
from aecore.noise import NOISE_RANGES, NoiseKind, add_noise
from aecore.shipped import SHIPPED
from aecore.ui.language import _
from aecore.ui.models import is_unfinished, keep_on_offer, model_names, model_title
from aecore.ui.service import keep_what_is_shown
from aecore.ui.state import bound, mirror, visit

LevelField = Literal["noise_level", "draw_noise"]


def noise_title(kind: NoiseKind) -> str:
    """What visitors read for a kind of noise."""
    return _(NOISE_RANGES[kind].title)


def level_title(kind: NoiseKind) -> str:
    """What the level of a kind of noise means, with its unit."""
    return _(NOISE_RANGES[kind].level_title)


def noise_controls(level: LevelField) -> None:
    """Kind, level and another draw of the noise, bound to the visit; `level` names its field."""
    kind = visit().noise_kind
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            _("Kind of noise"),
            required=True,
            format_func=noise_title,
            wrap=True,
            **bound("noise_kind", then=_usual_levels),
        )
        st.slider(
            level_title(kind),
            format="%.0f" if NOISE_RANGES[kind].step == 1 else "%.2f",
            width="stretch",
            **bound(level),
        )
        st.button(
            _("Another draw"),
            icon=":material/casino:",
            help=_("The same noise once more, with other random numbers."),
            on_click=_draw_again,
            disabled=getattr(visit(), level) == 0,
            width="content",
        )


def _usual_levels() -> None:
    """A level means something else for another kind; noise that was switched on stays on."""
    usual = NOISE_RANGES[visit().noise_kind].default
    visit().noise_level = usual
    visit().draw_noise = usual if visit().draw_noise else 0.0


def _draw_again() -> None:
    visit().noise_seed = (visit().noise_seed + 1) % 10_000
    mirror()


def with_noise(image: Floats, level: float) -> Floats:
    """One image `(28, 28)` with the noise this visitor chose, at `level`."""
    noisy: Floats = add_noise(image[None], visit().noise_kind, level, visit().noise_seed)[0]
    return noisy


def chosen_noise(level: float) -> tuple[object, ...]:
    """What decides the noise at `level`; nothing does where there is none."""
    return (visit().noise_kind, level, visit().noise_seed) if level else ()


def drop_missing_models() -> None:
    """Untick models that are not here; say so of those that never were, or are not yet."""
    keep_what_is_shown()
    names = model_names()
    missing = [name for name in visit().models if name not in (*names, *SHIPPED)]
    for name in visit().models:
        if name not in missing or is_unfinished(name):
            keep_on_offer(name)
    say_not_here(missing)
    visit().models = tuple(name for name in names if name in visit().models)


def say_not_here(names: Sequence[str]) -> None:
    """Say of models that a link names that they never were here, or are not yet."""
    unfinished = [name for name in names if is_unfinished(name)]
    for name in unfinished:
        st.info(
            _("{model} is not trained yet. It is offered here as soon as it is.").format(
                model=model_title(name)
            )
        )
    strangers = [name for name in names if name not in unfinished]
    if strangers:
        st.info(_("There is no model called {names} here.").format(names=", ".join(strangers)))


def say_replaced(asked: str, shown: str) -> None:
    """Say why another model is shown than the one asked for; one that comes yet stays on offer."""
    if is_unfinished(asked):
        keep_on_offer(asked)
        sentence = _("The model asked for is not trained yet. You see {model} until it is.")
    else:
        sentence = _("The model asked for is not on this server. You see {model} instead.")
    st.warning(sentence.format(model=model_title(shown)))


def model_pills() -> None:
    """The control that ticks models. Missing ones are dropped before."""
    names = model_names()
    st.pills(_("Models"), names, selection_mode="multi", format_func=model_title, **bound("models"))
