"""Asking for a training: a network, its settings, how long it will take, and the button."""

from __future__ import annotations

from functools import cache
from html import escape

import streamlit as st

from aecore.networks import plan
from aecore.service.queue import (
    CannotWriteError,
    OneIsWaitingError,
    QueueFullError,
    RefusedError,
)
from aecore.specs import (
    BOUNDS,
    DEFAULT_CODE_SIZE,
    Architecture,
    SpecError,
    TrainingSpec,
    fixed_code_size,
)
from aecore.ui.language import _
from aecore.ui.models import SHIPPED, model_names, model_title
from aecore.ui.page import show_html
from aecore.ui.pictures import layer_height, layers_uri
from aecore.ui.service import trainer, visitor
from aecore.ui.state import mirror, tie, visit

TRAINABLE: tuple[Architecture, ...] = (
    "plain",
    "deep",
    "conv",
    "sparse",
    "vae",
    "latent2d",
    "denoise_any",
)


def choose_network() -> None:
    """The kinds of network, each as a card with its layers, its size and its code."""
    st.segmented_control(
        _("Which network?"),
        TRAINABLE,
        required=True,
        format_func=_card,
        wrap=True,
        **tie("architecture", then=_usual_code_size),
    )


def _card(architecture: Architecture) -> str:
    network = plan(architecture, DEFAULT_CODE_SIZE[architecture])
    parameters = _("{parameters:,} parameters").format(parameters=network.parameters)
    code = _("code {size:,}").format(size=network.code_size)
    title = f"**{model_title(architecture)}**"
    return f"{_card_picture(architecture)} {title} :small[{parameters}] :small[{code}]"


@cache
def _card_picture(architecture: Architecture) -> str:
    network = plan(architecture, DEFAULT_CODE_SIZE[architecture])
    widths = network.widths()
    layers = " → ".join(str(width) for width in widths)
    return f"![{layers}]({layers_uri(widths, len(network.encoder) - 1)})"


def draw_network() -> None:
    """A picture of the chosen network, and its size in numbers."""
    chosen = visit()
    network = plan(chosen.architecture, chosen.code_size)
    words = _("{parameters:,} numbers to learn; a code of {size}").format(
        parameters=network.parameters, size=network.code_size
    )
    widths = network.widths()
    code = len(network.encoder) - 1
    bars = "".join(_layer_bar(width, is_code=at == code) for at, width in enumerate(widths))
    parts = "".join(f"<span>{escape(part)}</span>" for part in _parts())
    show_html(
        f'<figure class="layers"><div role="img" aria-label="{escape(_describe(widths))}">{bars}'
        f"</div><figcaption>{parts}</figcaption></figure>"
        f'<p class="small">{escape(" → ".join(f"{width:,}" for width in widths))}<br>'
        f"{escape(words)}</p>"
    )


def _usual_code_size() -> None:
    visit().code_size = DEFAULT_CODE_SIZE[visit().architecture]


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
        if fixed_code_size(visit().architecture):
            st.caption(_("This network fixes the size of its code."))
        else:
            st.slider(
                _("Code size"),
                1,
                128,
                help=_("How many numbers the code has."),
                **tie("code_size"),
            )
        st.select_slider(
            _("Training images"),
            [1_000, 5_000, 10_000, 30_000, 60_000],
            format_func="{:,}".format,
            help=_("How many of the 60,000 training images it sees in each epoch."),
            **tie("images"),
        )
        st.select_slider(
            _("Batch size"),
            [32, 64, 128, 256, 512, 1_024],
            help=_("How many images it looks at before each step."),
            **tie("batch_size"),
        )
    with right:
        st.slider(
            _("Noise, σ"),
            0.0,
            BOUNDS["noise"].highest,
            step=0.1,
            help=_("Noise added to the inputs while it trains; the answer wanted stays clean."),
            **tie("training_noise"),
        )
        st.slider(
            _("Epochs"),
            1,
            60,
            help=_("How often it sees each of the training images."),
            **tie("epochs"),
        )
        st.select_slider(
            _("Learning rate"),
            [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1],
            help=_("How large each step is."),
            **tie("learning_rate"),
        )
    st.number_input(
        _("Seed"),
        0,
        9_999,
        help=_("Another seed is another start of the same training: other random numbers."),
        **tie("seed"),
    )


def asked_spec() -> TrainingSpec | None:
    """The spec the visitor put together; says what is wrong if it is none."""
    chosen = visit()
    try:
        return TrainingSpec(
            chosen.architecture,
            code_size=chosen.code_size,
            noise=chosen.training_noise,
            noise_varies=chosen.architecture == "denoise_any",
            images=chosen.images,
            epochs=chosen.epochs,
            batch_size=chosen.batch_size,
            learning_rate=chosen.learning_rate,
            seed=chosen.seed,
        )
    except SpecError as error:
        st.warning(_("One setting is out of its range: {name}").format(name=error.field))
        return None


def train_button(spec: TrainingSpec) -> None:
    """The estimate, and the button that asks for the training."""
    wait = trainer().expected_wait()
    words = _("On this machine about {training}.").format(
        training=spoken_seconds(trainer().estimator.seconds(spec))
    )
    if wait > 1 and trainer().ticket(spec.key) is None:
        words += " " + _("The worker is busy; it will begin in about {wait}.").format(
            wait=spoken_seconds(wait)
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(_("Train"), type="primary", on_click=_submit, args=(spec,), width="content")
        st.markdown(words)
    refusal = st.session_state.pop("refusal", None)
    if refusal is not None:
        st.warning(_refusal_words(refusal))


def _submit(spec: TrainingSpec) -> None:
    try:
        visit().run = trainer().submit(spec, visitor())
        mirror()
    except RefusedError as error:
        st.session_state["refusal"] = error


def _refusal_words(error: RefusedError) -> str:
    if isinstance(error, QueueFullError):
        return _("Thirty trainings are waiting already. Watch one of them, or try in a minute.")
    if isinstance(error, OneIsWaitingError):
        return _("You have a training waiting. Leave its place in the queue first.")
    if isinstance(error, CannotWriteError):
        return _("The server's disk is full or read-only, so nothing can be trained just now.")
    return _("This training cannot be taken just now. Try again in a minute.")


def spoken_seconds(seconds: float) -> str:
    """A duration in words that need no exactness."""
    if seconds < 1.5:
        return _("1 second")
    if seconds < 90:
        return _("{seconds:.0f} seconds").format(seconds=seconds)
    return _("{minutes:.0f} minutes").format(minutes=seconds / 60)


def choose_trained() -> None:
    """Load: any shipped model, or the run in the link."""
    names = [name for name in (*SHIPPED, visit().run) if name in model_names()]
    chosen = st.selectbox(
        _("Which model?"),
        list(dict.fromkeys(names)),
        index=None,
        format_func=model_title,
        placeholder=_("Choose one to see how it learnt"),
        key="loaded",
    )
    if chosen is not None and chosen != visit().run:
        visit().run = chosen
        mirror()
