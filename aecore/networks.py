"""The layers of every architecture as plain data: what is built, drawn and counted.

No Keras here: `aecore.worker.keras_networks` builds from these layers, the pages draw and count
them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from aecore.datasets import Floats
from aecore.specs import CONV_CODE_SIZE, Architecture

Kind = Literal["flatten", "dense", "conv", "pool", "upsample", "reshape"]
Activation = Literal["linear", "relu", "sigmoid"]
Shape = tuple[int, ...]

IMAGE: Shape = (28, 28)


@dataclass(frozen=True)
class Layer:
    """One layer.

    input_shape, shape  what goes in and comes out, without the batch: (784,), (14, 14, 32)
    activity_l1         weight of the L1 penalty on the layer's output, per image; 0 for none
    """

    kind: Kind
    input_shape: Shape
    shape: Shape
    activation: Activation = "linear"
    activity_l1: float = 0.0

    @property
    def weight_shapes(self) -> tuple[Shape, ...]:
        """The shapes of kernel and bias; none for a layer without weights."""
        inputs, outputs = self.input_shape[-1], self.shape[-1]
        if self.kind == "dense":
            return (inputs, outputs), (outputs,)
        return ((3, 3, inputs, outputs), (outputs,)) if self.kind == "conv" else ()

    @property
    def parameters(self) -> int:
        """Trainable numbers: weights and biases."""
        return sum(math.prod(shape) for shape in self.weight_shapes)

    @property
    def multiplications(self) -> int:
        """Multiplications for one image: what the layer costs."""
        if self.kind == "conv":
            return 9 * self.input_shape[-1] * math.prod(self.shape)
        return math.prod(self.input_shape) * math.prod(self.shape) if self.kind == "dense" else 0


@dataclass(frozen=True)
class NetworkPlan:
    """The layers of one autoencoder, from an image (28, 28) to an image (28, 28).

    The encoder ends in a flat code `(code_size,)`; the decoder begins there. A variational
    encoder gives two numbers for each of the code: its mean, and the logarithm of its variance.
    `encoder` is then the way to the mean, and `variational` is true.
    """

    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]
    variational: bool = False

    @property
    def code_size(self) -> int:
        return self.encoder[-1].shape[0]

    @property
    def code_shape(self) -> Shape:
        """The shape the code has inside the network: (32,), or (7, 7, 32) for maps."""
        last = self.encoder[-1]
        return last.input_shape if last.kind == "flatten" else last.shape

    @property
    def parameters(self) -> int:
        """All numbers that training adjusts, the variational encoder's second head included."""
        second_head = self.encoder[-1].parameters if self.variational else 0
        return sum(layer.parameters for layer in self.layers) + second_head

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self.encoder + self.decoder

    @property
    def multiplications(self) -> int:
        """Multiplications to reconstruct one image."""
        return sum(layer.multiplications for layer in self.layers)

    @property
    def convolutional(self) -> bool:
        return any(layer.kind == "conv" for layer in self.layers)

    def widths(self) -> list[int]:
        """Numbers that pass between layers, from the image's 784 to the code and back to 784."""
        passed = [math.prod(layer.shape) for layer in self.layers if layer.kind != "reshape"]
        return passed if self.encoder[0].kind == "flatten" else [784, *passed]


LayerWeights = tuple[Floats, Floats]
"""Kernel and bias of one layer: `(inputs, outputs)` of a dense one, `(3, 3, inputs, outputs)` of a
convolution, and `(outputs,)`."""


@dataclass(frozen=True)
class NetworkWeights:
    """What a network has learnt: the weights of each layer that has some, in order.

    A variational encoder's are those of the way to the mean.
    """

    encoder: list[LayerWeights]
    decoder: list[LayerWeights]

    def fit(self, plan: NetworkPlan) -> bool:
        """Whether these are weights for the plan's layers."""
        halves = ((self.encoder, plan.encoder), (self.decoder, plan.decoder))
        return all(_fit(weights, layers) for weights, layers in halves)


def _fit(weights: Sequence[LayerWeights], layers: Iterable[Layer]) -> bool:
    shapes = [(kernel.shape, bias.shape) for kernel, bias in weights]
    return shapes == [layer.weight_shapes for layer in layers if layer.parameters]


SPARSITY = 1.2e-3
"""Weight of the sparse autoencoder's L1 penalty, per image, beside a loss per pixel."""

HIDDEN_WIDTHS: dict[Architecture, tuple[int, ...]] = {
    "plain": (),
    "deep": (128, 64),
    "denoise_any": (1024, 1024),
    "latent2d": (1000, 500, 250),
    "neighbours2d": (1000, 500, 250),
    "sparse": (),
    "vae": (512, 256),
}
"""Widths of the hidden layers between the image and the code; the decoder mirrors them."""

LINEAR_CODE: frozenset[Architecture] = frozenset({"latent2d", "neighbours2d", "vae"})
"""Codes that may be negative: a map needs all four directions."""


@lru_cache(maxsize=256)
def plan(architecture: Architecture, code_size: int) -> NetworkPlan:
    """The layers of an architecture with a code of `code_size` numbers.

    plain, deep and conv are the lesson's; latent2d is Hinton & Salakhutdinov (2006).
    """
    if architecture == "conv":
        return _convolutional()
    code_activation: Activation = "linear" if architecture in LINEAR_CODE else "relu"
    penalty = SPARSITY if architecture == "sparse" else 0.0
    hidden = HIDDEN_WIDTHS[architecture]
    encoder = [
        Layer("flatten", IMAGE, (784,)),
        *_dense(784, hidden, "relu"),
        Layer("dense", ((784, *hidden)[-1],), (code_size,), code_activation, penalty),
    ]
    decoder = [
        *_dense(code_size, hidden[::-1], "relu"),
        Layer("dense", ((code_size, *hidden[::-1])[-1],), (784,), "sigmoid"),
        Layer("reshape", (784,), IMAGE),
    ]
    return NetworkPlan(tuple(encoder), tuple(decoder), variational=architecture == "vae")


def _dense(inputs: int, widths: Iterable[int], activation: Activation) -> Iterable[Layer]:
    for width in widths:
        yield Layer("dense", (inputs,), (width,), activation)
        inputs = width


def _convolutional() -> NetworkPlan:
    encoder = (
        Layer("reshape", IMAGE, (28, 28, 1)),
        Layer("conv", (28, 28, 1), (28, 28, 32), "relu"),
        Layer("pool", (28, 28, 32), (14, 14, 32)),
        Layer("conv", (14, 14, 32), (14, 14, 32), "relu"),
        Layer("pool", (14, 14, 32), (7, 7, 32)),
        Layer("flatten", (7, 7, 32), (CONV_CODE_SIZE,)),
    )
    decoder = (
        Layer("reshape", (CONV_CODE_SIZE,), (7, 7, 32)),
        Layer("conv", (7, 7, 32), (7, 7, 32), "relu"),
        Layer("upsample", (7, 7, 32), (14, 14, 32)),
        Layer("conv", (14, 14, 32), (14, 14, 32), "relu"),
        Layer("upsample", (14, 14, 32), (28, 28, 32)),
        Layer("conv", (28, 28, 32), (28, 28, 1), "sigmoid"),
        Layer("reshape", (28, 28, 1), IMAGE),
    )
    return NetworkPlan(encoder, decoder)
