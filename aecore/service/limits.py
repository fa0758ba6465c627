"""The limits of the training service: configuration by environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields


class ConfigurationError(ValueError):
    """An AELAB_… variable is not a whole number or is negative; the message names it."""


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
        """Raises ConfigurationError if a variable is set to anything but a whole number."""
        chosen = {}
        for field in fields(cls):
            name = f"AELAB_{field.name.upper()}"
            text = environment.get(name, str(field.default))
            if not text.isascii() or not text.isdecimal():
                raise ConfigurationError(f"{name} must be a whole number, not {text!r}")
            chosen[field.name] = int(text)
        return cls(**chosen)
