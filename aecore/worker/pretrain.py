"""How `pretrained/` was made: `python -m aecore.worker.pretrain [name ...]`, reproducible.

Without names, every shipped model is trained again, and PCA fitted again: about two hours on two
cores, and some six hours for `denoise_any` (whose weights came from a GPU: see
docs/architecture.md). A model whose folder is whole and has the same recipe is left alone.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from aecore.autoencoder import Autoencoder
from aecore.datasets import Floats, load_mnist, to_float
from aecore.metrics import bce, knn_error, mse, trustworthiness
from aecore.noise import add_noise
from aecore.projections import Pca
from aecore.runs import Run, RunError
from aecore.shipped import SHIPPED
from aecore.specs import TrainingSpec
from aecore.worker.checkpoint import CHECKPOINT

PRETRAINED = Path(__file__).parents[2] / "pretrained"

JUDGED_SIGMAS = (0.2, 0.4, 0.5, 1.0, 2.0, 3.0)
"""Strengths of Gaussian noise at which the denoiser for all noises is measured."""

ACTIVE = 1e-3
"""A code unit above this counts as active."""


def pretrain(name: str) -> None:
    """Make one shipped model anew. Raises KeyError for an unknown name, RunError if it failed."""
    from aecore.worker.training import train

    run = Run(PRETRAINED / name)
    if not _is_made(run, SHIPPED[name]):
        shutil.rmtree(run.folder, ignore_errors=True)
        run.write_spec(SHIPPED[name])
        train(str(run.folder))
        run.verify()
        (run.folder / CHECKPOINT).unlink(missing_ok=True)  # nobody trains a shipped model on
    metrics = run.metrics()
    measured = metrics | special_scores(Autoencoder.load(run.folder))
    if measured != metrics:
        run.write_metrics(measured)
        run.seal()
    print(f"{name}: {json.dumps(measured, indent=1)}", flush=True)


def special_scores(model: Autoencoder) -> dict[str, Any]:
    """What this kind of model is made for, measured on the 10,000 test images.

    knn_error, trustworthiness  of a two-dimensional map: 5 nearest training codes, and T(12) on
                                the first 5,000 test images
    active_units                of a sparse code: mean number of units above 0.001 per image
    by_noise                    of a denoiser for all noises: BCE and MSE at six values of sigma
    """
    mnist = load_mnist()
    images = to_float(mnist.test_images)
    scores: dict[str, Any] = {}
    if model.code_size == 2:
        known, new = model.encode(to_float(mnist.train_images)), model.encode(images)
        scores["knn_error"] = knn_error(known, mnist.train_labels, new, mnist.test_labels)
        scores["trustworthiness"] = trustworthiness(images[:5_000], new[:5_000])
    if model.spec.architecture == "sparse":
        scores["active_units"] = float((model.encode(images) > ACTIVE).sum(axis=1).mean())
    if model.spec.noise_varies:
        scores["by_noise"] = {
            f"{sigma:g}": _denoising_scores(model, images, sigma) for sigma in JUDGED_SIGMAS
        }
    return scores


def _denoising_scores(model: Autoencoder, images: Floats, sigma: float) -> dict[str, float]:
    answers = model.reconstruct(add_noise(images, "gaussian", sigma, seed=0))
    return {"bce": bce(images, answers), "mse": mse(images, answers)}


def _is_made(run: Run, recipe: TrainingSpec) -> bool:
    try:
        run.verify()
        return run.spec() == recipe and run.status().state == "done"
    except RunError:
        return False


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["pca", *SHIPPED]:
        if wanted == "pca":
            Pca.fit(load_mnist().train_images).save()
        else:
            pretrain(wanted)
