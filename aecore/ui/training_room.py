"""The Train page's parts: choose a network, ask for a training, watch it, replay it."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from uuid import uuid4

import numpy as np
import streamlit as st

from aecore.datasets import Floats, example_digits, to_float
from aecore.metrics import bce
from aecore.networks import plan
from aecore.palette import GREY
from aecore.pictures import digit_uri, layers_uri
from aecore.projections import load_pca
from aecore.runs import Epoch, Run, RunError, Status
from aecore.specs import (
    BOUNDS,
    DEFAULT_CODE_SIZE,
    Architecture,
    SpecError,
    TrainingSpec,
    fixed_code_size,
)
from aecore.trainer import (
    CannotWriteError,
    OneIsWaitingError,
    QueueFullError,
    RefusedError,
    Trainer,
)
from aecore.ui.charts import Layer, category, layer, quantity, show_chart
from aecore.ui.language import _
from aecore.ui.models import SHIPPED, mnist, model_names, model_title, run_of, visitor_runs
from aecore.ui.page import show_html
from aecore.ui.state import mirror, tie, visit

FLOOR, MEAN_IMAGE = 0.0581, 0.2625
"""BCE per pixel of the perfect answer and of the mean image, on the MNIST test set."""

TRAINABLE: tuple[Architecture, ...] = (
    "plain",
    "deep",
    "conv",
    "sparse",
    "vae",
    "latent2d",
    "denoise_any",
)

_PCA_IMAGES = 2_000
_CHECKED = 0.5
_SILENT = 3.0
"""Seconds without a sign of life after which the visitor is told."""


@st.cache_resource(max_entries=1, show_spinner=False)
def trainer() -> Trainer:
    """The training service of this server, shared by all visitors."""
    return Trainer.from_environment(visitor_runs().root, os.environ)


def visitor() -> str:
    """A name for this session, by which the queue knows it."""
    name: str = st.session_state.setdefault("visitor", uuid4().hex)
    return name


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
    widths = network.widths()
    picture = layers_uri(widths, len(network.encoder) - 1)
    words = _("{parameters:,} parameters, code {size:,}").format(
        parameters=network.parameters, size=network.code_size
    )
    layers = " → ".join(str(width) for width in widths)
    return f"![{layers}]({picture}) **{model_title(architecture)}** :small[{words}]"


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
    """A bar as high as the layer's size, counted in doublings: 25,088 numbers fill the height."""
    height = 8 + 92 * (np.log2(width + 1) / np.log2(25_089))
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
    if seconds < 90:
        return _("{seconds:.0f} seconds").format(seconds=max(seconds, 1))
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


def watch() -> None:
    """The run the visitor looks at: live while it trains, to be replayed when it is over."""
    name = visit().run
    if not name:
        _what_will_be_shown()
        return
    try:
        run = run_of(name)
        ended = run.status().state not in ("queued", "running")
    except RunError:
        st.warning(_("There is no such training here any more. Train it again, or load another."))
        return
    st.subheader(model_title(name), anchor="run")
    if ended:
        _show_ended(run)
    else:
        st.fragment(_show_live, run_every=_CHECKED)(run)


def _what_will_be_shown() -> None:
    """Before the first training: the digits whose reconstructions will tell how far it is."""
    st.subheader(_("What will it make of these?"), anchor=False)
    show_html(digit_row(_ten_digits(), _("test digits")))
    st.caption(
        _(
            "No network here is trained on them. As soon as you press Train, you see what yours "
            "makes of them after every epoch, and how its loss falls."
        )
    )


def _ten_digits() -> Floats:
    return to_float(mnist().test_images[example_digits(mnist())])


def _show_live(run: Run) -> None:
    trainer().look_at(run.name, visitor())
    try:
        status = run.status()
    except RunError:
        st.warning(_("There is no such training here any more. Train it again, or load another."))
        return
    if status.state not in ("queued", "running"):
        st.rerun()
    _progress(run, status)
    _what_was_learnt(run, run.epoch_numbers())


def _progress(run: Run, status: Status) -> None:
    ticket = trainer().ticket(run.name, visitor())
    if status.state == "queued":
        place = ticket.place if ticket is not None else 1
        wait = ticket.seconds_before if ticket is not None else 0.0
        st.progress(
            0.0,
            _("Waiting, place {place} in the queue; begins in about {wait}").format(
                place=place, wait=spoken_seconds(wait)
            ),
        )
        label = _("Leave the queue")
    else:
        left = "…" if status.seconds_left is None else spoken_seconds(status.seconds_left)
        st.progress(
            min(max(status.progress, 0.0), 1.0),
            _("{percent:.1f} % · epoch {epoch} of {epochs} · {left} left").format(
                percent=100 * status.progress,
                epoch=min(status.epoch + 1, run.spec().epochs),
                epochs=run.spec().epochs,
                left=left,
            ),
        )
        label = _("Stop")
    if status.attempt > 1:
        st.caption(_("The training process died once and goes on from its last epoch."))
    elif status.message == "disk_full":
        st.warning(_("The server's disk is full. The training goes on in memory."))
    silent = trainer().silence(run.name)
    if status.state == "running" and silent > _SILENT:
        st.warning(
            _(
                "No sign of life from the training process for {seconds:.0f} seconds. If it died, "
                "the training goes on by itself from epoch {epoch}."
            ).format(seconds=silent, epoch=status.epoch)
        )
    if not trainer().has_workers:
        st.warning(_("The training cluster cannot be reached just now. Your place is kept."))
    st.button(label, on_click=_stop, args=(run.name,), key="stop_button")
    if st.session_state.pop("others_watch", False):
        st.info(_("Others watch this training, so it goes on for them."))


def _stop(name: str) -> None:
    st.session_state["others_watch"] = not trainer().stop(name, visitor())


def _show_ended(run: Run) -> None:
    status = run.status()
    sentence = _ending(status)
    if sentence:
        (st.warning if status.state == "failed" else st.info)(sentence)
    numbers = run.epoch_numbers()
    if not numbers:
        st.caption(_("Not one epoch was finished, so there is nothing to show."))
        return
    last = numbers[-1]
    shown = last
    if len(numbers) > 1:
        shown = st.slider(_("Replay: epoch"), numbers[0], last, last, key=f"replay_{run.name}")
    _what_was_learnt(run, numbers, shown=shown)
    if not run.is_sealed():
        if trainer().ticket(run.name) is not None:
            st.fragment(_await_model, run_every=_CHECKED)(run)
    else:
        _figures(run)
        st.download_button(
            _("Download the Keras model"),
            data=(run.folder / "model.keras").read_bytes,
            file_name=f"{run.name}.keras",
            icon=":material/download:",
        )


def _await_model(run: Run) -> None:
    """The model is being written; show the page anew once it is whole."""
    st.caption(_("Keeping the model…"))
    if run.is_sealed() or trainer().ticket(run.name) is None:
        st.rerun()


def _ending(status: Status) -> str:
    if status.state == "stopped" and not status.message:
        return _("Stopped. What it had learnt by its last finished epoch is kept.")
    return {
        "": "",
        "not_a_number": _(
            "The loss stopped being a number: the steps were too large. "
            "Try a smaller learning rate. The last good epoch is kept."
        ),
        "exploded": _(
            "The loss exploded: the steps were too large. Try a smaller learning rate. "
            "The last good epoch is kept."
        ),
        "no_better_than_mean": _(
            "It ended no better than answering every time with the mean image ({loss}). "
            "Less noise, a smaller learning rate or more epochs may help."
        ).format(loss=MEAN_IMAGE),
        "time_limit": _("It reached the time limit; its last finished epoch is kept."),
        "worker_died": _("The training process died twice; its last good epoch is kept."),
        "disk_full": _("The server's disk is full; not every epoch could be written down."),
        "out_of_memory": _("The server ran out of memory. Try a smaller batch size."),
        "broken": _("The training failed for a reason we did not foresee. Try it again."),
    }[status.message]


def _what_was_learnt(run: Run, numbers: list[int], shown: int | None = None) -> None:
    """The same ten test digits as they came back, and the loss curves."""
    epochs = epochs_of(run, numbers)
    if not epochs:
        st.caption(_("The first epoch is being trained; its pictures appear when it is done."))
        return
    current = next((epoch for epoch in epochs if epoch.number == shown), epochs[-1])
    words = _("Training and validation loss per pixel after each of {count} epochs").format(
        count=len(epochs)
    )
    answers = current.reconstructions.astype(np.float32) / np.float32(255)
    show_html(
        digit_row(_ten_digits(), _("test digits")) + digit_row(answers, _("after this epoch"))
    )
    st.caption(
        _("Epoch {number}: validation loss {loss:.4f} per pixel.").format(
            number=current.number, loss=current.validation_loss
        )
    )
    show_chart(_loss_layers(epochs, run.spec(), shown), height=340, alt=words)


def epochs_of(run: Run, numbers: list[int]) -> list[Epoch]:
    """The epochs of a run that can be read."""
    found = []
    for number in numbers:
        try:
            found.append(_epoch(str(run.folder), number))
        except RunError:
            continue
    return found


@st.cache_data(max_entries=400, show_spinner=False)
def _epoch(folder: str, number: int) -> Epoch:
    return Run(Path(folder)).epoch(number)


def digit_row(images: Floats, label: str) -> str:
    """Ten digits `(10, 28, 28)` side by side under their label, as HTML."""
    pictures = "".join(
        f'<img src="{digit_uri(image)}" alt="{escape(label)}: {index}">'
        for index, image in enumerate(images)
    )
    return f'<p class="small">{escape(label)}</p><div class="ten">{pictures}</div>'


def _loss_layers(epochs: list[Epoch], spec: TrainingSpec, shown: int | None) -> list[Layer]:
    """Both losses after each epoch, over three losses to judge them by."""
    names = {"loss": _("training"), "validation_loss": _("validation")}
    curves = [
        {"epoch": epoch.number, "loss": getattr(epoch, field), "curve": title}
        for epoch in epochs
        for field, title in names.items()
    ]
    rules = [
        {"loss": FLOOR, "name": _("perfect answer")},
        {"loss": pca_loss(min(spec.code_size, 784)), "name": _("PCA, same code size")},
        {"loss": MEAN_IMAGE, "name": _("mean image")},
    ]
    across = quantity(
        "epoch",
        _("epoch"),
        scale={"domain": [0, spec.epochs], "nice": False},
        axis={"tickMinStep": 1, "format": "d", "grid": False},
    )
    up = quantity(
        "loss",
        _("BCE per pixel"),
        scale={"domain": [0.05, 0.28], "clamp": True, "nice": False, "zero": False},
        axis={"values": [0.05, 0.1, 0.15, 0.2, 0.25], "grid": False},
    )
    dash = category("curve", legend={"orient": "top", "symbolType": "stroke"})
    tooltip = [
        quantity("epoch", _("epoch")),
        category("curve", _("loss")),
        quantity("loss", _("BCE per pixel"), format=".4f"),
    ]
    layers = [
        layer(rules, "rule", {"y": up}, strokeDash=[2, 3], color=GREY),
        layer(
            rules,
            "text",
            {"x": {"value": "width"}, "y": up, "text": category("name")},
            align="right",
            baseline="bottom",
            dy=-2,
            fontSize=13,
            color=GREY,
        ),
        layer(
            curves,
            "line",
            {"x": across, "y": up, "strokeDash": dash, "tooltip": tooltip},
            point=len(epochs) < 30,
        ),
    ]
    if shown is not None:
        layers.append(layer([{"epoch": shown}], "rule", {"x": across}, color=GREY))
    return layers


@st.cache_data(max_entries=200, show_spinner=False)
def pca_loss(code_size: int) -> float:
    """BCE per pixel of PCA with `code_size` components on 2,000 test images."""
    images = to_float(mnist().test_images[:_PCA_IMAGES])
    return bce(images, load_pca().keeping(code_size).reconstruct(images))


def _figures(run: Run) -> None:
    metrics = run.metrics()
    shown = [
        ("BCE", f"{metrics['bce']:.4f}", _("0.0581 is perfect, 0.2625 the mean image")),
        ("MSE", f"{metrics['mse']:.4f}", _("0 is perfect, 0.0675 the mean image")),
        (
            _("seconds per epoch"),
            f"{metrics['seconds_per_epoch']:.1f}",
            _("on the machine that trained it"),
        ),
    ]
    st.markdown(_("Measured on all 10,000 test digits:"))
    for column, (label, number, scale) in zip(st.columns(len(shown)), shown, strict=True):
        with column:
            st.metric(label, number)
            st.caption(scale)
