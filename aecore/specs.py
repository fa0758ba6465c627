"""What can be asked of a training: the spec, its bounds and its key."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

Architecture = Literal[
    "plain", "deep", "conv", "denoise_any", "latent2d", "neighbours2d", "sparse", "vae"
]
ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)

Schedule = Literal["constant", "cosine"]
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)


class SpecError(ValueError):
    """A setting is of the wrong type or outside its bounds; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True)
class Bounds:
    """The smallest and largest value a setting may have, both included."""

    lowest: float
    highest: float


BOUNDS: dict[str, Bounds] = {
    "code_size": Bounds(1, 512),
    "noise": Bounds(0.0, 3.0),
    "images": Bounds(1_000, 60_000),
    "epochs": Bounds(1, 200),
    "batch_size": Bounds(16, 1_024),
    "learning_rate": Bounds(1e-5, 0.1),
    "seed": Bounds(0, 9_999),
}

CONV_CODE_SIZE = 7 * 7 * 32
"""The lesson's convolutional net has no dense code: its code is 32 maps of 7 x 7."""

DEFAULT_CODE_SIZE: dict[Architecture, int] = {
    "plain": 32,
    "deep": 32,
    "conv": CONV_CODE_SIZE,
    "denoise_any": 512,
    "latent2d": 2,
    "neighbours2d": 2,
    "sparse": 64,
    "vae": 2,
}


def fixed_code_size(architecture: Architecture) -> bool:
    """Whether the architecture fixes its code size, so that a visitor cannot choose it."""
    return architecture in ("conv", "latent2d", "neighbours2d")


@dataclass(frozen=True)
class TrainingSpec:
    """Everything that decides a training run. Equal specs have equal keys.

    noise         standard deviation of the Gaussian noise added to inputs; 0 trains without
    noise_varies  each image gets its own sigma between 0 and `noise` instead of exactly `noise`
    images        how many of the 60,000 training images are used
    schedule      the learning rate stays constant, or falls to 0 along half a cosine

    Raises SpecError when a setting is of the wrong type or out of bounds.
    """

    architecture: Architecture
    code_size: int = 32
    noise: float = 0.0
    noise_varies: bool = False
    images: int = 60_000
    epochs: int = 10
    batch_size: int = 256
    learning_rate: float = 1e-3
    schedule: Schedule = "constant"
    seed: int = 0
    dataset: Literal["mnist"] = "mnist"

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise SpecError("architecture", f"unknown: {self.architecture!r}")
        if self.schedule not in SCHEDULES:
            raise SpecError("schedule", f"unknown: {self.schedule!r}")
        if self.dataset != "mnist":
            raise SpecError("dataset", f"unknown: {self.dataset!r}")
        if not isinstance(self.noise_varies, bool):
            raise SpecError("noise_varies", "must be true or false")
        for name in ("images", "epochs", "batch_size", "seed"):
            self._check_number(name, whole=True)
        for name in ("noise", "learning_rate"):
            self._check_number(name, whole=False)
        if fixed_code_size(self.architecture):
            required = DEFAULT_CODE_SIZE[self.architecture]
            if self.code_size != required:
                raise SpecError("code_size", f"{self.architecture} has a code of {required}")
        else:
            self._check_number("code_size", whole=True)

    def _check_number(self, name: str, *, whole: bool) -> None:
        value = getattr(self, name)
        accepted = int if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, accepted):
            raise SpecError(name, "must be a whole number" if whole else "must be a number")
        bounds = BOUNDS[name]
        if not (math.isfinite(value) and bounds.lowest <= value <= bounds.highest):
            raise SpecError(name, f"must lie between {bounds.lowest:g} and {bounds.highest:g}")
        if not whole:
            object.__setattr__(self, name, float(value))  # 1 and 1.0 are the same wish

    @property
    def can_be_prolonged(self) -> bool:
        """Whether training for fewer epochs is just the beginning of training for more.

        Not where something is spread over the whole training: a learning rate that falls, or the
        search of latent2d, whose noise fades.
        """
        return self.schedule == "constant" and self.architecture != "latent2d"

    @property
    def key(self) -> str:
        """16 hexadecimal digits of a SHA-256 over all settings: the name of the run's folder."""
        canonical = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, settings: object) -> TrainingSpec:
        """The spec that `to_dict` wrote.

        Raises SpecError on anything else: missing or unknown settings, wrong types, bounds.
        """
        if not isinstance(settings, dict):
            raise SpecError("spec", "must be an object")
        known = {field.name for field in fields(cls)}
        for name in settings:
            if name not in known:
                raise SpecError(str(name), "unknown setting")
        if "architecture" not in settings:
            raise SpecError("architecture", "is missing")
        return cls(**settings)
