"""Visitors who have seen all answers: for tests of what stands behind a prediction."""

from __future__ import annotations

from aecore.ui.questions import QUESTION, Prediction
from aecore.ui.state import Visit


def everything_seen() -> Visit:
    """The visit of somebody who pressed "Just show me" at every question."""
    return Visit(predictions={name: Prediction(None) for name in QUESTION})
