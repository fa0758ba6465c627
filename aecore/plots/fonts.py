"""Letters for every language: Matplotlib's own for Latin, one of the machine's for Chinese."""

from __future__ import annotations

from dataclasses import dataclass

from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontEntry, FontPath, findSystemFonts, fontManager
from matplotlib.ft2font import FT2Font

_LATIN = "DejaVu Sans"
"""Comes with Matplotlib."""

_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "STHeiti",
    "Microsoft YaHei",
    "SimHei",
    "Arial Unicode MS",
    "SimSun",
)
"""Fonts in the shapes that Simplified Chinese is written in, the most legible in print first.
Others may have the characters, too, but as Japan or Korea write them."""

_REGULAR = 400


@dataclass(frozen=True)
class Letters:
    """What a text is written with.

    families    names of fonts: each letter is taken from the first that has it
    complete    whether every letter of the text is in one of them
    pdf_type    42 if PDF can take all of them as they are; 3, their outlines, for those that have
                none of TrueType's kind
    """

    families: list[str]
    complete: bool = True
    pdf_type: int = 42


def letters_for(text: str) -> Letters:
    """The fonts of this machine that `text` can be written with."""
    latin = FT2Font(fontManager.findfont(_LATIN))
    needed = _characters(text) - set(latin.get_charmap())
    if not needed:
        return Letters([_LATIN])
    _look_for_new_fonts()
    for family in _CHINESE:
        for entry in fontManager.ttflist:
            if entry.name == family and entry.weight == _REGULAR and needed <= _has(entry):
                kind = 42 if _has_truetype_outlines(entry) else 3
                return Letters([_LATIN, family], pdf_type=kind)
    return Letters([_LATIN], complete=False)


def _characters(text: str) -> set[int]:
    return {ord(letter) for letter in text if letter.isprintable()}


def _look_for_new_fonts() -> None:
    """Matplotlib keeps a list of the machine's fonts on disk, and never looks again."""
    known = {entry.fname for entry in fontManager.ttflist}
    for file in findSystemFonts():
        if file not in known:
            fontManager.addfont(file)


def _has(entry: FontEntry) -> set[int]:
    return set(FT2Font(FontPath(entry.fname, entry.index)).get_charmap())


def _has_truetype_outlines(entry: FontEntry) -> bool:
    with TTFont(entry.fname, fontNumber=entry.index, lazy=True) as font:
        return "glyf" in font
