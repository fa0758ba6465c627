"""Every kind of autoencoder as plain data: what is built, drawn, counted and offered.

A new network is a new line in `ARCHITECTURES`; whatever else knows of architectures reads it there.
No Keras here: `aecore.worker.keras_networks` builds from these layers, the pages draw and count
them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from aecore.datasets import Floats
from aecore.settings import N_, Span

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
    def stride(self) -> int:
        """How many pixels a convolution moves on from output to output: 2 where it halves maps."""
        return self.input_shape[0] // self.shape[0] if self.kind == "conv" else 1

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

CodeToPlan = Callable[[int], NetworkPlan]
"""From the number of numbers in the code to the layers."""


def dense(
    *hidden: int, code: Activation = "relu", penalty: float = 0.0, variational: bool = False
) -> CodeToPlan:
    """Dense layers of these widths between the image and the code; the decoder mirrors them.

    code     the code's activation: "linear" for a map, which needs all four directions
    penalty  weight of an L1 penalty on the code
    """

    def layers(code_size: int) -> NetworkPlan:
        inwards = (784, *hidden)
        outwards = (code_size, *hidden[::-1])
        return NetworkPlan(
            encoder=(
                Layer("flatten", IMAGE, (784,)),
                *_relu_layers(inwards),
                Layer("dense", (inwards[-1],), (code_size,), code, penalty),
            ),
            decoder=(
                *_relu_layers(outwards),
                Layer("dense", (outwards[-1],), (784,), "sigmoid"),
                Layer("reshape", (784,), IMAGE),
            ),
            variational=variational,
        )

    return layers


def _relu_layers(widths: tuple[int, ...]) -> list[Layer]:
    return [Layer("dense", (a,), (b,), "relu") for a, b in pairwise(widths)]


CONVOLUTIONAL = NetworkPlan(
    encoder=(
        Layer("reshape", IMAGE, (28, 28, 1)),
        Layer("conv", (28, 28, 1), (28, 28, 32), "relu"),
        Layer("pool", (28, 28, 32), (14, 14, 32)),
        Layer("conv", (14, 14, 32), (14, 14, 32), "relu"),
        Layer("pool", (14, 14, 32), (7, 7, 32)),
        Layer("flatten", (7, 7, 32), (1_568,)),
    ),
    decoder=(
        Layer("reshape", (1_568,), (7, 7, 32)),
        Layer("conv", (7, 7, 32), (7, 7, 32), "relu"),
        Layer("upsample", (7, 7, 32), (14, 14, 32)),
        Layer("conv", (14, 14, 32), (14, 14, 32), "relu"),
        Layer("upsample", (14, 14, 32), (28, 28, 32)),
        Layer("conv", (28, 28, 32), (28, 28, 1), "sigmoid"),
        Layer("reshape", (28, 28, 1), IMAGE),
    ),
)
"""The chapter's: no dense layer anywhere, so that its code is 32 maps of 7 x 7."""

DENOISER = NetworkPlan(
    encoder=(
        Layer("reshape", IMAGE, (28, 28, 1)),
        Layer("conv", (28, 28, 1), (14, 14, 24), "relu"),
        Layer("conv", (14, 14, 24), (7, 7, 48), "relu"),
        Layer("conv", (7, 7, 48), (7, 7, 32), "relu"),
        Layer("flatten", (7, 7, 32), (1_568,)),
        Layer("dense", (1_568,), (288,), "relu"),
    ),
    decoder=(
        Layer("dense", (288,), (1_568,), "relu"),
        Layer("reshape", (1_568,), (7, 7, 32)),
        Layer("conv", (7, 7, 32), (7, 7, 64), "relu"),
        Layer("upsample", (7, 7, 64), (14, 14, 64)),
        Layer("conv", (14, 14, 64), (14, 14, 32), "relu"),
        Layer("upsample", (14, 14, 32), (28, 28, 32)),
        Layer("conv", (28, 28, 32), (28, 28, 1), "sigmoid"),
        Layer("reshape", (28, 28, 1), IMAGE),
    ),
)
"""Convolutions for what is near, dense layers between them for the picture as a whole: strong
noise leaves so little of a stroke that only the rest of the digit tells where it went. The
largest of four noisy numbers says little, so it does not pool: filters move on by two pixels."""


@dataclass(frozen=True)
class Architecture:
    """One kind of autoencoder.

    title, description  for visitors, in English
    layers              its layers, by the size of the code
    code_size           how many numbers its code has until somebody chooses another
    code_sizes          what one can choose, both included; None where the layers fix the size
    noise               the sigma of its noise until somebody chooses another; 0 for none
    noise_varies        whether it is trained on every level of noise up to one, not on one only
    trainable           whether visitors can train it
    spread_out          whether how it trains depends on how long it will train
    """

    title: str
    description: str
    layers: CodeToPlan
    code_size: int
    code_sizes: tuple[int, int] | None = None
    noise: float = 0.0
    noise_varies: bool = False
    trainable: bool = True
    spread_out: bool = False

    @property
    def allowed_code_sizes(self) -> Span:
        """The sizes its code may have."""
        lowest, highest = self.code_sizes or (self.code_size, self.code_size)
        return Span(lowest, highest)


ARCHITECTURES: dict[str, Architecture] = {
    "plain": Architecture(
        title=N_("Plain"),
        description=N_("One layer to the code and one layer back: the smallest autoencoder."),
        layers=dense(),
        code_size=32,
        code_sizes=(1, 128),
    ),
    "deep": Architecture(
        title=N_("Deep"),
        description=N_("The same code, but with two layers more before it and two after it."),
        layers=dense(128, 64),
        code_size=32,
        code_sizes=(1, 128),
    ),
    "conv": Architecture(
        title=N_("Convolutional"),
        description=N_("Small filters slide over the picture; the code is 32 little maps."),
        layers=lambda _fixed: CONVOLUTIONAL,
        code_size=CONVOLUTIONAL.code_size,
    ),
    "sparse": Architecture(
        title=N_("Sparse"),
        description=N_("Every number of the code that is not 0 costs a little, so few are used."),
        layers=dense(penalty=SPARSITY),
        code_size=64,
        code_sizes=(1, 128),
    ),
    "vae": Architecture(
        title=N_("Variational"),
        description=N_("Codes are kept close together, so that one can draw a new one at random."),
        layers=dense(512, 256, code="linear", variational=True),
        code_size=2,
        code_sizes=(1, 128),
    ),
    "latent2d": Architecture(  # Hinton & Salakhutdinov (2006)
        title=N_("Deep, 2-D code"),
        description=N_("Four layers down to a code of two numbers: every digit gets a place."),
        layers=dense(1000, 500, 250, code="linear"),
        code_size=2,
        spread_out=True,  # the noise of its search fades over the whole training
    ),
    "neighbours2d": Architecture(
        title=N_("Neighbours, 2-D code"),
        description=N_("The same, and neighbours among the images have to stay neighbours."),
        layers=dense(1000, 500, 250, code="linear"),
        code_size=2,
        trainable=False,  # the search for neighbours would hold up its first epoch
    ),
    "denoise_any": Architecture(
        title=N_("Denoising, any σ"),
        description=N_("Every image gets its own level of noise, from none up to the σ you set."),
        layers=lambda _fixed: DENOISER,
        code_size=DENOISER.code_size,
        noise=0.5,
        noise_varies=True,
    ),
}
"""Every architecture by the name that specs and links use, in the order visitors meet them."""


@lru_cache(maxsize=256)
def plan(architecture: str, code_size: int) -> NetworkPlan:
    """The layers of an architecture with a code of `code_size` numbers."""
    return ARCHITECTURES[architecture].layers(code_size)
