"""The same noisy image for everyone: what each method makes of it, and how well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from aecore.datasets import Floats
from aecore.metrics import psnr, ssim
from aecore.ui.controls import chosen_noise, level_title, with_noise
from aecore.ui.denoise.methods import Method
from aecore.ui.digits import ChosenDigit
from aecore.ui.engine.live import Live, bring_to_life
from aecore.ui.figures import figure, picture
from aecore.ui.language import _
from aecore.ui.page import show_html
from aecore.ui.pictures import digit_uri
from aecore.ui.predictions import ask, is_covered, strokes_of, subject_of
from aecore.ui.state import visit


@dataclass(frozen=True)
class Attempts:
    """What methods, by title, made of a noisy digit: float32 `(28, 28)`, and the PSNR in dB.

    `models` names the models among them, by title.
    """

    digit: ChosenDigit
    noisy: Floats
    models: dict[str, str]
    cleaned: dict[str, Floats]
    decibels: dict[str, float]

    @property
    def nearest(self) -> str | None:
        """The title of the method with the highest PSNR, where that may be asked.

        None for one method alone, and where several are first: filters leave a clean digit as it
        is.
        """
        highest = max(self.decibels.values(), default=math.inf)
        first = [title for title, reached in self.decibels.items() if reached == highest]
        return first[0] if len(first) == 1 < len(self.decibels) else None


def attempts_at(methods: Sequence[Method], digit: ChosenDigit) -> Attempts:
    """Give every method the same noisy image."""
    level = visit().noise_level
    noisy = with_noise(digit.image, level)
    cleaned = {method.title: method.cleaned(noisy[None], level)[0] for method in methods}
    decibels = {title: psnr(digit.image, image) for title, image in cleaned.items()}
    models = {method.title: method.model for method in methods if method.model}
    return Attempts(digit, noisy, models, cleaned, decibels)


def show_side_by_side(attempts: Attempts) -> None:
    """Show the clean image, the noisy one, and what each method makes of it, with PSNR and SSIM.

    While the slider of the noise moves, the models answer in the browser; filters when it rests.
    The numbers, and the frame around the best, wait for `ask_which_is_nearest`, where it asks:
    until then the browser finds no place to write them either.
    """
    digit, nearest = attempts.digit, attempts.nearest
    covered = nearest is not None and is_covered("by_eye")
    figures = [
        _figure(digit.image, _("Clean"), "", digit.spoken),
        _attempt(digit, attempts.noisy, _("With noise"), "seen", covered=covered),
    ]
    for title, image in attempts.cleaned.items():
        kind = f"attempt of-{attempts.models.get(title, '')}"
        kind += " best" if title == nearest and not covered else ""
        figures.append(_attempt(digit, image, title, kind, covered=covered))
    show_html(f'<div class="attempts" data-strip="denoise">{"".join(figures)}</div>')
    kind, level, seed = visit().noise_kind, visit().noise_level, visit().noise_seed
    live = Live("denoise", kind, level, seed, "noise_level", level_title(kind))
    bring_to_life(live, list(attempts.models.values()), digit.image)


def ask_which_is_nearest(methods: Sequence[Method], attempts: Attempts) -> None:
    """Ask whose picture is nearest to the clean digit, by eye, before any number shows it."""
    if attempts.nearest is None:
        return
    names = {method.title: method.name for method in methods}
    nearest = names[attempts.nearest]
    noise, strokes = chosen_noise(visit().noise_level), strokes_of(attempts.digit)
    given = (*noise, *names.values(), *strokes)
    about, among = subject_of(attempts.digit), list(names.values())
    ask("by_eye", lambda: nearest, about=about, given=given, among=among)


def _attempt(digit: ChosenDigit, image: Floats, title: str, kind: str, *, covered: bool) -> str:
    alt_text = _("{subject}: {method}").format(subject=digit.spoken, method=title)
    if covered:
        return _figure(image, title, _("PSNR ?"), alt_text, kind)
    error = psnr(digit.image, image)
    decibels = "∞" if math.isinf(error) else f"{error:.1f}"
    numbers = _("PSNR {psnr} dB<br>SSIM {ssim}").format(
        psnr=f"<span>{decibels}</span>", ssim=f"<span>{ssim(digit.image, image):.2f}</span>"
    )
    return _figure(image, title, numbers, alt_text, kind)


def _figure(image: Floats, title: str, numbers: str, alt_text: str, kind: str = "") -> str:
    caption = f"<b>{escape(title)}</b><br>{numbers}"
    return figure(picture(digit_uri(image), alt_text), caption, kind=kind)
