"""The same noisy image for everyone: what each method makes of it, and how well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from aecore.datasets import Floats
from aecore.metrics import psnr, ssim
from aecore.ui.controls import with_noise
from aecore.ui.denoise.methods import Method
from aecore.ui.digits import ChosenDigit
from aecore.ui.figures import figure, picture
from aecore.ui.language import _
from aecore.ui.page import show_html
from aecore.ui.pictures import digit_uri
from aecore.ui.predictions import ask, is_covered, subject_of
from aecore.ui.state import visit


def show_side_by_side(methods: Sequence[Method], digit: ChosenDigit) -> dict[str, float]:
    """Show the clean image, the noisy one, and what each method makes of it, with PSNR and SSIM.

    The numbers, and the frame around the best, wait for `ask_which_is_nearest`.
    Returns each method's PSNR in dB by its title.
    """
    level = visit().noise_level
    noisy = with_noise(digit.image, level)
    cleaned = {method.title: method.cleaned(noisy[None], level)[0] for method in methods}
    decibels = {title: psnr(digit.image, image) for title, image in cleaned.items()}
    best = max(decibels.values(), default=math.inf)
    figures = [
        _figure(digit.image, _("Clean"), "", digit.spoken),
        _attempt(digit, noisy, _("With noise"), is_best=False),
    ]
    figures += [
        _attempt(digit, image, title, is_best=decibels[title] == best and not is_covered("by_eye"))
        for title, image in cleaned.items()
    ]
    show_html(f'<div class="attempts">{"".join(figures)}</div>')
    return decibels


def ask_which_is_nearest(
    methods: Sequence[Method], decibels: dict[str, float], digit: ChosenDigit
) -> None:
    """Ask whose picture is nearest to the clean digit, by eye, before any number shows it."""

    def highest() -> str:
        return max(methods, key=lambda method: decibels[method.title]).name

    if methods:
        names = [method.name for method in methods]
        ask("by_eye", highest, about=subject_of(digit), among=names)


def _attempt(digit: ChosenDigit, image: Floats, title: str, *, is_best: bool) -> str:
    error = psnr(digit.image, image)
    alt_text = _("{subject}: {method}").format(subject=digit.spoken, method=title)
    if is_covered("by_eye"):
        return _figure(image, title, _("PSNR ?"), alt_text)
    numbers = _("PSNR {psnr} dB<br>SSIM {ssim:.2f}").format(
        psnr="∞" if math.isinf(error) else f"{error:.1f}", ssim=ssim(digit.image, image)
    )
    return _figure(image, title, numbers, alt_text, "best" if is_best else "")


def _figure(image: Floats, title: str, numbers: str, alt_text: str, kind: str = "") -> str:
    caption = f"<b>{escape(title)}</b><br>{numbers}"
    return figure(picture(digit_uri(image), alt_text), caption, kind=kind)
