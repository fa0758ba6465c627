"""Read what to draw from the input, as JSON, and write the files to the output, as JSON."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from aecore.plots.curves import draw_curves
from aecore.plots.digits import draw_digit_rows
from aecore.plots.fonts import letters_for
from aecore.plots.maps import draw_maps
from aecore.takehome.figures import Curve, Curves, DigitRows, Map, Maps, Row

_LOOK: dict[str, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "savefig.dpi": 300,
    "savefig.bbox": "tight",
    "savefig.pad_inches": 0.04,
    "svg.fonttype": "path",  # letters as outlines: they look the same on every machine
    "svg.hashsalt": "autoencoder lab",  # the same figure gives the same file
    "text.parse_math": False,  # a dollar is a dollar
}
_NO_DATE: dict[str, dict[str, Any]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}


def answer(wish: dict[str, Any]) -> dict[str, Any]:
    """Whether this machine can write a text; or figures as files, each in base64."""
    if "text" in wish:
        return {"complete": letters_for(wish["text"]).complete}
    letters = letters_for(json.dumps(wish, ensure_ascii=False))
    look: Any = _LOOK | {"font.family": letters.families, "pdf.fonttype": letters.pdf_type}
    with rc_context(look):
        return {
            f"{name}.{form}": base64.b64encode(content).decode()
            for name, figure in wish["figures"].items()
            for form, content in _files(_drawn(figure), wish["formats"]).items()
        }


def _drawn(figure: dict[str, Any]) -> Figure:
    match figure.pop("kind"):
        case "DigitRows":
            rows = [Row(**row) for row in figure.pop("rows")]
            return draw_digit_rows(DigitRows(rows, **figure))
        case "Curves":
            curves = [Curve(**curve) for curve in figure.pop("curves")]
            return draw_curves(Curves(curves=curves, **figure))
        case _:
            maps = [Map(**each) for each in figure.pop("maps")]
            return draw_maps(Maps(maps, **figure))


def _files(figure: Figure, formats: Sequence[str]) -> dict[str, bytes]:
    files = {}
    for form in formats:
        buffer = io.BytesIO()
        figure.savefig(buffer, format=form, metadata=_NO_DATE.get(form))
        files[form] = buffer.getvalue()
    return files


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin))))
