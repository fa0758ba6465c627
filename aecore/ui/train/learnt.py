"""What a network has learnt after an epoch: ten digits as they come back, and the loss curves."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

import streamlit as st

from aecore.datasets import Floats, to_float
from aecore.metrics import MEAN_IMAGE_BCE, PERFECT_BCE
from aecore.runs import Epoch, Run, RunError
from aecore.sentences import joined
from aecore.specs import TrainingSpec
from aecore.ui.charts import show_chart
from aecore.ui.figures import picture
from aecore.ui.language import _, ngettext
from aecore.ui.models import model_title
from aecore.ui.page import show_html
from aecore.ui.pictures import digit_uri
from aecore.ui.train.given import given_rows
from aecore.ui.train.loss_curves import loss_layers


def show_title(name: str) -> None:
    """Which run it is, in a line with what one does to it."""
    st.header(model_title(name), anchor="run", width="content")


def what_was_learnt(
    run: Run, epochs: list[Epoch], shown: int | None = None, said: float | None = None
) -> None:
    """The same ten test digits as they came back, and the loss curves.

    `shown` is the epoch that is looked at: 0 before the first, None for the last; `said` the one
    that was predicted.
    """
    last = epochs[-1] if epochs and shown != 0 else None
    current = next((epoch for epoch in epochs if epoch.number == shown), last)
    show_html(_given_to(run) + _answers(run, current))
    if not epochs:
        st.caption(_("The pictures of its first epoch appear here as soon as it is done."))
        return
    words = ngettext(
        "Training and validation loss per pixel after {count} epoch",
        "Training and validation loss per pixel over {count} epochs",
        epochs[-1].number,
    ).format(count=epochs[-1].number)
    with st.container(key="losses"):
        show_chart(loss_layers(epochs, run.spec(), shown, said), height=None, alt=words)
    st.caption(_curve_words(run.spec()))


def epoch_words(images: int) -> str:
    """What an epoch is."""
    words = _("One epoch: the network has seen each of the {images:,} training images once.")
    return words.format(images=images)


def _curve_words(spec: TrainingSpec) -> str:
    """What an epoch is; and why the two curves differ where their noise does."""
    words = epoch_words(spec.images)
    if not spec.noise_grows:
        return words
    varies = _(
        "It trains on every σ up to {noise:g}, late in the training on strong noise more often: "
        "there its training loss rises. The validation loss is always measured at σ {noise:g}."
    )
    return joined(words, varies.format(noise=spec.noise))


def _answers(run: Run, epoch: Epoch | None) -> str:
    """The ten digits as they came back after an epoch; without one, before the first, as HTML."""
    if epoch is not None:
        after = _("after epoch {number}").format(number=epoch.number)
        loss = _("validation loss {loss:.4f} per pixel").format(loss=epoch.validation_loss)
        return digit_row(to_float(epoch.reconstructions), after, f"{after} · {loss}")
    beginning = run.beginning()
    if beginning is None:
        return ""
    return digit_row(to_float(beginning), _("before the first epoch: all its weights are random"))


def what_was_brought(run: Run) -> None:
    """Ten test digits as brought weights give them back, and their loss: there is no curve."""
    measured = epochs_of(run)
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


def epochs_of(run: Run) -> list[Epoch]:
    """The epochs of a run that can be read; each is read once for all visitors."""
    found = []
    for number in run.epoch_numbers():
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


def digit_row(images: Floats, label: str, text: str = "") -> str:
    """Ten digits `(10, 28, 28)` side by side under their label, as HTML.

    `text` stands there in its place, where there is more to say.
    """
    words = _("{label}: {digit}")
    pictures = "".join(
        picture(digit_uri(image), words.format(label=label, digit=digit))
        for digit, image in enumerate(images)
    )
    return f'<p class="small">{escape(text or label)}</p><div class="ten">{pictures}</div>'
