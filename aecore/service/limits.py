"""The limits of the training service: configuration by environment variables."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

_LOWEST = {
    "sessions": 1,
    "browser_sessions": 1,
    "job_seconds": 10,
    "hang_seconds": 10,  # while it loads TensorFlow, a worker shows no life for seconds
    "runs_megabytes": 100,  # the largest network's run takes half of it
}
"""The least that the lab works with. All else may be 0: then nobody trains, or waits."""

_HIGHEST = 1_000_000_000
"""Seconds that every system can count, and more than anybody means of anything else."""

_DIGITS = 20
"""A number with more of them is none: Python would refuse to read a very long one."""


@dataclass(frozen=True)
class Limits:
    """What one server allows. Every field is set by AELAB_ and its name in capitals.

    sessions           how many pages of the lab may be open at once
    browser_sessions   how many of them in one browser
    trainings_an_hour  how many trainings may begin within an hour
    browser_trainings_an_hour  how many of them may be asked for from one browser
    queue_length       how many jobs may wait, one of each browser
    job_seconds        how long one job may train; what it has learnt by then is kept
    hang_seconds       how long a job may outlast `job_seconds`, or stay silent, before its
                       worker ends, or is ended, by force
    runs_megabytes     disk for finished runs; the least recently used are removed
    idle_seconds       how long an idle worker lives on
    """

    sessions: int = 200
    browser_sessions: int = 12
    trainings_an_hour: int = 1_000
    browser_trainings_an_hour: int = 60
    queue_length: int = 30
    job_seconds: int = 1_800
    hang_seconds: int = 60
    runs_megabytes: int = 1_000
    idle_seconds: int = 300

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """What the variables say; of each that cannot be obeyed, a sentence in the log."""
        return cls(**{each.name: _read(environment, each.name) for each in fields(cls)})


def _read(environment: Mapping[str, str], name: str) -> int:
    """One limit: as its variable says, or the nearest that works, or the usual one for no number.

    A variable that is empty is as good as unset.
    """
    variable, lowest = f"AELAB_{name.upper()}", _LOWEST.get(name, 0)
    usual: int = getattr(Limits, name)
    text = environment.get(variable) or str(usual)
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    asked = int(text) if is_number else usual
    taken = min(max(asked, lowest), _HIGHEST)
    if not is_number or taken != asked:
        logging.getLogger(__name__).warning(
            "%s must be a whole number from %d to %d, not %r: the lab takes %d",
            variable,
            lowest,
            _HIGHEST,
            text[: 2 * _DIGITS],
            taken,
        )
    return taken
