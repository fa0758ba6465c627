"""A picture and its caption, as HTML: the one way in which every page shows one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aecore.datasets import Floats
from aecore.ui.page import show_html
from aecore.ui.pictures import digit_uri


def picture(uri: str, alt: str) -> str:
    """An image by its data URI; `alt` says in words what it shows."""
    return f'<img src="{uri}" alt="{escape(alt)}">'


def figure(shown: str, caption: str = "", *, kind: str = "") -> str:
    """What is `shown` over its `caption`, both HTML; `kind` is its class in the style sheet."""
    opening = f'<figure class="{kind}">' if kind else "<figure>"
    closing = f"<figcaption>{caption}</figcaption></figure>" if caption else "</figure>"
    return f"{opening}{shown}{closing}"


def digit_figure(image: Floats, caption: str, alt: str) -> str:
    """An image `(h, w)` in [0, 1] over its caption, both texts plain, as HTML."""
    return figure(picture(digit_uri(image), alt), escape(caption))


def show_row_of_digits(images: Floats, captions: Sequence[str], alts: Sequence[str]) -> None:
    """Small digits side by side, each with its caption: images `(n, 28, 28)`."""
    show_html(row_of_digits(images, captions, alts))


def row_of_digits(images: Floats, captions: Sequence[str], alts: Sequence[str]) -> str:
    """What `show_row_of_digits` shows, as HTML."""
    digits = zip(images, captions, alts, strict=True)
    return f'<div class="row-of-digits">{"".join(digit_figure(*digit) for digit in digits)}</div>'


Captioned = tuple[Floats, str, str]
"""An image `(28, 28)`, its caption, and its alternative text."""


def show_pairs_of_digits(pairs: Sequence[tuple[Captioned, Captioned]]) -> None:
    """What went in, an arrow, what came out; pair beside pair."""
    shown = "".join(
        f'<div>{digit_figure(*before)}<b aria-hidden="true">→</b>{digit_figure(*after)}</div>'
        for before, after in pairs
    )
    show_html(f'<div class="row-of-digits pairs">{shown}</div>')
