"""What can be asked of a training: the spec, its settings and its key."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from aecore.networks import ARCHITECTURES
from aecore.settings import N_, Setting, Span

Schedule = Literal["constant", "cosine"]
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)

SETTINGS: dict[str, Setting] = {
    "noise": Setting(
        N_("Noise, σ"),
        N_("Noise added to the inputs while it trains; the answer wanted stays clean."),
        default=0.0,
        accepted=Span(0.0, 3.0, step=0.1),
        offered=Span(0.0, 3.0, step=0.1),
    ),
    "images": Setting(
        N_("Training images"),
        N_("How many of the 60,000 training images it sees in each epoch."),
        default=60_000,
        accepted=Span(1_000, 60_000),
        offered=(1_000, 5_000, 10_000, 30_000, 60_000),
    ),
    "epochs": Setting(
        N_("Epochs"),
        N_("How often it sees each of the training images."),
        default=5,
        accepted=Span(1, 2_000),
        offered=Span(1, 60),
    ),
    "batch_size": Setting(
        N_("Batch size"),
        N_("How many images it looks at before each step."),
        default=256,
        accepted=Span(16, 1_024),
        offered=(32, 64, 128, 256, 512, 1_024),
    ),
    "learning_rate": Setting(
        N_("Learning rate"),
        N_("How large each step is."),
        default=1e-3,
        accepted=Span(1e-5, 0.1, step=1e-5),
        offered=(1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1),
    ),
    "seed": Setting(
        N_("Seed"),
        N_("Another seed is another start of the same training: other random numbers."),
        default=0,
        accepted=Span(0, 9_999),
        offered=Span(0, 9_999),
    ),
}
"""The numbers of a training by their names in the spec. The size of the code is not among them:
each architecture in `aecore.networks` has its own."""

MOST_PROLONGED = 200
"""Epochs that a training may reach by being trained on. Only what ships may take more."""


class SpecError(ValueError):
    """A setting is of the wrong type or outside its bounds; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


_DIGEST = re.compile(r"([0-9a-f]{16})?")


@dataclass(frozen=True)
class TrainingSpec:
    """Everything that decides a training run. Equal specs have equal keys.

    noise         standard deviation of the Gaussian noise added to inputs; 0 trains without
    noise_varies  each image gets its own sigma between 0 and `noise` instead of exactly `noise`
    images        how many of the 60,000 training images are used
    schedule      the learning rate stays constant, or falls to 0 along half a cosine
    brought       digest of weights that a visitor trained elsewhere and brought; "" trains here

    Raises SpecError when a setting is of the wrong type or out of bounds.
    """

    architecture: str
    code_size: int = 32
    noise: float = SETTINGS["noise"].default
    noise_varies: bool = False
    images: int = SETTINGS["images"].default
    epochs: int = SETTINGS["epochs"].default
    batch_size: int = SETTINGS["batch_size"].default
    learning_rate: float = SETTINGS["learning_rate"].default
    schedule: Schedule = "constant"
    seed: int = SETTINGS["seed"].default
    dataset: Literal["mnist"] = "mnist"
    brought: str = ""

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise SpecError("architecture", f"unknown: {self.architecture!r}")
        if self.schedule not in SCHEDULES:
            raise SpecError("schedule", f"unknown: {self.schedule!r}")
        if self.dataset != "mnist":
            raise SpecError("dataset", f"unknown: {self.dataset!r}")
        if not isinstance(self.brought, str) or not _DIGEST.fullmatch(self.brought):
            raise SpecError("brought", "must be 16 hexadecimal digits")
        if not isinstance(self.noise_varies, bool):
            raise SpecError("noise_varies", "must be true or false")
        self._check("code_size", ARCHITECTURES[self.architecture].allowed_code_sizes)
        for name, setting in SETTINGS.items():
            self._check(name, setting.accepted)

    def _check(self, name: str, accepted: Span) -> None:
        value = getattr(self, name)
        if value not in accepted:
            number = "a whole number" if accepted.whole else "a number"
            raise SpecError(
                name, f"must be {number} from {accepted.lowest:g} to {accepted.highest:g}"
            )
        if not accepted.whole:
            object.__setattr__(self, name, float(value))  # 1 and 1.0 are the same wish

    @property
    def can_be_prolonged(self) -> bool:
        """Whether training for fewer epochs is just the beginning of training for more.

        Not where something is spread over the whole training: a learning rate that falls, the
        search of latent2d, whose noise fades, or noise that varies, which grows.
        """
        is_spread_out = ARCHITECTURES[self.architecture].spread_out or self.noise_grows
        return not (is_spread_out or self.schedule != "constant" or self.brought)

    @property
    def noise_grows(self) -> bool:
        """Whether it is mostly weak for a share of the training, then mostly strong."""
        return self.noise_varies and self.noise > 0

    @property
    def key(self) -> str:
        """16 hexadecimal digits of a SHA-256 over all settings: the name of the run's folder."""
        canonical = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON types."""
        settings = asdict(self)
        if not self.brought:
            del settings["brought"]  # runs of the lab's own keep the keys they always had
        return settings

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
