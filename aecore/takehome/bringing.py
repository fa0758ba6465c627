"""Weights that come back: a file becomes a run like any other, to be measured by the worker."""

from __future__ import annotations

import hashlib

from aecore.guarded.files import UnsoundFileError, read_bytes
from aecore.networks import ARCHITECTURES
from aecore.runs import BROUGHT_FILE, Run, RunError
from aecore.specs import TrainingSpec
from aecore.takehome.safetensors import (
    Brought,
    WeightsError,
    guess_architecture,
    largest_file,
    read,
)


def spec_of_brought(content: memoryview, architecture: str = "") -> TrainingSpec:
    """The spec of the run that these weights become: its key is theirs alone.

    Without an `architecture` the file itself must say what it is, or its layers must. Raises
    WeightsError if they are no weights of such a network.
    """
    architecture = architecture or guess_architecture(content)
    found = read(content, architecture)
    return TrainingSpec(
        architecture,
        code_size=found.code_size,
        noise=found.noise,
        noise_varies=ARCHITECTURES[architecture].noise_varies and found.noise > 0,
        epochs=1,
        brought=hashlib.sha256(content).hexdigest()[:16],
    )


def brought_weights(run: Run, spec: TrainingSpec) -> Brought:
    """The weights that lie in a run's folder. Raises RunError if they are missing or no good."""
    try:
        content = read_bytes(run.folder, BROUGHT_FILE, largest_file())
        return read(memoryview(content), spec.architecture)
    except (OSError, UnsoundFileError, WeightsError) as error:
        raise RunError("is missing or damaged", file=BROUGHT_FILE) from error
