"""A model's weights as arrays, read from its ONNX files without the package that wrote them.

The package `onnx` would cost the server 20 MB. An ONNX file is a protocol buffer: a sequence of
fields, each a number with a wire type, then its value. A model holds a graph (field 7), a graph
its constants (field 5), and a constant its dimensions (1), type (2) and raw numbers (9).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from aecore.datasets import Floats
from aecore.networks import NetworkWeights, plan
from aecore.runs import Run, RunError

_GRAPH, _CONSTANT = 7, 5
_DIMENSIONS, _TYPE, _RAW_NUMBERS = 1, 2, 9
_FLOAT = 1

_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5


def load_weights(folder: Path) -> NetworkWeights:
    """The weights of the model in `folder`, after verifying its checksums.

    The arrays are read-only. Raises RunError if a file is missing or damaged, or holds other
    layers than the network of `spec.json` has.
    """
    run = Run(folder)
    run.verify()
    spec = run.spec()
    weights = NetworkWeights(
        _layers_of(folder / "encoder.onnx"), _layers_of(folder / "decoder.onnx")
    )
    if not weights.fit(plan(spec.architecture, spec.code_size)):
        raise RunError("holds another network", file="encoder.onnx or decoder.onnx")
    return weights


def _layers_of(file: Path) -> list[tuple[Floats, Floats]]:
    """Kernel and bias of each layer that has them, in order, as Keras shapes them.

    Every kernel is followed by its bias; other constants (shapes, scales) stand alone.
    """
    layers = []
    kernel = None
    try:
        for constant in _constants(memoryview(file.read_bytes())):
            if constant.ndim > 1:
                kernel = constant
            elif kernel is not None:
                layers.append((_as_keras_has_it(kernel), constant))
                kernel = None
    except (OSError, IndexError, ValueError) as error:
        raise RunError("is missing or damaged", file=file.name) from error
    return layers


def _as_keras_has_it(kernel: Floats) -> Floats:
    """ONNX keeps convolutions as (out, in, rows, columns), Keras as (rows, columns, in, out)."""
    return kernel.transpose(2, 3, 1, 0) if kernel.ndim == 4 else kernel


def _constants(model: memoryview) -> Iterator[Floats]:
    """The float32 constants of a model, in the order they were written."""
    for number, graph in _fields(model):
        if number != _GRAPH or isinstance(graph, int):
            continue
        for kind, tensor in _fields(graph):
            if kind == _CONSTANT and not isinstance(tensor, int):
                values = _float_tensor(tensor)
                if values is not None:
                    yield values


def _float_tensor(message: memoryview) -> Floats | None:
    """A tensor of float32; None for one of another type."""
    shape: list[int] = []
    raw, kind = memoryview(b""), 0
    for number, value in _fields(message):
        if number == _DIMENSIONS:
            shape += [value] if isinstance(value, int) else _packed(value)
        elif number == _TYPE and isinstance(value, int):
            kind = value
        elif number == _RAW_NUMBERS and not isinstance(value, int):
            raw = value
    if kind != _FLOAT:
        return None
    if len(raw) != 4 * math.prod(shape):
        raise ValueError("a tensor of another size than it claims")
    return np.frombuffer(raw, "<f4").reshape(shape)


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field: whole numbers, or the bytes of what has a size.

    Raises IndexError or ValueError if the message ends too early or is no protocol buffer.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire_type = key >> 3, key & 7
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
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _packed(message: memoryview) -> list[int]:
    numbers, at = [], 0
    while at < len(message):
        number, at = _varint(message, at)
        numbers.append(number)
    return numbers
