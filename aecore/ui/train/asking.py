"""Asking for a training: a network, its settings, how long it will take, and the button."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import streamlit as st

from aecore.networks import ARCHITECTURES, plan
from aecore.sentences import joined
from aecore.service.folder_lock import FolderInUseError
from aecore.settings import Span
from aecore.shipped import SHIPPED
from aecore.specs import SETTINGS, SpecError, TrainingSpec
from aecore.ui.figures import figure
from aecore.ui.language import _
from aecore.ui.models import is_whole, model_title
from aecore.ui.page import show_html
from aecore.ui.pictures import layer_height, layers_uri
from aecore.ui.service import trainer
from aecore.ui.state import bound, mirror, visit
from aecore.ui.takehome.offer import take_code_home
from aecore.ui.train.bringing import bring_back
from aecore.ui.train.durations import spoken_seconds
from aecore.ui.train.foretold import ask_before_training, say_typed, train
from aecore.ui.train.wishes import host_words, say_refusal

_LOADED = "loaded"


def invitation() -> str:
    """What can be found out here; who watches a training has found the beginning."""
    if visit().run or not _can_train():
        return ""
    return _(
        "It begins with random numbers and gets no labels. After which epoch will you be able to "
        "read its answers to the ten digits? Say a number, then press Train."
    )


def _can_train() -> bool:
    """Whether this server trains; if its folder of runs is another's, the page says so below."""
    try:
        return trainer().can_train
    except FolderInUseError:
        return False


def choose_network() -> None:
    """The kinds of network; folded while a training is watched, which has the room then."""
    if not visit().run:
        _cards()
        return
    title = _(ARCHITECTURES[visit().architecture].title)
    with st.expander(_("Which network? {title}").format(title=f"**{title}**"), key="networks"):
        _cards()


def _cards() -> None:
    """Each network with its layers, its size and its code."""
    chosen = visit()
    st.segmented_control(
        _("Which network?"),
        required=True,
        format_func=_card,
        wrap=True,
        **bound(
            "architecture",
            then=_usual_code_size,
            words=f"{chosen.architecture} {chosen.code_size}",
        ),
    )


def _card(architecture: str) -> str:
    """A network with its usual code; the chosen one with the code that was chosen."""
    chosen = visit()
    is_chosen = architecture == chosen.architecture
    size = chosen.code_size if is_chosen else ARCHITECTURES[architecture].code_size
    network = plan(architecture, size)
    parameters = _("{parameters:,} parameters").format(parameters=network.parameters)
    code = _("code {size:,}").format(size=network.code_size)
    title = _(ARCHITECTURES[architecture].title)
    return f"{_card_picture(architecture, size)} **{title}** :small[{parameters}] :small[{code}]"


@lru_cache(maxsize=100)
def _card_picture(architecture: str, code_size: int) -> str:
    network = plan(architecture, code_size)
    widths = network.widths()
    layers = " → ".join(str(width) for width in widths)
    return f"![{layers}]({layers_uri(widths, len(network.encoder) - 1)})"


def draw_network() -> None:
    """What the chosen network is, in words, as a picture, and its size in numbers."""
    chosen = visit()
    st.caption(_(ARCHITECTURES[chosen.architecture].description))
    network = plan(chosen.architecture, chosen.code_size)
    words = _("{parameters:,} numbers to learn; a code of {size:,}").format(
        parameters=network.parameters, size=network.code_size
    )
    widths = network.widths()
    code = len(network.encoder) - 1
    bars = "".join(_layer_bar(width, is_code=at == code) for at, width in enumerate(widths))
    parts = "".join(f"<span>{escape(part)}</span>" for part in _parts())
    drawing = f'<div role="img" aria-label="{escape(_describe(widths))}">{bars}</div>'
    show_html(
        f"{figure(drawing, parts, kind='layers')}"
        f'<p class="small">{escape(" → ".join(f"{width:,}" for width in widths))}<br>'
        f"{escape(words)}</p>"
    )


def _usual_code_size() -> None:
    visit().code_size = visit().usual("code_size")


def _parts() -> tuple[str, str, str]:
    return _("encoder"), _("code"), _("decoder")


def _layer_bar(width: int, *, is_code: bool) -> str:
    height = 8 + 92 * layer_height(width)
    kind = ' class="is-code"' if is_code else ""
    return f'<i{kind} style="height:{height:.0f}%"></i>'


def _describe(widths: list[int]) -> str:
    return _("Layers from the image to the code and back: {widths} numbers").format(
        widths=", ".join(str(width) for width in widths)
    )


def choose_settings() -> None:
    """Everything that decides a training, within its bounds."""
    left, right = st.columns(2)
    with left:
        if ARCHITECTURES[visit().architecture].code_sizes is None:
            st.caption(_("This network fixes the size of its code."))
        else:
            st.slider(
                _("Code size"), help=_("How many numbers the code has."), **bound("code_size")
            )
        _choose("images")
        _choose("batch_size")
    with right:
        _choose("noise", field="training_noise")
        _choose("epochs")
        _choose("learning_rate")
    seed = SETTINGS["seed"]
    st.number_input(_(seed.title), help=_(seed.help), **bound("seed"))


def _choose(name: str, *, field: str = "") -> None:
    """The slider for a number of the spec, kept in the visit's `field` (the same name, mostly)."""
    setting = SETTINGS[name]
    widget = bound(field or name)
    if isinstance(setting.offered, Span):
        st.slider(_(setting.title), help=_(setting.help), **widget)
    else:
        st.select_slider(
            _(setting.title), help=_(setting.help), format_func="{:,}".format, **widget
        )


def asked_spec() -> TrainingSpec | None:
    """The spec the visitor put together; says what is wrong if it is none."""
    chosen = visit()
    try:
        return TrainingSpec(
            chosen.architecture,
            code_size=chosen.code_size,
            noise=chosen.training_noise,
            noise_varies=ARCHITECTURES[chosen.architecture].noise_varies,
            images=chosen.images,
            epochs=chosen.epochs,
            batch_size=chosen.batch_size,
            learning_rate=chosen.learning_rate,
            seed=chosen.seed,
        )
    except SpecError as error:
        st.warning(_("One setting is out of its range: {name}").format(name=error.field))
        return None


def train_button(spec: TrainingSpec) -> bool:
    """The prediction, the estimate, and the button; on too small a host, why there is none.

    Returns whether it asks for a prediction of the run that is watched.
    """
    if not trainer().can_train:
        st.info(host_words())
        take_code_home(spec)
        return False
    with st.container():  # one element, whatever is asked: what stands below stays where it is
        is_asked = ask_before_training(spec)
    wait = trainer().expected_wait()
    words = _how_long(spec)
    if wait > 1 and trainer().ticket(spec.key) is None:
        busy = _("The worker is busy; it will begin in about {wait}.")
        words = joined(words, busy.format(wait=spoken_seconds(wait)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(_("Train"), type="primary", on_click=train, args=(spec,), width="content")
        st.markdown(words)
        take_code_home(spec)
        bring_back()
    say_refusal()
    return is_asked


def _how_long(spec: TrainingSpec) -> str:
    """How long a training takes, and that this server will not let it come to its end, if so."""
    seconds, limit = trainer().estimator.seconds(spec), trainer().limits.job_seconds
    words = _("On this machine about {training}.")
    if seconds > limit:
        words = _(
            "On this machine about {training}, but this server stops a training after {limit} "
            "and keeps what it has learnt by then."
        )
    return words.format(training=spoken_seconds(seconds), limit=spoken_seconds(limit))


def choose_trained() -> None:
    """Load: any shipped model, or the run in the link; the box says which is watched."""
    with st.expander(
        _("Or load one that is trained already"), key="choose_trained", on_change="rerun"
    ) as opened:
        if opened.open:
            _trained_box()


def _trained_box() -> None:
    names = [name for name in (*SHIPPED, visit().run) if is_whole(name)]
    watched = visit().run if visit().run in names else None
    if st.session_state.get(_LOADED) != watched:
        st.session_state[_LOADED] = watched
    st.selectbox(
        _("Which model?"),
        list(dict.fromkeys(names)),
        index=None,
        format_func=model_title,
        placeholder=_("Choose one to see how it learnt"),
        key=_LOADED,
        on_change=_watch_loaded,
    )


def _watch_loaded() -> None:
    """Only when the box was used: what it still shows must not take a new training away."""
    say_typed()
    visit().run = st.session_state[_LOADED] or ""
    mirror()
