"""Models on their way to the browser: a description of their layers, and their weights as bytes."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Floats
from aecore.networks import IMAGE, Layer, NetworkPlan, NetworkWeights, plan
from aecore.onnx_weights import load_weights
from aecore.projections import Pca, load_pca
from aecore.ui.models import model_title, run_of, spec_of
from aecore.ui.parcels import offer
from aecore.ui.shared import shared

LARGEST = 9_000_000
"""Bytes. Larger models stay on the server, which then answers for them as it always did."""

_NARROW = 2
"""Codes this narrow carry rounding errors into every pixel: their networks travel as 24 bits."""

Description = dict[str, Any]
"""What `openNetwork` in the browser needs; weights.js says what stands in it."""


@dataclass(frozen=True)
class Parcel:
    """A model for the browser: the description of its layers, and all their numbers as bytes."""

    description: Description
    content: bytes


def describe(name: str, *, pca_components: int = 32) -> Description | None:
    """What `openNetwork` needs for a model on this server, or None if it is too large to send.

    Only models that `aecore.ui.models` knows are ever sent: raises RunError for any other name and
    for a damaged model, DatasetError when PCA's file is missing.
    """
    parcel = parcel_of(name, pca_components=pca_components)
    return None if parcel is None else addressed(parcel, name)


def parcel_of(name: str, *, pca_components: int = 32) -> Parcel | None:
    """A model packed once for all visitors, or None if it is too large. Raises as `describe`."""
    return _parcel_of_pca(pca_components) if name == "pca" else _parcel_of_run(name)


def addressed(parcel: Parcel, name: str) -> Description:
    """What `openNetwork` needs for the weights of a model, in a parcel of their own."""
    url = offer(parcel, parcel.description["key"])
    return {**parcel.description, "name": name, "title": model_title(name), "url": url}


@shared(4)
def _parcel_of_pca(components: int) -> Parcel:
    return pack(*network_of_pca(load_pca().keeping(components)))


def _parcel_of_run(name: str) -> Parcel | None:
    run = run_of(name)
    return _packed_run(name, str(run.folder), run.version())


@shared(24)
def _packed_run(name: str, folder: str, version: str) -> Parcel | None:  # noqa: ARG001
    spec = spec_of(name)
    network = plan(spec.architecture, spec.code_size)
    parcel = pack(network, load_weights(Path(folder)))
    return parcel if len(parcel.content) <= LARGEST else None


def network_of_pca(pca: Pca) -> tuple[NetworkPlan, NetworkWeights]:
    """PCA as what it is: an autoencoder of two dense layers without activations."""
    size, components = pca.code_size, pca.components[: pca.code_size]
    encoder = (Layer("flatten", IMAGE, (784,)), Layer("dense", (784,), (size,)))
    decoder = (Layer("dense", (size,), (784,)), Layer("reshape", (784,), IMAGE))
    weights = NetworkWeights([(components.T, -components @ pca.mean)], [(components, pca.mean)])
    return NetworkPlan(encoder, decoder), weights


def pack(network: NetworkPlan, weights: NetworkWeights) -> Parcel:
    """Layers and weights for the browser.

    Kernels travel as 16-bit steps, each column (the weights of one output) with a step of its own
    size: as 16-bit floats, which are coarse where weights are large, the deep network's pixels
    would differ from the server's by 0.006. Networks with a narrow code get 8 bits more.
    """
    fine = network.code_size <= _NARROW
    content = bytearray()
    remaining = iter([*weights.encoder, *weights.decoder])
    described = []
    for layer in network.layers:
        entry: Description = {
            "kind": layer.kind,
            "inputShape": layer.input_shape,
            "shape": layer.shape,
            "activation": layer.activation,
        }
        if layer.parameters:
            kernel, bias = next(remaining)
            entry["kernel"] = _put_kernel(content, kernel, fine=fine)
            entry["bias"] = _put(content, bias.astype("<f4"))
        described.append(entry)
    encoder = len(network.encoder)
    return Parcel(
        {
            "key": hashlib.sha256(content).hexdigest()[:24],
            "bytes": len(content),
            "checksum": zlib.adler32(content),
            "encoder": described[:encoder],
            "decoder": described[encoder:],
        },
        bytes(content),
    )


def _put_kernel(content: bytearray, kernel: Floats, *, fine: bool) -> dict[str, tuple[int, int]]:
    """Append a kernel `(..., outputs)` as steps; says where they stand (`kernelOf` reads them)."""
    columns = kernel.reshape(-1, kernel.shape[-1]).astype(np.float64)
    sizes = (np.abs(columns).max(axis=0) / 32_767).astype("<f4")
    steps = columns / np.where(sizes > 0, sizes, 1)
    if not fine:
        whole = np.clip(np.round(steps), -32_767, 32_767)
        return {"steps": _put(content, whole.astype("<i2")), "sizes": _put(content, sizes)}
    parts = np.round(256 * np.clip(steps, -32_767, 32_767)).astype(np.int32)
    return {
        "steps": _put(content, (parts >> 8).astype("<i2")),
        "fine": _put(content, (parts & 255).astype(np.uint8)),
        "sizes": _put(content, sizes),
    }


def _put(content: bytearray, numbers: NDArray[np.generic]) -> tuple[int, int]:
    """Append `numbers`; returns the first byte and how many they are."""
    start = len(content)
    content += numbers.tobytes()
    content += b"\0" * (-len(content) % 4)  # a browser reads floats at multiples of their size
    return start, int(numbers.size)
