"""The buttons that take a training home: its code, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from aecore.datasets import MNIST_FILE
from aecore.runs import Run
from aecore.settings import N_
from aecore.specs import TrainingSpec
from aecore.takehome.bundle import everything, keras_file, losses_csv, onnx_pair, safetensors
from aecore.takehome.figures import DrawingError, Figure, Illustrator
from aecore.takehome.script import Translate, notebook, script
from aecore.ui.language import _, translator
from aecore.ui.models import model_title, run_of
from aecore.ui.page import say_if_broken
from aecore.ui.takehome.downloads import download, row_of_links, say_failures
from aecore.ui.takehome.figures import (
    figure_links,
    illustrator,
    in_the_figures_language,
    say_about_figures,
)
from aecore.ui.takehome.run_figures import figures_of

_HOME = ":material/home:"


def take_code_home(spec: TrainingSpec) -> None:
    """A button that opens the code of a training, before it is asked for."""
    opened = st.popover(_("Take it home"), icon=_HOME, key="take_code_home", on_change="rerun")
    if opened.open:
        with opened, st.container(gap="xxsmall"):
            _code(spec, "asked")
            _say_what_code_needs()


@st.fragment
def take_home(name: str) -> None:
    """A button that opens all there is to take home of a finished model that is no PCA.

    What can be had is looked up when the button opens; a file is made when it is clicked.
    """
    opened = st.popover(_("Take it home"), icon=_HOME, key=f"take_home_{name}", on_change="rerun")
    if opened.open:
        with opened, say_if_broken(), st.container(gap="xxsmall"):
            _all_of(run_of(name))


def _all_of(run: Run) -> None:
    spec, title, translate, artist = run.spec(), model_title(run.name), translator(), illustrator()
    file, key = f"autoencoder_{spec.architecture}", run.name
    with in_the_figures_language():
        figures = figures_of(run)
    download(
        _("Everything as one zip"),
        f"{file}.zip",
        lambda: _bundled(run, title, figures, artist, translate),
        key=key,
        main=True,
    )
    st.caption(_("With a README, and with examples that use the model. It takes some seconds."))
    if not spec.brought:
        _code(spec, key)
    with row_of_links(_("Model"), key=f"model_{key}"):
        download("Keras", f"{file}.keras", lambda: keras_file(run), key=key)
        download("ONNX", f"{file}_onnx.zip", lambda: onnx_pair(run, translate), key=key)
        download("safetensors", f"{file}.safetensors", lambda: safetensors(run), key=key)
    if not spec.brought:
        with row_of_links(_("Losses"), key=f"losses_{key}"):
            download("CSV", f"{file}_losses.csv", lambda: losses_csv(run), key=key)
            if "losses" in figures:
                figure_links("losses", figures["losses"], key=key)
    for name, label in _PICTURES.items():
        if name in figures:
            with row_of_links(_(label), key=f"{name}_{key}"):
                figure_links(name, figures[name], key=key)
    if not spec.brought:
        _say_what_code_needs()
    say_about_figures()
    say_failures()


_PICTURES = {"before_and_after": N_("Before and after"), "epoch_by_epoch": N_("Epoch by epoch")}
"""The figures that show digits, by their files' names, and what visitors read for them."""


def _bundled(
    run: Run,
    title: str,
    figures: Mapping[str, Figure],
    artist: Illustrator,
    translate: Translate,
) -> bytes:
    """The zip; without figures if they cannot be drawn, which its README says."""
    try:
        drawn = artist.draw(figures)
    except DrawingError:
        drawn = None
    return everything(run, title, drawn, translate)


def _code(spec: TrainingSpec, key: str) -> None:
    """The code of exactly this training, and the data it needs where there is no Internet."""
    name, translate = f"autoencoder_{spec.architecture}", translator()
    with row_of_links(_("Code"), key=f"code_{key}"):
        download(_("Script"), f"{name}.py", lambda: script(spec, translate), key=key)
        download(_("Notebook"), f"{name}.ipynb", lambda: notebook(spec, translate), key=key)
        download(_("MNIST, 11.5 MB"), "mnist.npz", MNIST_FILE.read_bytes, key=key)


def _say_what_code_needs() -> None:
    st.caption(
        _(
            "The code of exactly this training, to run and to change. It needs `pip install "
            "tensorflow matplotlib`, and MNIST beside it where there is no Internet."
        )
    )
