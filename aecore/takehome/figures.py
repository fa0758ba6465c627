"""Figures for paper and slides: what each shows, as data, and the process that draws them.

Matplotlib would stay in the server's memory for good, so a short-lived process draws:
`python -m aecore.plots` (see there) reads data from its input and writes files to its output.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from aecore.datasets import Bytes, Floats

Format = Literal["pdf", "svg", "png"]
FORMATS: tuple[Format, ...] = get_args(Format)

_PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Row:
    """Digits side by side: uint8 `(n, 28, 28)`, a label to their left and a note to their right."""

    label: str
    images: Bytes
    note: str = ""


@dataclass(frozen=True)
class DigitRows:
    """Rows of digits over each other."""

    rows: Sequence[Row]


@dataclass(frozen=True)
class Curve:
    """A line.

    name     stands behind the line's end, at the height `name_at`
    title    says more than the name, and stands in a legend
    dash     on and off along the line, in points; (1, 0) for a whole one
    diamond  a place on the line to be marked
    level    whether it is one value, `y[0]`, that belongs to no `x`: a line across the chart
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: str
    name_at: float
    title: str = ""
    dash: tuple[float, ...] = (1, 0)
    thick: bool = False
    diamond: tuple[float, float] | None = None
    level: bool = False


@dataclass(frozen=True)
class Curves:
    """Lines in one chart.

    rules    known values of y, each with its name, to judge the others by
    whole_x  whether only whole numbers make sense on the x axis
    note     a sentence under the chart; for one without a legend
    """

    x_title: str
    y_title: str
    curves: Sequence[Curve]
    rules: Sequence[tuple[float, str]] = ()
    whole_x: bool = False
    note: str = ""


@dataclass(frozen=True)
class Map:
    """Places of digits, float32 `(n, 2)`, and what to show: left, bottom, right, top."""

    title: str
    places: Floats
    shown: tuple[float, float, float, float]


@dataclass(frozen=True)
class Maps:
    """Maps of the same digits side by side; `labels`, uint8 `(n,)`, say which digit each is."""

    maps: Sequence[Map]
    labels: Bytes
    colours: Sequence[str]
    legend: str


Figure = DigitRows | Curves | Maps


class DrawingError(Exception):
    """A figure could not be drawn: the process failed, or took too long."""


@dataclass(frozen=True)
class Illustrator:
    """Whoever draws figures: one process at a time, whatever a class of thirty clicks.

    patience  seconds that a visitor waits for his turn, and again for the drawing
    """

    patience: float = 60.0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def draw(
        self, figures: Mapping[str, Figure], formats: Sequence[Format] = FORMATS
    ) -> dict[str, bytes]:
        """Each figure in each format, as files by their names: {"losses.pdf": …}.

        Raises DrawingError.
        """
        wanted = {
            name: {"kind": type(figure).__name__} | asdict(figure)
            for name, figure in figures.items()
        }
        answer = self._ask({"figures": wanted, "formats": list(formats)})
        return {name: base64.b64decode(content) for name, content in answer.items()}

    def writes(self, text: str) -> bool:
        """Whether this machine has a font with all characters of `text`. Raises DrawingError."""
        return bool(self._ask({"text": text})["complete"])

    def _ask(self, wish: Mapping[str, object]) -> dict[str, Any]:
        if not self._turn.acquire(timeout=self.patience):
            raise DrawingError("others are still waiting for their figures")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "aecore.plots"],
                input=json.dumps(wish, default=np.ndarray.tolist).encode(),
                capture_output=True,
                check=True,
                timeout=self.patience,
                cwd=_PROJECT,
                env={**os.environ, "MPLBACKEND": "agg"},
            )
            answer: dict[str, Any] = json.loads(done.stdout)
        except subprocess.CalledProcessError as error:
            last_words = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise DrawingError(" ".join(last_words)) from error
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise DrawingError(str(error)) from error
        finally:
            self._turn.release()
        return answer
