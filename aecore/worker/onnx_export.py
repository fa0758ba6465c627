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

_OPSET = 17
_IR_VERSION = 8
_ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid"}


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
    for layer in layers:
        values = graph.add_layer(layer, values, remaining)
    graph.nodes.append(helper.make_node("Identity", [values], ["output"]))
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
    """Nodes and constants as they pile up. Maps are kept channels first, as ONNX wants them."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add_layer(self, layer: Layer, values: str, weights: Iterator[NDArray[np.float32]]) -> str:
        """Append one layer that reads `values`; returns the name of what it answers."""
        match layer.kind:
            case "dense":
                values = self._node("MatMul", values, self._constant(next(weights)))
                values = self._node("Add", values, self._constant(next(weights)))
            case "conv":
                kernel = np.ascontiguousarray(next(weights).transpose(3, 2, 0, 1))
                inputs = (values, self._constant(kernel), self._constant(next(weights)))
                values = self._node("Conv", *inputs, pads=[1, 1, 1, 1])
            case "pool":
                values = self._node("MaxPool", values, kernel_shape=[2, 2], strides=[2, 2])
            case "upsample":
                scales = self._constant(np.array([1, 1, 2, 2], np.float32))
                how = {"mode": "nearest", "nearest_mode": "floor"}
                values = self._node(
                    "Resize", values, "", scales, coordinate_transformation_mode="asymmetric", **how
                )
            case "flatten" | "reshape":
                values = self._reshape(layer, values)
        if layer.activation in _ACTIVATIONS:
            values = self._node(_ACTIVATIONS[layer.activation], values)
        return values

    def _reshape(self, layer: Layer, values: str) -> str:
        if len(layer.input_shape) == 3:  # maps: channels last while they are flattened
            values = self._node("Transpose", values, perm=[0, 2, 3, 1])
        shape = self._constant(np.array([0, *layer.shape], np.int64))  # 0 keeps the batch
        values = self._node("Reshape", values, shape)
        if len(layer.shape) == 3:
            values = self._node("Transpose", values, perm=[0, 3, 1, 2])
        return values

    def _node(self, operation: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 - ONNX's own
        output = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def _constant(self, value: NDArray[np.generic]) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name
