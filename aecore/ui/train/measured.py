"""What the predictions of the page Train are held against."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from aecore.datasets import to_float
from aecore.runs import Epoch, Run
from aecore.ui.reader import read
from aecore.ui.train.learnt import epochs_of

_ENOUGH = 9
"""So many of the ten digits make a network readable. The reader errs now and then, too."""


def first_readable_epoch(run: Run, *, ended: bool) -> float | None:
    """The first epoch after which nine of the ten digits are read right, from what a run has kept.

    Infinity if a run that has `ended` never came so far; None if another one has not yet.
    """
    for epoch in epochs_of(run):
        if _read_right(str(run.folder), epoch.number, epoch) >= _ENOUGH:
            return epoch.number
    return math.inf if ended else None


@st.cache_data(max_entries=400, show_spinner=False)
def _read_right(folder: str, number: int, _epoch: Epoch) -> int:  # noqa: ARG001
    return int((read(to_float(_epoch.reconstructions)) == np.arange(10)).sum())
