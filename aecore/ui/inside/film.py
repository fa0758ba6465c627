"""A training as a film: the weights that a run kept of its epochs, on their way to the browser."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import streamlit as st

from aecore.networks import NetworkPlan, NetworkWeights, plan
from aecore.runs import Run
from aecore.ui.engine.weights import Parcel, addressed, pack
from aecore.ui.models import run_of

Film = dict[str, Any]
"""`epochs`, the numbers of those that were kept, and `network`: a description of one long network,
the layers of all of them behind each other."""


def film_of(name: str) -> Film | None:
    """The epochs of a model, or None if it kept the weights of fewer than two."""
    if name == "pca":
        return None
    run = run_of(name)
    epochs, parcel = _packed(str(run.folder), run.version())
    return {"epochs": epochs, "network": addressed(parcel, name)} if parcel else None


@st.cache_resource(max_entries=2, show_spinner=False)
def _packed(folder: str, version: str) -> tuple[list[int], Parcel | None]:  # noqa: ARG001
    run = Run(Path(folder))
    spec = run.spec()
    network = plan(spec.architecture, spec.code_size)
    kept = {}
    for epoch in run.readable_epochs():
        if epoch.weights is not None and epoch.weights.fit(network):
            kept[epoch.number] = epoch.weights
    if len(kept) < 2:
        return [], None
    together = NetworkWeights(
        list(chain.from_iterable(each.encoder for each in kept.values())),
        list(chain.from_iterable(each.decoder for each in kept.values())),
    )
    long = NetworkPlan(network.encoder * len(kept), network.decoder * len(kept))
    return list(kept), pack(long, together)
