"""What the predictions of the page Latent space are held against."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import streamlit as st

from aecore.datasets import Floats, to_float
from aecore.ui.latent.map_view import chart_of
from aecore.ui.models import mnist, open_model, run_of
from aecore.ui.reader import VOTERS, votes

_MAPPED = 2_000
"""Test digits whose places on a map are looked at."""

_AGREE = 4
"""So many voters must agree for a picture to be a digit in the gap between two kinds."""

_PAIRS, _STEPS = 50, 8


def pictures_in_gaps(name: str) -> dict[str, int]:
    """How many of the 45 pictures half-way between two kinds show what, most of them first.

    `one` of the two kinds, a `third` kind, or `none` that can be read. Raises RunError.
    """
    return _pictures_in_gaps(name, run_of(name).version())


@st.cache_data(max_entries=24, show_spinner=False)
def _pictures_in_gaps(name: str, version: str) -> dict[str, int]:  # noqa: ARG001
    model, plane = open_model(name), chart_of(name).plane
    places = plane.place(model.encode(to_float(mnist().test_images[:_MAPPED])))
    labels = mnist().test_labels[:_MAPPED]
    middles = [np.median(places[labels == digit], axis=0) for digit in range(10)]
    kinds = list(combinations(range(10), 2))
    gaps = np.array([(middles[a] + middles[b]) / 2 for a, b in kinds], np.float32)
    found = votes(model.decode(plane.code_at(gaps)))
    seen = Counter(
        "none" if row.max() < _AGREE else "one" if row.argmax() in pair else "third"
        for row, pair in zip(found, kinds, strict=True)
    )
    return dict(seen.most_common())


def digits_on_ways(name: str) -> dict[str, float]:
    """The share of steps that show a digit, for each straight way between two digits; most first.

    On the map of the `model`, on that of `pca`, and when pixels `fade`. Raises RunError.
    """
    return _digits_on_ways(name, run_of(name).version())


@st.cache_data(max_entries=24, show_spinner=False)
def _digits_on_ways(name: str, version: str) -> dict[str, float]:  # noqa: ARG001
    labels = mnist().test_labels[:_MAPPED]
    ends = np.random.default_rng(0).integers(0, _MAPPED, (4 * _PAIRS, 2))
    ends = ends[labels[ends[:, 0]] != labels[ends[:, 1]]][:_PAIRS]
    starts, goals = (to_float(mnist().test_images[column]) for column in ends.T)
    ways = {
        "model": _along_the_map(name, starts, goals),
        "pca": _along_the_map("pca", starts, goals),
        "fade": np.concatenate(_between(starts, goals)),
    }
    shares = {way: float((votes(seen).max(axis=1) == VOTERS).mean()) for way, seen in ways.items()}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _along_the_map(name: str, starts: Floats, goals: Floats) -> Floats:
    model, plane = open_model(name, pca_components=2), chart_of(name).plane
    ends = (plane.place(model.encode(images)) for images in (starts, goals))
    return model.decode(plane.code_at(np.concatenate(_between(*ends))))


def _between(starts: Floats, goals: Floats) -> list[Floats]:
    """The steps on the straight ways from starts to goals, without both ends."""
    shares = np.linspace(0, 1, _STEPS + 2, dtype=np.float32)[1:-1]
    return [starts + share * (goals - starts) for share in shares]
