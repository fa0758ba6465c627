"""The loss curves of a training: nothing is written over them."""

from __future__ import annotations

import numpy as np
import pytest

from aecore.runs import Epoch
from aecore.specs import TrainingSpec
from aecore.ui.train import loss_curves


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_curves, "_", str)


def epochs(count: int) -> list[Epoch]:
    digits, codes = np.zeros((10, 28, 28), np.uint8), np.zeros((5, 8), np.float16)
    return [Epoch(number, 0.2, 0.2, 1.0, digits, codes) for number in range(1, count + 1)]


@pytest.mark.parametrize("code_size", [1, 128])
def test_names_stand_beside_the_curves_and_apart(code_size: int) -> None:
    layers = loss_curves.loss_layers(epochs(3), TrainingSpec("plain", code_size), None, None)
    [names] = [layer for layer in layers if layer["mark"]["type"] == "text"]
    assert names["encoding"]["x"] == {"value": "width"}
    assert names["mark"]["align"] == "left"
    heights = [row["height"] for row in names["data"]["values"]]
    assert np.diff(heights).min() >= loss_curves._LABEL - 1e-9


@pytest.mark.parametrize(("said", "lines"), [(None, 0), (2.0, 1), (6.0, 0)])
def test_the_predicted_epoch_is_a_line_if_there_will_be_such_an_epoch(
    said: float | None, lines: int
) -> None:
    layers = loss_curves.loss_layers(epochs(3), TrainingSpec("plain", epochs=5), None, said)
    rows = [layer["data"]["values"] for layer in layers if layer["mark"]["type"] == "text"]
    assert [row["name"] for row in rows[-1]].count("you said 2") == lines
