"""A thing that can be set, described once: to whoever checks it, shows it, or writes it down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for the catalogue of translations; pages look it up where they show it."""
    return text


@dataclass(frozen=True)
class Span:
    """Numbers from `lowest` to `highest`, both included; `step` is what a slider moves by."""

    lowest: float
    highest: float
    step: float = 1

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.step, int)

    def __contains__(self, value: object) -> bool:
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            return False
        return math.isfinite(value) and self.lowest <= value <= self.highest


@dataclass(frozen=True)
class Setting:
    """One number that can be set.

    title, help  for visitors, in English
    default      where it stands until somebody moves it
    accepted     what may be asked for
    offered      what a page offers: a slider's span, or a few values to choose from
    """

    title: str
    help: str
    default: Any  # int or float, as the setting is
    accepted: Span
    offered: Span | tuple[float, ...]
