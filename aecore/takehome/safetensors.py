"""Weights as a safetensors file: eight bytes of length, a JSON header, then the numbers.

What comes back from visitors is trusted in nothing. The header is short, read first, and must say
exactly what the network's plan says; only then are numbers looked at. Nothing larger than the
largest network is read, and no memory is asked for because a file says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np

from aecore.networks import ARCHITECTURES, NetworkPlan, NetworkWeights, Shape, plan
from aecore.specs import SETTINGS

Flaw = Literal[
    "too_large",
    "too_short",
    "header_too_long",
    "no_json",
    "duplicate",
    "unknown",
    "names",
    "type",
    "empty",
    "shape",
    "ranges",
    "length",
    "not_finite",
]
FLAWS: tuple[Flaw, ...] = get_args(Flaw)

LONGEST_HEADER = 16_384
"""Bytes; the largest network here needs 1,400."""

_PREFIX = 8


class WeightsError(ValueError):
    """A file that is not taken; `flaw` says why, `detail` where."""

    def __init__(self, flaw: Flaw, detail: str = "") -> None:
        super().__init__(f"{flaw} {detail}".strip())
        self.flaw = flaw
        self.detail = detail


@dataclass(frozen=True)
class Brought:
    """Weights that fit an architecture.

    code_size  as the shapes say it
    noise      what the file says it was trained with, between 0 and 3; 0 if it says nothing
    """

    weights: NetworkWeights
    code_size: int
    noise: float


def write(weights: NetworkWeights, network: NetworkPlan, about: Mapping[str, str]) -> bytes:
    """The weights as a file; `about` is kept in its header.

    Layers are numbered as in the Keras model: a variational encoder's second head has the number
    after the code's, and is left out, since only training needs it.
    """
    header: dict[str, Any] = {"__metadata__": dict(about)}
    parts: list[bytes] = []
    at = 0
    arrays = [array for layer in (*weights.encoder, *weights.decoder) for array in layer]
    for name, array in zip(_shapes(network), arrays, strict=True):
        part = np.ascontiguousarray(array, "<f4").tobytes()
        place = [at, at + len(part)]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": place}
        parts.append(part)
        at += len(part)
    text = json.dumps(header).encode()
    return b"".join([len(text).to_bytes(_PREFIX, "little"), text, *parts])


def read(content: memoryview, architecture: str) -> Brought:
    """The weights in a file, if they are those of a network of this architecture.

    Raises WeightsError, before any number is read for all flaws but `not_finite`.
    """
    header, start = _header(content)
    about = header.pop("__metadata__", {})
    code_size = _code_size(header, architecture)
    network = plan(architecture, code_size)
    shapes, optional = _shapes(network), _second_head(network)
    if not set(shapes) <= set(header) <= set(shapes) | set(optional):
        missing, too_many = set(shapes) - set(header), set(header) - set(shapes) - set(optional)
        raise WeightsError("names", min(missing | too_many)[:40])
    places = {name: _place(name, header[name], (shapes | optional)[name]) for name in header}
    _check_ranges(list(places.values()), len(content) - start)
    arrays = []
    for name, shape in shapes.items():
        first, last = places[name]
        values = np.frombuffer(content, "<f4", (last - first) // 4, start + first)
        if not np.isfinite(values).all():
            raise WeightsError("not_finite", name)
        arrays.append(values.reshape(shape))
    layers = list(zip(arrays[::2], arrays[1::2], strict=True))
    split = sum(bool(layer.parameters) for layer in network.encoder)
    return Brought(NetworkWeights(layers[:split], layers[split:]), code_size, _noise(about))


def guess_architecture(content: memoryview) -> str:
    """What the file says it is, or else the first architecture whose layers are the file's.

    Raises WeightsError for a header that cannot be read, or that fits no network (`unknown`).
    """
    header, _ = _header(content)
    about = header.pop("__metadata__", {})
    said = about.get("architecture") if isinstance(about, dict) else None
    if isinstance(said, str) and said in ARCHITECTURES:
        return said
    found = next((name for name in ARCHITECTURES if _fits(header, name)), None)
    if found is None:
        raise WeightsError("unknown")
    return found


def _fits(header: Mapping[str, Any], architecture: str) -> bool:
    """Whether a header speaks of such a network's layers, no more and no fewer."""
    try:
        network = plan(architecture, _code_size(header, architecture))
    except WeightsError:
        return False
    shapes, optional = _shapes(network), _second_head(network)
    return set(shapes) <= set(header) <= set(shapes) | set(optional) and all(
        isinstance(header[name], dict) and header[name].get("shape") == list(shape)
        for name, shape in shapes.items()
    )


def largest_file() -> int:
    """Bytes of the largest file that `read` may take."""
    largest = [plan(name, int(a.allowed_code_sizes.highest)) for name, a in ARCHITECTURES.items()]
    return 4 * max(network.parameters for network in largest) + LONGEST_HEADER + _PREFIX


def _header(content: memoryview) -> tuple[dict[str, Any], int]:
    """The header, and where the numbers begin."""
    if len(content) > largest_file():
        raise WeightsError("too_large")
    if len(content) < _PREFIX:
        raise WeightsError("too_short")
    length = int.from_bytes(content[:_PREFIX], "little")
    if length > LONGEST_HEADER:
        raise WeightsError("header_too_long")
    start = _PREFIX + length
    if start > len(content):
        raise WeightsError("too_short")
    try:
        header = json.loads(bytes(content[_PREFIX:start]), object_pairs_hook=_without_duplicates)
    except WeightsError:
        raise
    except (ValueError, RecursionError) as error:
        raise WeightsError("no_json") from error
    if not isinstance(header, dict):
        raise WeightsError("no_json")
    return header, start


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise WeightsError("duplicate")
    return found


def _numbered(network: NetworkPlan) -> dict[int, tuple[Shape, ...]]:
    """The shapes of kernel and bias of each layer that has some, by the layer's number."""
    code = network.encoder[-1]
    layers = [layer for layer in network.layers if layer.parameters]
    after = [layer is code for layer in layers].index(True) if network.variational else len(layers)
    return {at + (at > after): layer.weight_shapes for at, layer in enumerate(layers)}


def _shapes(network: NetworkPlan) -> dict[str, Shape]:
    """The names of all arrays and their shapes, in order."""
    return {
        f"{number}.{name}": shape
        for number, both in _numbered(network).items()
        for name, shape in zip(("kernel", "bias"), both, strict=True)
    }


def _second_head(network: NetworkPlan) -> dict[str, Shape]:
    """The arrays of a variational encoder's second head, which a file may have or not."""
    if not network.variational:
        return {}
    kernel, bias = network.encoder[-1].weight_shapes
    missing = next(n for n in range(1, 100) if n not in _numbered(network))
    return {f"{missing}.kernel": kernel, f"{missing}.bias": bias}


def _code_size(header: Mapping[str, Any], architecture: str) -> int:
    """The code size that the shape of the code's kernel says."""
    kind = ARCHITECTURES[architecture]
    if kind.code_sizes is None:
        return kind.code_size
    encoder = plan(architecture, kind.code_size).encoder
    code = f"{sum(bool(layer.parameters) for layer in encoder) - 1}.kernel"
    described = header.get(code)
    shape = described.get("shape") if isinstance(described, dict) else None
    if not isinstance(shape, list) or not shape or not _is_whole(shape[-1]):
        raise WeightsError("names", code)
    if shape[-1] not in kind.allowed_code_sizes:
        raise WeightsError("empty" if shape[-1] == 0 else "shape", code)
    return int(shape[-1])


def _place(name: str, described: object, shape: Shape) -> tuple[int, int]:
    """Where an array's bytes lie, after checking all that the header says about it."""
    if not isinstance(described, dict) or set(described) != {"dtype", "shape", "data_offsets"}:
        raise WeightsError("no_json", name)
    if described["dtype"] != "F32":
        raise WeightsError("type", name)
    said, place = described["shape"], described["data_offsets"]
    if not isinstance(said, list) or not all(map(_is_whole, said)):
        raise WeightsError("shape", name)
    if 0 in said:
        raise WeightsError("empty", name)
    if tuple(said) != shape:
        raise WeightsError("shape", name)
    if not isinstance(place, list) or len(place) != 2 or not all(map(_is_whole, place)):
        raise WeightsError("ranges", name)
    first, last = place
    if last - first != 4 * math.prod(shape) or first < 0:
        raise WeightsError("ranges", name)
    return first, last


def _check_ranges(places: list[tuple[int, int]], length: int) -> None:
    """The arrays must lie one behind another, without gaps, and fill the file."""
    ordered = sorted(places)
    if ordered[0][0] != 0 or any(one[1] != other[0] for one, other in pairwise(ordered)):
        raise WeightsError("ranges")
    if ordered[-1][1] != length:
        raise WeightsError("length")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _noise(about: object) -> float:
    said = about.get("noise") if isinstance(about, dict) else None
    try:
        noise = float(said) if isinstance(said, str) else 0.0
    except ValueError:
        return 0.0
    return noise if noise in SETTINGS["noise"].accepted else 0.0
