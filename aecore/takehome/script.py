"""A training as the script and the notebook that a student would have written.

Both are made of the same steps: a few words and a few lines of code. They need `tensorflow` and
`matplotlib` only, and leave `digits.png`, `losses.png` and `weights.safetensors` behind. Their
loss is the lab's within 3 % at equal epochs: measured for `plain`, `deep`, `conv` and the denoiser
with three seeds each. In the first hundred steps two trainings may lie 15 % apart, as two seeds of
the lab do; `sparse` and `vae` were 4 % and 3 % off after three epochs. The two networks whose maps
the lab learns in ways of its own are worse in the script, which says so. (The lab's noise of
varying strength grows towards the end of a training; the script's stays as it is.)
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aecore.keras_code import CodeLine, compile_lines, has_second_loss, network_lines
from aecore.networks import plan
from aecore.sentences import joined
from aecore.specs import TrainingSpec

Translate = Callable[[str], str]
"""A sentence in English to the same in the visitor's language."""

_WIDTH = 96


@dataclass(frozen=True)
class _Step:
    """A few words, and the code that does what they say."""

    words: str
    code: str


def script(spec: TrainingSpec, translate: Translate) -> str:
    """The training as a Python script of less than 90 lines, commented through `translate`."""
    beside_it = 'Path(__file__).with_name("mnist.npz")'
    first, *others = _steps(spec, translate, beside_it)
    parts = [f'"""{_title(spec, translate)}"""\n\n{first.code}']
    for step in others:
        comment = "\n".join(f"# {line}" for line in _wrapped(step.words))
        parts.append(f"{comment}\n{step.code}")
    return "\n\n".join(parts) + "\n"


def notebook(spec: TrainingSpec, translate: Translate) -> str:
    """The same as a Jupyter notebook (nbformat 4.5): a cell of words before each cell of code."""
    cells: list[dict[str, object]] = []

    def add(kind: str, text: str, **more: object) -> None:
        lines = text.splitlines(keepends=True)
        cell = {"cell_type": kind, "id": f"cell-{len(cells)}", "metadata": {}, "source": lines}
        cells.append(cell | more)

    add("markdown", f"# {_title(spec, translate)}")
    for step in _steps(spec, translate, 'Path("mnist.npz")'):  # it runs in its own folder
        add("markdown", step.words)
        add("code", step.code, execution_count=None, outputs=[])
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _title(spec: TrainingSpec, _: Translate) -> str:
    if spec.noise:
        return _("An autoencoder that removes noise from handwritten digits.")
    return _("An autoencoder of handwritten digits.")


def _steps(spec: TrainingSpec, _: Translate, digits: str) -> Iterator[_Step]:
    """The steps of a training whose digits lie in the file that `digits`, in Python, names."""
    yield _Step(_("It needs two packages: `pip install tensorflow matplotlib`."), _head(spec))
    yield _Step(
        _("The digits, from `mnist.npz` in this folder or else from the Internet; from 0 to 1."),
        f"file = {digits}\n{_DATA}",
    )
    if spec.noise:
        yield _Step(_("The noise. The answer wanted stays the clean digit."), _NOISE)
    yield _Step(
        _network_words(spec, _),
        f"{_text(network_lines(plan(spec.architecture, spec.code_size)))}\n"
        f"{_text(compile_lines(spec))}".strip("\n"),
    )
    yield _Step(_fit_words(spec, _), _fit(spec))
    yield _Step(
        _("The weights, to bring back to the lab: a header's length, the header, the numbers."),
        _weights(spec),
    )
    yield _Step(_("Ten digits before and after."), _before_and_after(spec))
    yield _Step(_("The loss after each epoch."), _loss_curve(spec))


def _text(lines: tuple[CodeLine, ...]) -> str:
    return "\n".join(line.text for line in lines)


def _wrapped(words: str) -> list[str]:
    """Lines of at most _WIDTH columns; a Chinese character is two columns wide."""
    return textwrap.wrap(words, _WIDTH if words.isascii() else _WIDTH // 2)


def _head(spec: TrainingSpec) -> str:
    tensorflow = "import tensorflow as tf\n" if spec.noise else ""
    operations = ", ops" if spec.architecture == "vae" else ""
    chosen: dict[str, float] = {
        "IMAGES": spec.images,
        "EPOCHS": spec.epochs,
        "BATCH_SIZE": spec.batch_size,
        "SEED": spec.seed,
    }
    if spec.noise:
        chosen["NOISE"] = spec.noise
    values = ", ".join(f"{value:g}" for value in chosen.values())
    return f"""\
import json
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
{tensorflow}from keras import layers{operations}

{", ".join(chosen)} = {values}
keras.utils.set_random_seed(SEED)"""


_DATA = """\
if file.exists():
    mnist = np.load(file)
    x_train, x_test, y_test = mnist["x_train"], mnist["x_test"], mnist["y_test"]
else:
    (x_train, _), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train[:IMAGES] / np.float32(255), x_test / np.float32(255)"""

_NOISE = """\
def add_noise(images, sigma=NOISE):
    return tf.clip_by_value(images + sigma * tf.random.normal(tf.shape(images)), 0, 1)

x_noisy = add_noise(x_test).numpy()"""


def _network_words(spec: TrainingSpec, _: Translate) -> str:
    words = _("The network; the code in its middle is of size {size}.").format(size=spec.code_size)
    if spec.architecture not in ("latent2d", "neighbours2d"):
        return words
    worse = _(
        "The lab searches for the best place of each digit on the map; this script does not, "
        "so its map and its loss are worse."
    )
    return joined(words, worse)


def _fit_words(spec: TrainingSpec, _: Translate) -> str:
    if not spec.noise:
        return _("Training. What it is asked for is what it is given: the same digit.")
    if spec.noise_varies:
        return _(
            "Training, with new noise in every epoch, weaker or stronger for each digit; "
            "weak noise more often than strong."
        )
    return _("Training, with new noise in every epoch.")


def _fit(spec: TrainingSpec) -> str:
    if not spec.noise:
        return """\
history = autoencoder.fit(
    x_train, x_train, batch_size=BATCH_SIZE, epochs=EPOCHS, validation_data=(x_test, x_test)
)"""
    strength = ""
    if spec.noise_varies:
        strength = """\
def noisy_pair(clean):
    sigma = NOISE * tf.random.uniform((tf.shape(clean)[0], 1, 1)) ** 1.5
    return add_noise(clean, sigma), clean

"""
    pair = "noisy_pair" if spec.noise_varies else "lambda clean: (add_noise(clean), clean)"
    return f"""\
{strength}digits = tf.data.Dataset.from_tensor_slices(x_train).shuffle(IMAGES).batch(BATCH_SIZE)
pairs = digits.map({pair})
history = autoencoder.fit(pairs, epochs=EPOCHS, validation_data=(x_noisy, x_test))"""


def _before_and_after(spec: TrainingSpec) -> str:
    given, noisy = ("x_noisy", "x_noisy[shown], ") if spec.noise else ("x_test", "")
    return f"""\
shown = [int(np.argmax(y_test == digit)) for digit in range(10)]
rows = [x_test[shown], {noisy}autoencoder.predict({given}[shown], verbose=0)]
plt.figure(figsize=(10, len(rows))).add_axes((0, 0, 1, 1))
plt.imshow(np.vstack([np.hstack(row) for row in rows]), cmap="gray")
plt.axis("off")
plt.savefig("digits.png", dpi=150)"""


def _loss_curve(spec: TrainingSpec) -> str:
    network = plan(spec.architecture, spec.code_size)
    name = "binary_crossentropy" if has_second_loss(network) else "loss"
    return f"""\
plt.figure(figsize=(6, 4), layout="constrained")
for name, label in [("{name}", "training"), ("val_{name}", "validation")]:
    plt.plot(np.arange(EPOCHS) + 1, history.history[name], marker="o", label=label)
plt.gca().set(xlabel="epoch", ylabel="binary cross-entropy per pixel")
plt.locator_params(axis="x", integer=True, min_n_ticks=1)
plt.legend()
plt.savefig("losses.png", dpi=150)
plt.show()"""


def _weights(spec: TrainingSpec) -> str:
    about = {"architecture": spec.architecture, "noise": f"{spec.noise:g}"}
    return f"""\
header, numbers = {{"__metadata__": {json.dumps(about)}}}, b""
for index, values in enumerate(autoencoder.get_weights()):
    name = f"{{index // 2}}.{{'bias' if index % 2 else 'kernel'}}"
    place = [len(numbers), len(numbers) + values.nbytes]
    header[name] = {{"dtype": "F32", "shape": values.shape, "data_offsets": place}}
    numbers += values.tobytes()
text = json.dumps(header).encode()
Path("weights.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + numbers)"""
