"""What is handed out on paper: pages of A4 in one HTML file without anything beside it.

So it prints the same wherever it is opened, with the glyphs of the reader's language. Digits are
black on white: that saves the school's ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from aecore.datasets import Floats
from aecore.ui.figures import digit_figure
from aecore.ui.language import _, current_language

_STYLE = Path(__file__).parent / "sheets.css"


def document(title: str, pages: Sequence[str]) -> str:
    """The file; each of `pages` is the HTML of what stands on one."""
    words = escape(_("Print"))
    sections = "".join(f"<section>{page}</section>" for page in pages)
    return (
        f'<!doctype html><html lang="{current_language()}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
        f'<body><button onclick="print()">{words}</button>{sections}</body></html>'
    )


def exercise(number: int, text: str, body: str) -> str:
    """An exercise under its number and its question; `body` is HTML."""
    return f"<article><h2><b>{number}</b> {escape(text)}</h2>{body}</article>"


def row(shown: Sequence[tuple[Floats, str]], *, marked: bool = False) -> str:
    """Images black on white over their captions; `marked` ones have room for a number."""
    figures = "".join(digit_figure(1 - image, caption, caption) for image, caption in shown)
    return f"<div class='{'row marked' if marked else 'row'}'>{figures}</div>"
