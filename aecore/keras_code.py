"""A network as the Keras code a student would write, each line knowing which layer it builds.

Text only: nothing here imports Keras. The lines are shown beside the open network, and they are
the heart of the script that visitors take home (`aecore.takehome`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aecore.networks import Layer, NetworkPlan, plan
from aecore.specs import TrainingSpec


@dataclass(frozen=True)
class CodeLine:
    """One line of code.

    layer  index into the plan's `layers` of the layer that this line builds, or None
    """

    text: str
    layer: int | None = None


_SAMPLING = """\
class Sampling(layers.Layer):
    def call(self, inputs, training=None):
        mean, log_variance = inputs
        divergence = mean**2 + ops.exp(log_variance) - log_variance - 1
        self.add_loss(0.5 * ops.mean(ops.sum(divergence, axis=1)) / 784)
        drawn = keras.random.normal(ops.shape(mean)) if training else 0
        return mean + ops.exp(0.5 * log_variance) * drawn
"""


def keras_lines(spec: TrainingSpec) -> tuple[CodeLine, ...]:
    """Imports, the functional model and `compile`, for the network and settings of `spec`.

    Nobody here knows how brought weights were trained, so there is no `compile` for them.
    """
    compiled = () if spec.brought else (CodeLine(""), *compile_lines(spec))
    network = plan(spec.architecture, spec.code_size)
    imports = "from keras import layers, ops" if network.variational else "from keras import layers"
    return (
        CodeLine("import keras"),
        CodeLine(imports),
        CodeLine(""),
        *network_lines(network),
        *compiled,
    )


def network_lines(network: NetworkPlan) -> tuple[CodeLine, ...]:
    """The functional model, from `image` to `reconstruction`, and the two models made of it.

    A variational encoder's second head, its draw and its divergence belong to the code's layer.
    """
    lines: list[CodeLine] = []
    if network.variational:
        lines += [CodeLine(""), *_plain(_SAMPLING.splitlines()), CodeLine(""), CodeLine("")]
    if network.encoder[-1].activity_l1:
        penalty = f"sparsity = keras.regularizers.L1({network.encoder[-1].activity_l1:g})"
        lines.append(CodeLine(penalty, len(network.encoder) - 1))
    lines.append(CodeLine("image = keras.Input(shape=(28, 28))"))
    lines += _chain(network)
    return (
        *lines,
        CodeLine("encoder = keras.Model(image, code)"),
        CodeLine("autoencoder = keras.Model(image, reconstruction)"),
    )


def compile_lines(spec: TrainingSpec) -> tuple[CodeLine, ...]:
    """Adam with the spec's learning rate, and binary cross-entropy per pixel.

    Where the loss has a second part (sparsity, divergence), cross-entropy alone is a metric.
    """
    rate = f"{spec.learning_rate:g}"
    lines = []
    if spec.schedule == "cosine":
        steps = spec.epochs * math.ceil(spec.images / min(spec.batch_size, spec.images))
        lines.append(f"rate = keras.optimizers.schedules.CosineDecay({rate}, decay_steps={steps})")
        rate = "rate"
    optimizer, loss = f"keras.optimizers.Adam({rate})", '"binary_crossentropy"'
    if has_second_loss(plan(spec.architecture, spec.code_size)):
        lines.append(f"loss = {loss}")
        loss = "loss, metrics=[loss]"
    return tuple(_plain([*lines, f"autoencoder.compile(optimizer={optimizer}, loss={loss})"]))


def has_second_loss(network: NetworkPlan) -> bool:
    """Whether training also pays for something else than the reconstruction."""
    return network.variational or any(layer.activity_l1 for layer in network.layers)


def _plain(texts: Iterable[str]) -> Iterator[CodeLine]:
    return (CodeLine(text) for text in texts)


def _chain(network: NetworkPlan) -> Iterator[CodeLine]:
    """One line a layer; the results are all called `x` but for the code and the reconstruction."""
    code, last = len(network.encoder) - 1, len(network.layers) - 1
    given = "image"
    for index, layer in enumerate(network.layers):
        made = "code" if index == code else "reconstruction" if index == last else "x"
        yield CodeLine(f"{made} = {_keras_layer(layer)}({given})", index)
        if index == code and network.variational:
            head = f'layers.Dense({network.code_size}, name="log_variance")'
            yield CodeLine(f"log_variance = {head}({given})", index)
            yield CodeLine("x = Sampling()([code, log_variance])", index)
            made = "x"
        given = made


def _keras_layer(layer: Layer) -> str:
    width = layer.shape[-1]
    match layer.kind:
        case "dense":
            return f"layers.Dense({', '.join([f'{width}', *_extras(layer)])})"
        case "conv":
            strides = [f"strides={layer.stride}"] * (layer.stride > 1)
            extras = ["3", *strides, *_extras(layer), 'padding="same"']
            return f"layers.Conv2D({', '.join([f'{width}', *extras])})"
        case "pool":
            return "layers.MaxPooling2D(2)"
        case "upsample":
            return "layers.UpSampling2D(2)"
        case "flatten":
            return "layers.Flatten()"
        case "reshape":
            return f"layers.Reshape({layer.shape})"


def _extras(layer: Layer) -> Iterator[str]:
    if layer.activation != "linear":
        yield f'activation="{layer.activation}"'
    if layer.activity_l1:
        yield "activity_regularizer=sparsity"
