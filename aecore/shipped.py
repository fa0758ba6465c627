"""The models that ship with the lab: how each was made, and what it is called.

`python -m aecore.worker.pretrain` makes them into the folder `pretrained`.
"""

from __future__ import annotations

from aecore.networks import ARCHITECTURES
from aecore.settings import N_
from aecore.specs import TrainingSpec

SHIPPED: dict[str, TrainingSpec] = {
    "plain": TrainingSpec("plain", code_size=32, epochs=50),
    "deep": TrainingSpec("deep", code_size=32, epochs=60, learning_rate=3e-3, schedule="cosine"),
    "conv": TrainingSpec("conv", code_size=1_568, epochs=25, learning_rate=3e-3, schedule="cosine"),
    "denoise": TrainingSpec(
        "conv", code_size=1_568, noise=0.5, epochs=50, learning_rate=3e-3, schedule="cosine"
    ),
    "denoise_any": TrainingSpec(
        "denoise_any",
        code_size=288,
        noise=3.0,
        noise_varies=True,
        epochs=1_159,
        batch_size=512,
        learning_rate=2e-3,
        schedule="cosine",
    ),
    "sparse": TrainingSpec("sparse", code_size=128, epochs=40, schedule="cosine"),
    "latent2d": TrainingSpec(
        "latent2d", code_size=2, epochs=200, batch_size=512, learning_rate=1.5e-3, schedule="cosine"
    ),
    "neighbours2d": TrainingSpec(
        "neighbours2d",
        code_size=2,
        epochs=55,
        batch_size=500,
        learning_rate=2e-3,
        schedule="cosine",
    ),
    "vae": TrainingSpec("vae", code_size=2, epochs=40, schedule="cosine"),
}
"""The recipe of every shipped model by its name, in the order a lesson meets them."""


def shipped_title(name: str) -> str:
    """What visitors read for a shipped model, in English."""
    return N_("Denoising") if name == "denoise" else ARCHITECTURES[SHIPPED[name].architecture].title
