"""The loss curves of a training: what they are judged by, what was predicted, what is shown."""

from __future__ import annotations

import streamlit as st

from aecore.curves.pca_loss import pca_loss
from aecore.labels import separated
from aecore.metrics import MEAN_IMAGE_BCE, PERFECT_BCE
from aecore.runs import Epoch
from aecore.specs import TrainingSpec
from aecore.ui.charts import HALF_A_LINE_UP, Channel, Layer, category, layer, quantity
from aecore.ui.language import _
from aecore.ui.palette import GREY, LINE_COLOURS

_PIXELS = 784
"""So many numbers in a code leave PCA nothing to do: it gives back what it got."""

_LOWEST, _HIGHEST = 0.05, 0.28
"""BCE per pixel at the chart's lower and upper edge."""

_LABEL = 0.04
"""So much of the axis of losses a label of two lines takes."""

_SAID = LINE_COLOURS["orange"]


def loss_layers(
    epochs: list[Epoch], spec: TrainingSpec, shown: int | None, said: float | None
) -> list[Layer]:
    """Both losses after each epoch, over losses to judge them by.

    The epoch that is `shown` has its line, and so has the one that was predicted: `said`.
    """
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
        axis={"tickMinStep": 1, "format": "d", "grid": False, "titlePadding": 2, "labelPadding": 4},
    )
    up = quantity(
        "loss",
        _("BCE per pixel"),
        scale={"domain": [_LOWEST, _HIGHEST], "clamp": True, "nice": False, "zero": False},
        axis={"values": [0.05, 0.1, 0.15, 0.2, 0.25], "grid": False},
    )
    beside = {"x": {"value": "width"}, "y": {**up, "field": "height"}, "text": category("name")}
    dash = category("curve", legend={"orient": "top", "symbolType": "stroke", "offset": 4})
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
    if said is not None and said <= spec.epochs:
        layers += _said_layers(said, across, is_late=said > spec.epochs / 2)
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


def _said_layers(said: float, across: Channel, *, is_late: bool) -> list[Layer]:
    """The predicted epoch as a line, named where there is room for it: under the mean image."""
    row = [{"epoch": said, "name": _("you said {number:g}").format(number=said)}]
    under_mean = {"datum": MEAN_IMAGE_BCE, "type": "quantitative"}
    place = {"x": across, "y": under_mean, "text": category("name")}
    side = {"align": "right", "dx": -5} if is_late else {"align": "left", "dx": 5}
    return [
        layer(row, "rule", {"x": across}, strokeDash=[6, 4], strokeWidth=2, color=_SAID),
        layer(row, "text", place, baseline="top", dy=4, color=_SAID, **side),
    ]


@st.cache_data(max_entries=200, show_spinner=False)
def _pca_loss(code_size: int, noise: float) -> float:
    return pca_loss(code_size, noise)
