"""Trained weights to ONNX files, written layer by layer from the network's plan.

A general converter traces the Keras model for seconds and needs TensorFlow for it; these
networks have six kinds of layers, and writing them directly takes milliseconds. The tests hold
the result against Keras.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from aecore.networks import IMAGE, Layer, NetworkPlan, Shape
from aecore.onnx_graph import Constant, Node, nodes_of

_OPSET = 17
_IR_VERSION = 8


def encoder_to_onnx(plan: NetworkPlan, weights: Sequence[NDArray[np.float32]]) -> bytes:
    """The encoder as an ONNX file: float32 (n, 28, 28) to (n, code_size).

    `weights` are kernel and bias of each dense or convolutional layer, in order.
    """
    return _to_onnx("encoder", plan.encoder, weights, IMAGE, (plan.code_size,))


def decoder_to_onnx(plan: NetworkPlan, weights: Sequence[NDArray[np.float32]]) -> bytes:
    """The decoder as an ONNX file: float32 (n, code_size) to (n, 28, 28) in [0, 1]."""
    return _to_onnx("decoder", plan.decoder, weights, (plan.code_size,), IMAGE)


def _to_onnx(
    name: str,
    layers: Sequence[Layer],
    weights: Sequence[NDArray[np.float32]],
    given: Shape,
    answered: Shape,
) -> bytes:
    graph = _Graph()
    values = "input"
    remaining = iter(weights)
    for node in nodes_of(layers):
        values = graph.add(node, values, remaining)
    graph.nodes[-1].output[0] = "output"
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", *given])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", *answered])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        producer_name="Autoencoder Lab",
    )
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


class _Graph:
    """Nodes and constants as they pile up."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, node: Node, values: str, weights: Iterator[NDArray[np.float32]]) -> str:
        """Append a node that reads `values`; returns the name of what it answers."""
        inputs = [values, *(self._constant(each, weights) for each in node.constants)]
        output = f"{node.operation.lower()}_{len(self.nodes)}"
        attributes: dict[str, Any] = dict(node.attributes)
        self.nodes.append(helper.make_node(node.operation, inputs, [output], **attributes))
        return output

    def _constant(self, constant: Constant, weights: Iterator[NDArray[np.float32]]) -> str:
        if constant is None:
            return ""
        if isinstance(constant, tuple):
            values = next(weights)
            if values.ndim == 4:  # Keras has (rows, columns, in, out)
                values = np.ascontiguousarray(values.transpose(3, 2, 0, 1))
        else:
            values = constant
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name
