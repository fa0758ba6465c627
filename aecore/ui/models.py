"""The models pages may use, by name: shipped ones, PCA, and runs that visitors trained."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from aecore.autoencoder import Autoencoder, NeighbourIndex
from aecore.datasets import SHOWN, Mnist, load_mnist
from aecore.networks import ARCHITECTURES
from aecore.projections import Pca, load_pca
from aecore.runs import Run, RunError, RunStore
from aecore.shipped import SHIPPED, shipped_title
from aecore.specs import TrainingSpec
from aecore.ui.language import _, ngettext
from aecore.ui.remembered import remembered
from aecore.ui.shared import shared
from aecore.ui.state import MOST_OWN, visit

Model = Autoencoder | Pca

_PROJECT = Path(__file__).parents[2]
PRETRAINED = RunStore(_PROJECT / "pretrained")


def visitor_runs() -> RunStore:
    """Where visitors' trainings live: the folder `runs`, or what AELAB_RUNS names."""
    return RunStore(Path(os.environ.get("AELAB_RUNS") or _PROJECT / "runs"))


def mnist() -> Mnist:
    """The shipped MNIST. Raises DatasetError; `aecore.ui.page` says it kindly."""
    return load_mnist(SHOWN)


def run_of(name: str) -> Run:
    """The folder of a shipped model or of a visitor's run.

    Raises RunError if there is none, or while the disk does not say, as one of a network may.
    """
    try:
        return (PRETRAINED if name in SHIPPED else visitor_runs()).get(name)
    except OSError as error:
        raise RunError("cannot be read", file="spec.json") from error


def spec_of(name: str) -> TrainingSpec:
    """What was asked of a model or run. Raises RunError if there is none."""
    return _spec(str(run_of(name).folder))


@shared(400)
def _spec(folder: str) -> TrainingSpec:
    """A folder's spec never changes, and a page asks for those of the whole class."""
    return Run(Path(folder)).spec()


def model_names() -> list[str]:
    """Every model that can be opened: shipped, the visitor's own finished runs, and PCA."""
    return [*(name for name in (*SHIPPED, *own_runs()) if is_whole(name)), "pca"]


def own_runs() -> list[str]:
    """The runs this visitor is concerned with, the one looked at first.

    They are those asked for since the page was opened, and those that the link names.
    """
    asked: list[str] = st.session_state.get("asked_runs", [])
    chosen = visit()
    newest = list(dict.fromkeys((chosen.run, *reversed(asked), *chosen.compared)))
    names = dict.fromkeys((*newest[:MOST_OWN], *chosen.models))
    return [name for name in names if name and name not in (*SHIPPED, "pca")]


def remember_asked(name: str) -> None:
    """Note that this visitor asked for a run."""
    remembered().asked.add(name)
    _offer_first(name)


def keep_on_offer(name: str) -> None:
    """Let a run that a link named stay among the visitor's own when the link does so no more."""
    if name not in (*SHIPPED, "pca", *st.session_state.get("asked_runs", [])):
        _offer_first(name)


def _offer_first(name: str) -> None:
    asked: list[str] = st.session_state.get("asked_runs", [])
    st.session_state["asked_runs"] = [*(each for each in asked if each != name), name]


def is_whole(name: str) -> bool:
    """Whether there is a finished model of that name, shipped or a visitor's run."""
    try:
        return run_of(name).is_sealed()
    except (RunError, OSError):
        return False


def is_unfinished(name: str) -> bool:
    """Whether a visitor's run of that name waits or trains."""
    try:
        return not run_of(name).last_status().is_over
    except RunError:
        return False


def model_title(name: str) -> str:
    """What visitors read for a model; no two that a page offers are called the same."""
    if name == "pca":
        return _("PCA")
    if name in SHIPPED:
        return _(shipped_title(name))
    title = _short_title(name)
    if any(title == _short_title(other) for other in own_runs() if other != name):
        return _("{title}, run {start}").format(title=title, start=name[:4])
    return title


def _short_title(name: str) -> str:
    """Which network it is, and whether this visitor asked for it."""
    try:
        spec = spec_of(name)
    except RunError:
        return name
    match name in remembered().asked, bool(spec.brought):
        case True, True:
            title = _("Yours, brought: {kind}, code {size}")
        case True, False:
            title = _("Yours: {kind}, code {size}")
        case False, True:
            title = _("Brought: {kind}, code {size}")
        case _:
            title = _("{kind}, code {size}")
    return title.format(kind=_(ARCHITECTURES[spec.architecture].title), size=spec.code_size)


def run_title(name: str, finished: int | None = None) -> str:
    """A title that tells runs of the same network apart: by what was asked of each.

    `finished` says how many of the epochs asked for there are. Without it a run that has ended, and
    may have been stopped, says so itself; of others all are meant.
    """
    if name in (*SHIPPED, "pca"):
        return model_title(name)
    try:
        spec = spec_of(name)
    except RunError:
        return name
    title = _short_title(name)
    if not spec.brought:
        finished = _kept_epochs(name) if finished is None else finished
        title = _epochs_words(spec.epochs, finished).format(
            kind=title, images=spec.images, epochs=spec.epochs, finished=finished
        )
    if spec.noise:
        title += " " + _("σ {noise:g}").format(noise=spec.noise)
    return _("{title}, run {start}").format(title=title, start=name[:4])


def _kept_epochs(name: str) -> int | None:
    """How many epochs a run has that has ended; None while more may come, or if it is gone."""
    try:
        folder = run_of(name).folder
        written = (folder / "status.json").stat().st_mtime_ns
    except (RunError, OSError):
        return None
    return _epochs_at_the_end(str(folder), written)


@shared(400)
def _epochs_at_the_end(folder: str, written: int) -> int | None:  # noqa: ARG001
    """Read once for every status that was written: a page asks for those of the whole class."""
    status = Run(Path(folder)).last_status()
    return status.epoch if status.is_over else None


def _epochs_words(asked: int, finished: int | None) -> str:
    if finished in (None, asked):
        return ngettext(
            "{kind}; {images:,} images, {epochs} epoch",
            "{kind}; {images:,} images, {epochs} epochs",
            asked,
        )
    return _("{kind}; {images:,} images, {finished} of {epochs} epochs")


def open_model(name: str, *, pca_components: int = 32) -> Model:
    """The model of that name, opened once and shared by all visitors.

    Raises RunError (damaged or unknown folder) or DatasetError (PCA's file is missing).
    """
    if name == "pca":
        return load_pca().keeping(pca_components)
    run = run_of(name)
    return _open_autoencoder(str(run.folder), _sealed_version(run))


def neighbour_index(name: str) -> NeighbourIndex:
    """Codes of training images for one model, to find the nearest. Raises as `open_model`."""
    if name == "pca":
        return _pca_index(32)
    run = run_of(name)
    return _open_index(str(run.folder), _sealed_version(run))


def _sealed_version(run: Run) -> str:
    """The version of a finished model. Raises RunError while there is none."""
    version = run.version()
    if not version:
        raise RunError("is missing: the model is not finished", file="checksums.json")
    return version


@shared(24)
def _open_autoencoder(folder: str, version: str) -> Autoencoder:  # noqa: ARG001
    return Autoencoder.load(folder)


@shared(24)
def _open_index(folder: str, version: str) -> NeighbourIndex:  # noqa: ARG001
    return NeighbourIndex.load(folder)


@shared(2)
def _pca_index(components: int) -> NeighbourIndex:
    return NeighbourIndex.of_pca(load_pca().keeping(components), mnist().train_images)
