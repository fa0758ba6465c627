"""What a network has learnt after an epoch: ten digits as they come back, and the loss curves."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

import streamlit as st

from aecore.datasets import Floats, to_float
from aecore.metrics import MEAN_IMAGE_BCE, PERFECT_BCE
from aecore.pca_loss import pca_loss
from aecore.runs import Epoch, Run, RunError
from aecore.specs import TrainingSpec
from aecore.ui.charts import HALF_A_LINE_UP, Layer, category, layer, quantity, separated, show_chart
from aecore.ui.figures import picture
from aecore.ui.language import _, ngettext
from aecore.ui.page import show_html
from aecore.ui.palette import GREY
from aecore.ui.pictures import digit_uri
from aecore.ui.train.given import given_rows

_PIXELS = 784
"""So many numbers in a code leave PCA nothing to do: it gives back what it got."""

_LOWEST, _HIGHEST = 0.05, 0.28
"""BCE per pixel at the chart's lower and upper edge."""

_LABEL = 0.04
"""So much of the axis of losses a label of two lines takes."""


def what_was_learnt(run: Run, numbers: list[int], shown: int | None = None) -> None:
    """The same ten test digits as they came back, and the loss curves."""
    epochs = epochs_of(run, numbers)
    if not epochs:
        st.caption(_("The first epoch is being trained; its pictures appear when it is done."))
        return
    current = next((epoch for epoch in epochs if epoch.number == shown), epochs[-1])
    words = ngettext(
        "Training and validation loss per pixel after {count} epoch",
        "Training and validation loss per pixel after each of {count} epochs",
        len(epochs),
    ).format(count=len(epochs))
    answers = to_float(current.reconstructions)
    show_html(_given_to(run) + digit_row(answers, _("after this epoch")))
    st.caption(
        _("Epoch {number}: validation loss {loss:.4f} per pixel.").format(
            number=current.number, loss=current.validation_loss
        )
    )
    show_chart(_loss_layers(epochs, run.spec(), shown), height=340, alt=words)


def what_was_brought(run: Run) -> None:
    """Ten test digits as brought weights give them back, and their loss: there is no curve."""
    measured = epochs_of(run, run.epoch_numbers())
    if not measured:
        st.caption(_("The ten digits appear as soon as they have been through your network."))
        return
    answers = to_float(measured[-1].reconstructions)
    show_html(_given_to(run) + digit_row(answers, _("as they come back")))
    words = _(
        "Loss on the test images: {loss:.4f} per pixel ({perfect} is perfect, {mean} the mean "
        "image). It was trained elsewhere, so nobody here knows how its loss fell."
    )
    st.caption(
        words.format(loss=measured[-1].validation_loss, perfect=PERFECT_BCE, mean=MEAN_IMAGE_BCE)
    )


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
    """An epoch without codes and weights: nobody looks at them here, and they are most of it."""
    epoch = Run(Path(folder)).epoch(number)
    return replace(epoch, codes=epoch.codes[:0].copy(), weights=None)


def _given_to(run: Run) -> str:
    return "".join(digit_row(images, label) for label, images in given_rows(run.spec()))


def digit_row(images: Floats, label: str) -> str:
    """Ten digits `(10, 28, 28)` side by side under their label, as HTML."""
    words = _("{label}: {digit}")
    pictures = "".join(
        picture(digit_uri(image), words.format(label=label, digit=digit))
        for digit, image in enumerate(images)
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
    rules = _rules(spec)
    across = quantity(
        "epoch",
        _("epoch"),
        scale={"domain": [0, spec.epochs], "nice": False},
        axis={"tickMinStep": 1, "format": "d", "grid": False},
    )
    up = quantity(
        "loss",
        _("BCE per pixel"),
        scale={"domain": [_LOWEST, _HIGHEST], "clamp": True, "nice": False, "zero": False},
        axis={"values": [0.05, 0.1, 0.15, 0.2, 0.25], "grid": False},
    )
    beside = {"x": {"value": "width"}, "y": {**up, "field": "height"}, "text": category("name")}
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
            beside,
            align="left",
            dx=6,
            dy=HALF_A_LINE_UP,
            lineBreak="\n",
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


def _rules(spec: TrainingSpec) -> list[dict[str, str | float]]:
    """Losses to judge the curves by; PCA's where its code is shorter than an image, if in sight.

    `height` is where the name stands, lest two stand over each other.
    """
    rules = [(PERFECT_BCE, _("perfect\nanswer")), (MEAN_IMAGE_BCE, _("mean\nimage"))]
    if spec.code_size < _PIXELS:
        loss = _pca_loss(spec.code_size, spec.noise)
        if loss < _HIGHEST:
            rules.insert(1, (loss, _("PCA, same\ncode size")))
    heights = separated([loss for loss, _name in rules], _LABEL)
    return [
        {"loss": loss, "name": name, "height": height}
        for (loss, name), height in zip(rules, heights, strict=True)
    ]


@st.cache_data(max_entries=200, show_spinner=False)
def _pca_loss(code_size: int, noise: float) -> float:
    return pca_loss(code_size, noise)
