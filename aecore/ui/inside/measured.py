"""What the predictions of the page Inside are held against."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Floats
from aecore.onnx_weights import load_weights
from aecore.projections import load_pca
from aecore.ui.engine.weights import network_of_pca
from aecore.ui.models import Model, open_model, run_of
from aecore.ui.reader import UNREADABLE, read


def readable_after(name: str, seen: Floats) -> float:
    """After how many terms of the sum the digit is read as in the whole reconstruction, for good.

    Infinity if even that cannot be read.
    For decoders of one dense layer, whose terms are the numbers of the code. `seen` is the image
    `(28, 28)` that the encoder gets. Raises RunError.
    """
    model = open_model(name)
    code = model.encode(seen[None])[0]
    sizes = np.abs(code) * np.linalg.norm(_paints(name), axis=1)
    most_first = np.argsort(-sizes, kind="stable")
    digits = read(model.decode(_keeping(code, most_first)))
    if digits[-1] == UNREADABLE:
        return math.inf
    wrong = np.flatnonzero(digits != digits[-1])
    return int(wrong[-1]) + 1 if len(wrong) else 0


def _paints(name: str) -> Floats:
    """What each number of a code paints, times 1 and before the sigmoid: `(code_size, 784)`."""
    if name == "pca":
        _plan, weights = network_of_pca(load_pca().keeping(32))
    else:
        weights = load_weights(run_of(name).folder)
    kernel, _bias = weights.decoder[-1]
    return kernel


def can_go(name: str, seen: Floats) -> int:
    """How many numbers of the code can become 0 while the digit is read as before.

    None of them, if not even the whole reconstruction can be read.
    """
    digits = read(pictures_without(open_model(name), seen))
    if digits[0] == UNREADABLE:
        return 0
    wrong = np.flatnonzero(digits != digits[0])
    return int(wrong[0]) - 1 if len(wrong) else len(digits) - 1


def pictures_without(model: Model, seen: Floats) -> Floats:
    """The reconstruction of `seen` without 0, 1, 2, ... numbers of its code, least important first.

    The least important one is that without which the picture changes least; the browser switches
    them off in the same order.
    """
    code = model.encode(seen[None])[0]
    alone = np.where(np.eye(len(code), dtype=bool), 0, code)
    changes = np.square(model.decode(alone) - model.decode(code[None])).sum(axis=(1, 2))
    least_last = np.argsort(changes, kind="stable")[::-1]
    return model.decode(_keeping(code, least_last)[::-1])


def _keeping(code: Floats, order: NDArray[np.int64]) -> Floats:
    """The code with only the first 0, 1, 2, ... of its numbers in this order, the others 0."""
    ranks = np.empty(len(code), int)
    ranks[order] = np.arange(len(code))
    return np.where(ranks < np.arange(len(code) + 1)[:, None], code, 0).astype(np.float32)
