"""A model and all that belongs to it as one zip: code, weights, numbers, figures, a README."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from aecore.datasets import SHOWN, example_digits, load_mnist, to_float
from aecore.metrics import MEAN_IMAGE_BCE, MEAN_IMAGE_MSE, PERFECT_BCE
from aecore.networks import plan
from aecore.onnx_weights import load_weights
from aecore.runs import Run
from aecore.sentences import joined
from aecore.specs import TrainingSpec
from aecore.takehome.examples import keras_example, onnx_example, weights_example
from aecore.takehome.safetensors import write
from aecore.takehome.script import Translate, notebook, script

Files = Iterable[tuple[str, bytes]]
"""Names in the zip and contents, made one after the other to spare memory."""

_TEXTS = (".md", ".py", ".ipynb", ".csv", ".svg")


def everything(
    run: Run, title: str, figures: Mapping[str, bytes] | None, translate: Translate
) -> bytes:
    """All that there is of a finished model, with a README in the visitor's language.

    title    what visitors read for the model
    figures  files by their names; None if they could not be drawn

    Raises RunError if the folder is damaged.
    """
    return zipped(_all_files(run, title, figures, translate))


def onnx_pair(run: Run, translate: Translate) -> bytes:
    """Encoder and decoder, and a script that uses them, as a zip. Raises RunError."""
    return zipped(_onnx_files(run, translate))


def safetensors(run: Run) -> bytes:
    """The weights as a safetensors file, which the lab takes back. Raises RunError."""
    spec = run.spec()
    about = {"architecture": spec.architecture, "noise": f"{spec.noise:g}"}
    return write(load_weights(run.folder), plan(spec.architecture, spec.code_size), about)


def keras_file(run: Run) -> bytes:
    """The network as Keras keeps it. Raises RunError."""
    return run.content("model.keras")


def losses_csv(run: Run) -> str:
    """A row for each epoch that was kept: its losses, per pixel, and the seconds it took, if known.

    One that is damaged is left out: all else of the model is as good as before.
    """
    epochs = list(run.readable_epochs())
    parts = sorted({part for epoch in epochs for part in epoch.loss_parts})
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["epoch", "loss", "validation_loss", *(f"loss_{p}" for p in parts), "seconds"])
    for epoch in epochs:
        losses = [epoch.loss, epoch.validation_loss]
        losses += [epoch.loss_parts.get(part, float("nan")) for part in parts]
        seconds = f"{epoch.seconds:.3f}" if epoch.seconds else ""
        table.writerow([epoch.number, *(f"{x:.6f}" for x in losses), seconds])
    return text.getvalue()


def zipped(files: Files) -> bytes:
    """Files as one zip.

    The same files make the same bytes, so that a class that takes the same model home shares one
    copy in the server's memory. Weights are kept as they are: they hardly shrink.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)  # dated 1980
            entry.external_attr = 0o644 << 16
            is_text = name.endswith(_TEXTS)
            entry.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _all_files(
    run: Run, title: str, figures: Mapping[str, bytes] | None, _: Translate
) -> Iterator[tuple[str, bytes]]:
    spec = run.spec()
    yield "README.md", _readme(run, spec, title, _, has_figures=figures is not None).encode()
    if not spec.brought:
        yield "autoencoder.py", script(spec, _).encode()
        yield "autoencoder.ipynb", notebook(spec, _).encode()
    yield "model.keras", keras_file(run)
    yield "use_keras.py", keras_example(_).encode()
    yield from _onnx_files(run, _)
    yield "weights.safetensors", safetensors(run)
    network = plan(spec.architecture, spec.code_size)
    yield "use_weights.py", weights_example(network, _).encode()
    if not spec.brought:
        yield "losses.csv", losses_csv(run).encode()
    for name, content in (figures or {}).items():
        yield f"figures/{name}", content


def _onnx_files(run: Run, _: Translate) -> Iterator[tuple[str, bytes]]:
    for name in ("encoder.onnx", "decoder.onnx"):
        yield name, run.content(name)
    yield "use_onnx.py", onnx_example(_).encode()
    yield "digits.npy", _ten_digits()


def _ten_digits() -> bytes:
    """One test digit of each kind, float32 `(10, 28, 28)` in [0, 1], as NumPy keeps it."""
    mnist = load_mnist(SHOWN)
    buffer = io.BytesIO()
    np.save(buffer, to_float(mnist.test_images[example_digits(mnist)]))
    return buffer.getvalue()


def _readme(run: Run, spec: TrainingSpec, title: str, _: Translate, *, has_figures: bool) -> str:
    metrics = run.metrics()
    contents = _contents(spec, _, has_figures=has_figures)
    lines = [
        f"# {title}",
        "",
        _(
            "An autoencoder from Autoencoder Lab: it turns a digit of 28 × 28 pixels into a "
            "code of size {size} and draws it again from that."
        ).format(size=spec.code_size),
        "",
        *_history(run, spec, _),
        joined(
            _(
                "Measured on the 10,000 test digits: binary cross-entropy {bce:.4f} per pixel "
                "({perfect} is perfect, {mean} the mean image), mean squared error {mse:.4f} (0 is "
                "perfect, {mean_mse} the mean image)."
            ).format(
                bce=metrics["bce"],
                mse=metrics["mse"],
                perfect=PERFECT_BCE,
                mean=MEAN_IMAGE_BCE,
                mean_mse=MEAN_IMAGE_MSE,
            ),
            *_noise_measured_with(spec, _),
        ),
        "",
        *(f"- `{name}`: {words}" for name, words in contents),
        "",
    ]
    if not has_figures:
        lines += [_("The figures could not be drawn just now; take them home one by one."), ""]
    lines += [
        _(
            "The digits are from MNIST, by Yann LeCun, Corinna Cortes and Christopher J. C. Burges "
            "(CC BY-SA 3.0)."
        ),
        "",
    ]
    return "\n".join(lines)


def _noise_measured_with(spec: TrainingSpec, _: Translate) -> list[str]:
    if not spec.noise:
        return []
    words = _(
        "That was measured with noise of σ {noise:g} on the inputs; the three scripts use clean "
        "digits."
    )
    return [words.format(noise=spec.noise)]


def _history(run: Run, spec: TrainingSpec, _: Translate) -> list[str]:
    """What it was trained on, if the lab knows."""
    if spec.brought:
        return [_("Its weights were brought to the lab from elsewhere."), ""]
    asked = spec.epochs
    kept = run.metrics().get("epochs", asked)
    epochs = f"{kept}" if kept == asked else _("{kept} of {asked}").format(kept=kept, asked=asked)
    trained = _("Trained on {images:,} digits of MNIST; epochs: {epochs}.").format(
        images=spec.images, epochs=epochs
    )
    if not spec.noise:
        return [trained, ""]
    kind = _("Noise on its inputs: up to σ {noise:g}.") if spec.noise_varies else None
    noise = kind or _("Noise on its inputs: σ {noise:g}.")
    return [joined(trained, noise.format(noise=spec.noise)), ""]


def _contents(spec: TrainingSpec, _: Translate, *, has_figures: bool) -> Iterator[tuple[str, str]]:
    if not spec.brought:
        yield (
            "autoencoder.py",
            _("the training, to run and to change; it needs `pip install tensorflow matplotlib`"),
        )
        yield "autoencoder.ipynb", _("the same as a Jupyter notebook")
    yield "model.keras", _("the network as Keras keeps it; `use_keras.py` shows how to use it")
    yield (
        "encoder.onnx, decoder.onnx",
        _("its two halves for ONNX Runtime, small and quick; see `use_onnx.py`"),
    )
    yield (
        "weights.safetensors",
        _("its numbers alone, which the lab takes back; see `use_weights.py`"),
    )
    yield "digits.npy", _("ten test digits for the three scripts")
    if not spec.brought:
        yield "losses.csv", _("the losses after each epoch that was kept, per pixel")
    if has_figures:
        yield "figures", _("for paper (PDF), to edit (SVG) and for slides (PNG, 300 dpi)")
