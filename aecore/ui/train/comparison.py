"""Runs side by side: their loss curves, the same ten digits, a table to sort."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from string import ascii_uppercase

import streamlit as st

from aecore.datasets import to_float
from aecore.labels import separated
from aecore.metrics import MEAN_IMAGE_BCE, PERFECT_BCE
from aecore.networks import plan
from aecore.runs import Epoch, Run, RunError
from aecore.shipped import SHIPPED
from aecore.takehome.figures import Curve, Curves
from aecore.ui.charts import Layer, category, layer, quantity, show_chart
from aecore.ui.controls import say_not_here
from aecore.ui.language import _, ngettext
from aecore.ui.models import run_of, run_title, visitor_runs
from aecore.ui.page import show_html
from aecore.ui.palette import LINE_COLOURS
from aecore.ui.predictions import ask
from aecore.ui.state import MOST_COMPARED, bound, visit
from aecore.ui.takehome.figures import offer_figure
from aecore.ui.train.given import ten_digits
from aecore.ui.train.learnt import digit_row, epochs_of

_OFFERED = 100
"""So many of the class's runs are offered, those asked for last."""

_ROWS_OF_LETTERS = 20
"""So many letters fit over each other in a chart."""

_LEVEL_DASH = (6.0, 3.0)
"""On and off along the level line of a run that was brought."""


def choose_runs() -> None:
    """Which runs to compare: the shipped ones and those of the class."""
    st.markdown(
        _(
            "Train the same network with codes of 8, 32 and 128 numbers, or take two runs of "
            "your neighbours. Look at the ten digits, too: which one profits most?"
        )
    )
    chosen = visit().compared
    offered = _with_epochs([*SHIPPED, *visitor_runs().newest(_OFFERED), *chosen])
    titles = {run.name: run_title(run.name) for run in offered}
    say_not_here([name for name in chosen if name not in titles])
    st.multiselect(
        _("Runs to compare"),
        list(titles),
        format_func=lambda name: titles.get(name, name),
        placeholder=_("Choose two or more"),
        max_selections=MOST_COMPARED,
        **bound("compared", words=" ".join(titles.get(name, "") for name in chosen)),
    )


def _with_epochs(names: list[str]) -> list[Run]:
    """Those of the runs that exist and have finished at least one epoch."""
    found = []
    for name in dict.fromkeys(names):
        with suppress(RunError):
            run = run_of(name)
            if run.has_epochs():
                found.append(run)
    return found


def compare() -> None:
    """The chosen runs in one chart, as digits, and as a table; in each a run has its letter."""
    readable = {}
    for run in _with_epochs(list(visit().compared)):
        found = epochs_of(run)
        if found:  # some may all be damaged
            readable[run] = found
    if not readable:
        return
    runs = dict(zip(ascii_uppercase, readable, strict=False))
    epochs = {letter: readable[run] for letter, run in runs.items()}
    titles = _titles(runs, epochs)
    if len(runs) > 1 and not _ask_which_ends_lowest(readable):
        return
    brought = {letter for letter, run in runs.items() if run.spec().brought}
    show_chart(
        _curves(titles, epochs, brought),
        height=400,
        alt=ngettext(
            "Validation loss after each epoch, the curve of {count} run",
            "Validation loss after each epoch, one curve for each of {count} runs",
            len(runs),
        ).format(count=len(runs)),
    )
    offer_figure(
        _("This chart for paper or slides"),
        "compared_losses",
        lambda: _figure(runs, epochs, brought),
    )
    _digits({letter: _answers_of(run, titles[letter]) for letter, run in runs.items()}, epochs)
    st.dataframe(
        [_row(titles[letter], run, epochs[letter]) for letter, run in runs.items()],
        hide_index=True,
        placeholder="–",
        width="stretch",
        column_config={_("run"): st.column_config.Column(width="medium")},
    )
    st.caption(
        _(
            "Click a column's head to sort. BCE per pixel: {perfect} is perfect, {mean} the mean "
            "image. A dash: the run has not ended, kept no model, or was trained elsewhere. A run "
            "that was trained with noise σ is measured with it, too."
        ).format(perfect=PERFECT_BCE, mean=MEAN_IMAGE_BCE)
    )


def _ask_which_ends_lowest(epochs: dict[Run, list[Epoch]]) -> bool:
    """Ask whose curve it will be; nobody knows before the last of them has ended."""
    losses = {run.name: found[-1].validation_loss for run, found in epochs.items()}

    def lowest() -> str | None:
        have_ended = all(run.last_status().is_over for run in epochs)
        return min(losses, key=losses.__getitem__) if have_ended else None

    given = tuple(sorted(losses.items()))
    return ask("lowest_curve", lowest, given=given, among=list(losses))


def _curves(
    titles: dict[str, str], epochs: dict[str, list[Epoch]], brought: set[str]
) -> list[Layer]:
    """Validation losses in one chart, each curve with its letter at its end.

    A run that was brought has one loss and no epochs: a level line.
    """
    points = [
        {
            "epoch": epoch.number,
            "loss": epoch.validation_loss,
            "letter": letter,
            "run": titles[letter],
        }
        for letter, found in epochs.items()
        for epoch in found
    ]
    last = {point["letter"]: point for point in points}
    heights = _heights(epochs, brought)
    ends = [last[letter] | {"height": height} for letter, height in heights.items()]
    levels = [end for end in ends if end["letter"] in brought]
    ends = [end for end in ends if end["letter"] not in brought]
    points = [point for point in points if point["letter"] not in brought]
    loss = _("validation loss, BCE per pixel")
    colours = {"domain": list(epochs), "range": list(LINE_COLOURS.values())}
    place = {
        "x": quantity("epoch", _("epoch"), axis={"tickMinStep": 1, "format": "d"}),
        "y": quantity("loss", loss, scale={"zero": False}),
        "color": category("letter", legend=None, scale=colours),
    }
    tooltip = [
        category("run", _("run")),
        quantity("epoch", _("epoch")),
        quantity("loss", loss, format=".4f"),
    ]
    beside = quantity("height", loss, scale={"zero": False})
    letter = {**place, "y": beside, "text": category("letter")}
    level = {name: place[name] for name in ("y", "color")} | {"tooltip": tooltip[::2]}
    level_letter = {**letter, "x": {"value": "width"}}
    bold = {"align": "left", "dx": 8, "fontWeight": "bold"}
    return [
        layer(levels, "rule", level, strokeDash=list(_LEVEL_DASH), strokeWidth=2),
        layer(levels, "text", level_letter, **bold),
        layer(points, "line", {**place, "tooltip": tooltip}, point=True),
        layer(ends, "text", letter, **bold),
    ]


def _heights(epochs: dict[str, list[Epoch]], brought: set[str]) -> dict[str, float]:
    """Where each run's letter stands: at the end of its curve, unless another one stands there."""
    ends = {letter: found[-1] for letter, found in epochs.items()}
    edge = max((end.number for letter, end in ends.items() if letter not in brought), default=0)
    places = {letter: edge if letter in brought else end.number for letter, end in ends.items()}
    heights: dict[str, float] = {}
    for place in set(places.values()):
        there = [letter for letter in ends if places[letter] == place]
        wished = [ends[letter].validation_loss for letter in there]
        apart = separated(wished, _height_of_a_letter(epochs))
        heights |= dict(zip(there, apart, strict=True))
    return heights


def _height_of_a_letter(epochs: dict[str, list[Epoch]]) -> float:
    """In units of the loss, so that none hides the next one."""
    losses = [epoch.validation_loss for found in epochs.values() for epoch in found]
    return (max(losses) - min(losses)) / _ROWS_OF_LETTERS


def _titles(runs: dict[str, Run], epochs: dict[str, list[Epoch]]) -> dict[str, str]:
    return {
        letter: f"{letter} · {run_title(run.name, finished=epochs[letter][-1].number)}"
        for letter, run in runs.items()
    }


def _figure(runs: dict[str, Run], epochs: dict[str, list[Epoch]], brought: set[str]) -> Curves:
    """The same chart for paper and slides."""
    titles = _titles(runs, epochs)
    ends = [found[-1].validation_loss for found in epochs.values()]
    heights = separated(ends, _height_of_a_letter(epochs))
    lines = zip(epochs.items(), LINE_COLOURS.values(), heights, strict=False)
    return Curves(
        _("epoch"),
        _("validation loss, BCE per pixel"),
        [
            Curve(
                letter,
                [epoch.number for epoch in found],
                [epoch.validation_loss for epoch in found],
                colour,
                height,
                title=titles[letter],
                dash=_LEVEL_DASH if letter in brought else (1, 0),
                level=letter in brought,
            )
            for (letter, found), colour, height in lines
        ],
        whole_x=True,
    )


def _answers_of(run: Run, title: str) -> str:
    """What stands over a run's answers; it says so where they are none to the clean digits."""
    noise = run.spec().noise
    if not noise:
        return title
    return _("{title}: answers to noise of σ {noise:g}").format(title=title, noise=noise)


def _digits(titles: dict[str, str], epochs: dict[str, list[Epoch]]) -> None:
    rows = [digit_row(ten_digits(), _("test digits"))]
    for letter, found in epochs.items():
        rows.append(digit_row(to_float(found[-1].reconstructions), titles[letter]))
    show_html("".join(rows))


def _row(title: str, run: Run, epochs: list[Epoch]) -> dict[str, str | float | None]:
    spec = run.spec()
    try:
        metrics = run.metrics()
    except RunError:
        metrics = {}
    trained_here = {} if spec.brought else asdict(spec)
    return {
        _("run"): title,
        _("last validation loss"): round(epochs[-1].validation_loss, 4),
        _("BCE, 10,000 test digits"): _rounded(metrics.get("bce")),
        _("MSE, 10,000 test digits"): _rounded(metrics.get("mse")),
        _("code size"): spec.code_size,
        _("parameters"): plan(spec.architecture, spec.code_size).parameters,
        _("noise σ"): spec.noise,
        _("images"): trained_here.get("images"),
        _("epochs"): epochs[-1].number if trained_here else None,
        _("batch size"): trained_here.get("batch_size"),
        _("learning rate"): trained_here.get("learning_rate"),
        _("seed"): trained_here.get("seed"),
        _("seconds per epoch"): _rounded(metrics.get("seconds_per_epoch")),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
