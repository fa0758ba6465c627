"""Diagrams for paper, in black: the numbers of a code, and an axis to tick."""

from __future__ import annotations

from html import escape

from aecore.datasets import Floats
from aecore.settings import Span

_WIDTH, _HEIGHT = 640, 96
_AXIS_HEIGHT = 44
_LONG_TICK, _SHORT_TICK = 14, 7


def code_bars(code: Floats, alt: str) -> str:
    """A code as numbered bars, none of its numbers negative; the largest is black."""
    step, largest = _WIDTH / len(code), int(code.argmax())
    bars = "".join(
        f'<rect x="{step * place + 2:.1f}" y="{_HEIGHT * (1 - share):.1f}" width="{step - 4:.1f}" '
        f'height="{_HEIGHT * share:.1f}" fill="{"#111" if place == largest else "none"}" '
        f'stroke="#111"/>{_label(step * (place + 0.5), _HEIGHT + 16, f"{place + 1}")}'
        for place, share in enumerate((code / code.max()).tolist())
    )
    return _svg(bars, _HEIGHT + 20, alt)


def axis(span: Span, numbered: float, alt: str) -> str:
    """A line to tick a number on: a stroke at every tenth, a number at every `numbered`."""
    reach = span.highest - span.lowest
    tenths = round(10 * reach)
    marks = [f'<path d="M10 10H{_WIDTH - 10}" stroke="#111" stroke-width="1.5"/>']
    for tenth in range(tenths + 1):
        value = span.lowest + tenth / 10
        across = 10 + (_WIDTH - 20) * tenth / tenths
        is_numbered = tenth % round(10 * numbered) == 0
        length = _LONG_TICK if is_numbered else _SHORT_TICK
        marks.append(f'<path d="M{across:.1f} 10v{length}" stroke="#111"/>')
        if is_numbered:
            marks.append(_label(across, 40, f"{value:g}"))
    return _svg("".join(marks), _AXIS_HEIGHT, alt)


def _label(across: float, down: float, text: str) -> str:
    return f'<text x="{across:.1f}" y="{down}" text-anchor="middle">{escape(text)}</text>'


def _svg(marks: str, height: int, alt: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(alt)}">{marks}</svg>'
    )
