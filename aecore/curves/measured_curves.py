"""The PSNR curves of everything that ships: measured by `python -m aecore.curves.measured_curves`.

Measuring one takes up to a second, and the page Denoise shows nine at once; so they ship as
`data/psnr_curves.json`. A model's curves count only for the version they were measured on: after
shipping another model run the command again (two minutes on two cores). Until then the page
measures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from aecore.autoencoder import Autoencoder
from aecore.curves.by_heart import recall
from aecore.curves.noise_curves import Denoiser, psnr_curve
from aecore.datasets import SHOWN, Floats, load_mnist, to_float
from aecore.filters import FILTERS, FilterKind, best_strength, denoise
from aecore.noise import NOISE_KINDS, NoiseKind
from aecore.projections import load_pca
from aecore.runs import RunStore

CURVES_FILE = Path(__file__).parents[1] / "data" / "psnr_curves.json"

TEST_IMAGES = 200
"""How many test images a curve is measured on."""

PCA_NUMBERS = 32
"""How many numbers the code of the PCA that is measured has."""

_PRETRAINED = Path(__file__).parents[2] / "pretrained"

NOTHING = "nothing"
"""The name of the curve of leaving the noise as it is."""

BY_HEART = "by_heart"
"""The name of the curve of knowing all training digits by heart: there for Gaussian noise only."""


def measured_curve(name: str, kind: NoiseKind, version: str = "") -> list[float] | None:
    """The shipped curve of a model, a filter, "pca", `NOTHING` or `BY_HEART`, in dB.

    None if there is none for this version of it, or if the file is missing or damaged.
    """
    try:
        curve: list[float] = _shipped()[f"{name}@{version}"][kind]
    except (KeyError, TypeError):
        return None
    return curve


@cache
def _shipped() -> dict[str, dict[str, list[float]]]:
    try:
        curves: dict[str, dict[str, list[float]]] = json.loads(
            CURVES_FILE.read_text(encoding="utf-8")
        )
    except (OSError, ValueError):
        return {}
    return curves


def measure(denoiser: Denoiser, kind: NoiseKind) -> list[float]:
    """The curve of any denoiser on the first test images. Raises DatasetError."""
    return psnr_curve(denoiser, judged_images(), kind)


def judged_images() -> Floats:
    """The images that curves are measured on: `(TEST_IMAGES, 28, 28)`."""
    return to_float(load_mnist(SHOWN).test_images[:TEST_IMAGES])


def leave_as_is(noisy: Floats, _level: float) -> Floats:
    """The denoiser that does nothing."""
    return noisy


def know_by_heart(noisy: Floats, level: float) -> Floats:
    """The denoiser that knows all training digits (for Gaussian noise). Takes 1 GB and seconds."""
    return recall(noisy, level, to_float(load_mnist().train_images))


def best_filter(name: FilterKind, kind: NoiseKind) -> Denoiser:
    """A classical filter, for each level at the strength that is best for this kind of noise."""
    return lambda noisy, level: denoise(noisy, name, best_strength(name, kind, level))


def _everything(kind: NoiseKind) -> Iterator[tuple[str, Denoiser]]:
    """All that ships, by name and version."""
    yield f"{NOTHING}@", leave_as_is
    if kind == "gaussian":
        yield f"{BY_HEART}@", know_by_heart
    pca = load_pca().keeping(PCA_NUMBERS)
    yield "pca@", lambda noisy, _level: pca.reconstruct(noisy)
    for each in FILTERS:
        yield f"{each}@", best_filter(each, kind)
    store = RunStore(_PRETRAINED)
    for name in sorted(store.names()):
        run = store.get(name)
        model = Autoencoder.load(run.folder)
        yield f"{name}@{run.version()}", _model_denoiser(model)


def _model_denoiser(model: Autoencoder) -> Denoiser:
    return lambda noisy, _level: model.reconstruct(noisy)


def main() -> None:
    """Measure everything that ships, for every kind of noise."""
    curves: dict[str, dict[str, list[float]]] = {}
    for kind in NOISE_KINDS:
        for name, denoiser in _everything(kind):
            curve = [round(value, 3) for value in measure(denoiser, kind)]
            curves.setdefault(name, {})[kind] = curve
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(curves[name])}" for name in curves)
    CURVES_FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
