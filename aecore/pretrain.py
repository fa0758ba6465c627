"""How `pretrained/` was made: `python -m aecore.pretrain [name ...]`, reproducible.

Without names, every shipped model is trained again, and PCA fitted again: about an hour on two
cores. A model whose folder is whole and has the same recipe is left alone.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from aecore.datasets import load_mnist
from aecore.projections import Pca
from aecore.runs import Run, RunError
from aecore.specs import CONV_CODE_SIZE, TrainingSpec

PRETRAINED = Path(__file__).parents[1] / "pretrained"

RECIPES: dict[str, TrainingSpec] = {
    "plain": TrainingSpec("plain", code_size=32, epochs=50),
    "deep": TrainingSpec("deep", code_size=32, epochs=60, learning_rate=3e-3, schedule="cosine"),
    "sparse": TrainingSpec("sparse", code_size=64, epochs=40, schedule="cosine"),
    "vae": TrainingSpec("vae", code_size=2, epochs=40, schedule="cosine"),
    "latent2d": TrainingSpec(
        "latent2d", code_size=2, epochs=60, batch_size=512, learning_rate=1.5e-3, schedule="cosine"
    ),
    "neighbours2d": TrainingSpec(
        "neighbours2d",
        code_size=2,
        epochs=40,
        batch_size=500,
        learning_rate=2e-3,
        schedule="cosine",
    ),
    "denoise_any": TrainingSpec(
        "denoise_any", code_size=512, noise=3.0, noise_varies=True, epochs=28, schedule="cosine"
    ),
    "conv": TrainingSpec("conv", code_size=CONV_CODE_SIZE, epochs=10, schedule="cosine"),
    "denoise": TrainingSpec(
        "conv", code_size=CONV_CODE_SIZE, noise=0.5, epochs=8, schedule="cosine"
    ),
}


def pretrain(name: str) -> None:
    """Make one shipped model anew. Raises KeyError for an unknown name, RunError if it failed."""
    from aecore.training import train

    run = Run(PRETRAINED / name)
    if _is_made(run, RECIPES[name]):
        print(f"{name}: already made")
        return
    shutil.rmtree(run.folder, ignore_errors=True)
    run.write_spec(RECIPES[name])
    train(str(run.folder))
    run.verify()
    metrics = run.metrics()
    print(f"{name}: BCE {metrics['bce']:.4f}, MSE {metrics['mse']:.4f}", flush=True)


def _is_made(run: Run, recipe: TrainingSpec) -> bool:
    try:
        run.verify()
        return run.spec() == recipe and run.status().state == "done"
    except RunError:
        return False


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["pca", *RECIPES]:
        if wanted == "pca":
            Pca.fit(load_mnist().train_images).save()
        else:
            pretrain(wanted)
