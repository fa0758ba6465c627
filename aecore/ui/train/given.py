"""What a network is given in its tests: ten digits, noisy if it was trained with noise."""

from __future__ import annotations

from aecore.datasets import Floats, example_digits, to_float
from aecore.noise import add_noise
from aecore.specs import TrainingSpec
from aecore.ui.language import _
from aecore.ui.models import mnist


def ten_digits() -> Floats:
    """The test digits that every training is judged by, one of each class: `(10, 28, 28)`."""
    return to_float(mnist().test_images[example_digits(mnist())])


def given(spec: TrainingSpec) -> Floats:
    """The ten digits as every test of this training shows them to the network."""
    digits = ten_digits()
    return add_noise(digits, "gaussian", spec.noise, spec.seed) if spec.noise else digits


def given_rows(spec: TrainingSpec) -> list[tuple[str, Floats]]:
    """The ten digits under their label and, where they differ, what the network is given."""
    rows = [(_("test digits"), ten_digits())]
    if spec.noise:
        rows.append((_("with noise, σ {noise:g}").format(noise=spec.noise), given(spec)))
    return rows
