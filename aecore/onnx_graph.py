"""The ONNX graph of one half of a network, as its layers decide it.

The worker writes this graph, and the server serves no other: what a file holds beside its weights
is compared with it, part by part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aecore.networks import Layer, Shape

Attribute = tuple[int, ...] | str

Constant = Shape | NDArray[Any] | None
"""What a node reads beside the values: weights of a shape, an array, or nothing where an input is
left out."""

_ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid"}


@dataclass(frozen=True)
class Node:
    """One operation. It reads what the node before it answers, and then its constants."""

    operation: str
    constants: tuple[Constant, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def nodes_of(layers: Sequence[Layer]) -> list[Node]:
    """The nodes of these layers, in order. Maps are kept channels first, as ONNX wants them."""
    nodes = []
    for layer in layers:
        nodes += _nodes_of(layer)
        if layer.activation in _ACTIVATIONS:
            nodes.append(Node(_ACTIVATIONS[layer.activation]))
    return [*nodes, Node("Identity")]


def _nodes_of(layer: Layer) -> list[Node]:
    match layer.kind:
        case "dense":
            kernel, bias = layer.weight_shapes
            return [Node("MatMul", (kernel,)), Node("Add", (bias,))]
        case "conv":
            (rows, columns, inputs, outputs), bias = layer.weight_shapes
            kernel = (outputs, inputs, rows, columns)
            if layer.stride == 2:  # as Keras does it: the row and column too few stand at the end
                return [Node("Conv", (kernel, bias), {"pads": (0, 0, 1, 1), "strides": (2, 2)})]
            return [Node("Conv", (kernel, bias), {"pads": (1, 1, 1, 1)})]
        case "pool":
            return [Node("MaxPool", (), {"kernel_shape": (2, 2), "strides": (2, 2)})]
        case "upsample":
            how = {
                "coordinate_transformation_mode": "asymmetric",
                "mode": "nearest",
                "nearest_mode": "floor",
            }
            return [Node("Resize", (None, np.array([1, 1, 2, 2], np.float32)), how)]
        case "flatten" | "reshape":
            return _reshape(layer)


def _reshape(layer: Layer) -> list[Node]:
    """Maps lie channels last while they are flattened; 0 keeps the batch."""
    before = [Node("Transpose", (), {"perm": (0, 2, 3, 1)})] * (len(layer.input_shape) == 3)
    after = [Node("Transpose", (), {"perm": (0, 3, 1, 2)})] * (len(layer.shape) == 3)
    return [*before, Node("Reshape", (np.array([0, *layer.shape], np.int64),)), *after]
