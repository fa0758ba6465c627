"""A model's ONNX files: read without the package that wrote them, and held against the plan.

The package `onnx` would cost the server 20 MB. An ONNX file is a protocol buffer: a sequence of
fields, each a number with a wire type, then its value. A model holds a graph, a graph its nodes
and its constants, and a constant its dimensions, its type and its raw numbers.

A file comes from a folder that others may write to, and what a graph may ask of the machine has no
bounds: other files, loops, pictures of any size. So every field must be one that the worker writes,
and the graph must be that of `aecore.onnx_graph`, node by node; only weights are free.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Floats
from aecore.guarded.bounds import ONNX_EXTRA
from aecore.networks import Layer, LayerWeights, NetworkWeights, plan
from aecore.onnx_graph import Attribute, Constant, Node, nodes_of
from aecore.runs import Run, RunError

_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5

# The fields of each kind of message that our worker writes
_GRAPH = 7
_MODEL = {1, 2, _GRAPH, 8}  # version, producer, graph, operations
_NODE, _CONSTANT = 1, 5
_GRAPH_S = {_NODE, 2, _CONSTANT, 11, 12}  # nodes, name, constants, input, output
_INPUTS, _OUTPUTS, _OPERATION, _ATTRIBUTE = 1, 2, 4, 5
_ATTRIBUTE_NAME, _WORD, _NUMBERS, _ATTRIBUTE_TYPE = 1, 4, 8, 20
_DIMENSIONS, _TYPE, _NAME, _RAW_NUMBERS = 1, 2, 8, 9

_TYPES: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 7: np.dtype("<i8")}


@dataclass(frozen=True)
class Half:
    """An encoder or a decoder as its file holds it.

    onnx     the file, whose graph is that of the plan
    weights  kernel and bias of each layer that has them, in order, as Keras shapes them; read-only
    """

    onnx: bytes
    weights: list[LayerWeights]


def load_halves(run: Run) -> tuple[Half, Half]:
    """Encoder and decoder of a model, unaltered since it was sealed.

    Raises RunError if a file is missing or damaged, or holds another network than `spec.json` says.
    """
    spec = run.spec()
    network = plan(spec.architecture, spec.code_size)
    return (
        _half(run, "encoder.onnx", network.encoder),
        _half(run, "decoder.onnx", network.decoder),
    )


def load_weights(folder: Path) -> NetworkWeights:
    """The weights of the model in `folder`, after verifying its checksums.

    The arrays are read-only. Raises RunError if a file is missing or damaged, or holds other
    layers than the network of `spec.json` has.
    """
    run = Run(folder)
    run.verify()
    encoder, decoder = load_halves(run)
    return NetworkWeights(encoder.weights, decoder.weights)


def _half(run: Run, name: str, layers: Sequence[Layer]) -> Half:
    at_most = ONNX_EXTRA + 4 * sum(layer.parameters for layer in layers)
    content = run.content(name, at_most)
    try:
        return Half(content, _weights(memoryview(content), nodes_of(layers)))
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise RunError("is damaged or holds another network", file=name) from error


def _weights(model: memoryview, expected: Sequence[Node]) -> list[LayerWeights]:
    """The weights in a file. Raises an error if its graph is not the one expected."""
    graphs = [value for number, value in _fields(model, _MODEL) if number == _GRAPH]
    if len(graphs) != 1:
        raise ValueError("not one graph")
    nodes, constants = _parts(graphs[0], expected)
    read: list[Floats] = []
    values = b"input"
    for node, plan_s in zip(nodes, expected, strict=True):
        if node.operation != plan_s.operation.encode() or node.attributes != _as_bytes(plan_s):
            raise ValueError("another operation")
        if node.inputs[0] != values or len(node.inputs) != 1 + len(plan_s.constants):
            raise ValueError("another order")
        for name, constant in zip(node.inputs[1:], plan_s.constants, strict=True):
            read += _checked(constants, name, constant)
        values = node.output
    if values != b"output":
        raise ValueError("no output")
    return list(zip(read[::2], read[1::2], strict=True))


def _checked(constants: dict[bytes, NDArray[Any]], name: bytes, expected: Constant) -> list[Floats]:
    """What a node reads, if it is weights; raises an error if it is not what it should be."""
    if expected is None:
        if name:
            raise ValueError("an input too many")
        return []
    found = constants[name]
    if isinstance(expected, tuple):
        if found.shape != expected or found.dtype != np.float32 or not np.isfinite(found).all():
            raise ValueError("other weights")
        return [_as_keras_has_it(found)]
    if found.dtype != expected.dtype or not np.array_equal(found, expected):
        raise ValueError("another constant")
    return []


def _as_keras_has_it(weights: Floats) -> Floats:
    """ONNX keeps convolutions as (out, in, rows, columns), Keras as (rows, columns, in, out)."""
    return weights.transpose(2, 3, 1, 0) if weights.ndim == 4 else weights


def _as_bytes(node: Node) -> dict[bytes, Attribute | bytes]:
    return {
        name.encode(): value.encode() if isinstance(value, str) else value
        for name, value in node.attributes.items()
    }


@dataclass(frozen=True)
class _Found:
    """A node of a file, its names as bytes."""

    operation: bytes
    inputs: list[bytes]
    output: bytes
    attributes: dict[bytes, Attribute | bytes]


def _parts(
    graph: int | memoryview, expected: Sequence[Node]
) -> tuple[list[_Found], dict[bytes, NDArray[Any]]]:
    """Nodes and constants of a graph, no more of them than expected."""
    nodes: list[_Found] = []
    constants: dict[bytes, NDArray[Any]] = {}
    most = sum(len(node.constants) for node in expected)
    for number, part in _fields(_sized(graph), _GRAPH_S):
        if number == _NODE and len(nodes) < len(expected):
            nodes.append(_node(_sized(part)))
        elif number == _CONSTANT and len(constants) < most:
            name, values = _tensor(_sized(part))
            constants[name] = values
        elif number in (_NODE, _CONSTANT):
            raise ValueError("too much")
    return nodes, constants


def _node(message: memoryview) -> _Found:
    parts: dict[int, list[memoryview]] = {}
    for number, part in _fields(message, {_INPUTS, _OUTPUTS, _OPERATION, _ATTRIBUTE}):
        parts.setdefault(number, []).append(_sized(part))
    (output,), (operation,) = parts[_OUTPUTS], parts[_OPERATION]
    return _Found(
        bytes(operation),
        [bytes(name) for name in parts[_INPUTS]],
        bytes(output),
        dict(_attribute(each) for each in parts.get(_ATTRIBUTE, [])),
    )


def _attribute(message: memoryview) -> tuple[bytes, Attribute | bytes]:
    name, word, numbers = b"", b"", []
    for number, value in _fields(message, {_ATTRIBUTE_NAME, _WORD, _NUMBERS, _ATTRIBUTE_TYPE}):
        if number == _ATTRIBUTE_NAME:
            name = bytes(_sized(value))
        elif number == _WORD:
            word = bytes(_sized(value))
        elif number == _NUMBERS:
            numbers += [value] if isinstance(value, int) else _packed(value)
    return name, tuple(numbers) if numbers else word


def _tensor(message: memoryview) -> tuple[bytes, NDArray[Any]]:
    """Name and numbers of a constant, which are in the file and nowhere else."""
    shape: list[int] = []
    raw, kind, name = memoryview(b""), 0, b""
    for number, value in _fields(message, {_DIMENSIONS, _TYPE, _NAME, _RAW_NUMBERS}):
        if number == _DIMENSIONS:
            shape += [value] if isinstance(value, int) else _packed(value)
        elif number == _TYPE and isinstance(value, int):
            kind = value
        elif number == _NAME:
            name = bytes(_sized(value))
        elif number == _RAW_NUMBERS:
            raw = _sized(value)
    if len(raw) != _TYPES[kind].itemsize * math.prod(shape):
        raise ValueError("a tensor of another size than it claims")
    values: NDArray[Any] = np.frombuffer(raw, _TYPES[kind])
    return name, values.reshape(shape)


def _sized(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise TypeError("a number instead of bytes")
    return value


def _fields(message: memoryview, known: set[int]) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field: whole numbers, or the bytes of what has a size.

    Raises IndexError or ValueError if the message ends too early, is no protocol buffer, or has a
    field that is not `known`.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire_type = key >> 3, key & 7
        if number not in known:
            raise ValueError(f"field {number}")
        if wire_type == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire_type == _SIZED:
            size, at = _varint(message, at)
        elif wire_type in (_EIGHT_BYTES, _FOUR_BYTES):
            size = 8 if wire_type == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {wire_type}")
        if at + size > len(message):
            raise ValueError("ends in the middle of a field")
        yield number, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The whole number at `at`, seven bits a byte and the lowest first, and where it ends."""
    value = shift = 0
    while shift < 64:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError("a number without end")


def _packed(message: memoryview) -> list[int]:
    numbers, at = [], 0
    while at < len(message):
        number, at = _varint(message, at)
        numbers.append(number)
    return numbers
