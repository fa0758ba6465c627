"""Weights that come back: a file becomes a run like any other, to be measured by the worker."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from aecore.guarded_files import UnsoundFileError, read_bytes
from aecore.networks import ARCHITECTURES
from aecore.runs import Run, RunError, write_atomically
from aecore.specs import TrainingSpec
from aecore.takehome.safetensors import Brought, WeightsError, largest_file, read

BROUGHT_FILE = "weights.safetensors"


def spec_of_brought(content: memoryview, architecture: str) -> TrainingSpec:
    """The spec of the run that these weights become: its key is theirs alone.

    Raises WeightsError if they are no weights of such a network.
    """
    found = read(content, architecture)
    return TrainingSpec(
        architecture,
        code_size=found.code_size,
        noise=found.noise,
        noise_varies=ARCHITECTURES[architecture].noise_varies and found.noise > 0,
        epochs=1,
        brought=hashlib.sha256(content).hexdigest()[:16],
    )


def lay_down(content: memoryview, folder: Path) -> None:
    """Put the file where the worker will look for it, before the run is asked for.

    Raises OSError if the disk is full or read-only.
    """
    write_atomically(folder / BROUGHT_FILE, bytes(content))


def take_away(folder: Path) -> None:
    """Remove what `lay_down` wrote if no run was made of it."""
    if not (folder / "spec.json").exists():
        shutil.rmtree(folder, ignore_errors=True)


def brought_weights(run: Run, spec: TrainingSpec) -> Brought:
    """The weights that lie in a run's folder. Raises RunError if they are missing or no good."""
    try:
        content = read_bytes(run.folder, BROUGHT_FILE, largest_file())
        return read(memoryview(content), spec.architecture)
    except (OSError, UnsoundFileError, WeightsError) as error:
        raise RunError("is missing or damaged", file=BROUGHT_FILE) from error
