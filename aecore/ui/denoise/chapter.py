"""Two discoveries about the chapter's noise: its sigma of 3, and its last snippet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aecore.datasets import Floats
from aecore.noise import add_chapter_noise, add_noise
from aecore.projections import load_pca
from aecore.ui.digits import ChosenDigit
from aecore.ui.figures import show_row_of_digits
from aecore.ui.language import _
from aecore.ui.models import is_whole, model_title, open_model, spec_of
from aecore.ui.page import say_if_broken
from aecore.ui.state import visit


def show_chapter_sigma(digit: ChosenDigit) -> None:
    """Show the chapter's sigma of 3 as a picture, and what is left to answer with."""
    noisy = add_noise(digit.image[None], "gaussian", 3.0, visit().noise_seed)[0]
    shown = [(digit.image, _("clean")), (noisy, _("σ = 3"))]
    for name in [each for each in ("denoise", "denoise_any") if is_whole(each)]:
        with say_if_broken():
            caption = _("{model},\ntrained on {noise}").format(
                model=model_title(name), noise=_training_noise(name)
            )
            shown.append((open_model(name).reconstruct(noisy[None])[0], caption))
    shown.append((load_pca().mean.reshape(28, 28), _("mean image")))
    _show_row(shown, digit)


def _training_noise(name: str) -> str:
    spec = spec_of(name)
    return (_("σ up to {sigma:g}") if spec.noise_varies else "σ {sigma:g}").format(sigma=spec.noise)


def show_chapter_snippet(digit: ChosenDigit) -> None:
    """Show what the chapter's last snippet shows, beside the noise it means to show."""
    pixels = np.round(255 * digit.image).astype(np.uint8)
    printed = add_chapter_noise(pixels[None], visit().noise_seed)[0]
    meant = add_noise(digit.image[None], "gaussian", 3.0, visit().noise_seed)[0]
    _show_row(
        [
            (digit.image, _("clean")),
            (printed, _("N(3, 10) on 0–255")),
            (meant, _("N(0, 3) on 0–1")),
        ],
        digit,
    )


def _show_row(shown: Sequence[tuple[Floats, str]], digit: ChosenDigit) -> None:
    show_row_of_digits(
        np.stack([image for image, _caption in shown]),
        [caption for _image, caption in shown],
        [
            _("{subject}: {method}").format(subject=digit.spoken, method=caption)
            for _image, caption in shown
        ],
    )
