"""The story of a soak: who comes when and does what, and what goes wrong. Drawn before it begins.

Everything at random is drawn here, from a seed: the same seed tells the same story.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Deed = Literal["look", "draw", "train", "watch", "stop", "reload"]
Leaving = Literal["goes", "vanishes"]
Trouble = Literal[
    "worker killed",
    "worker frozen",
    "disk full",
    "folder read-only",
    "clock moved",
    "server stopped",
    "server killed",
]

PAGES = ("", "train", "draw", "denoise", "inside", "latent")
TRAININGS = (
    "architecture=plain&images=10000&epochs=3",
    "architecture=plain&images=10000&epochs=12",
    "architecture=deep&images=10000&epochs=4",
    "architecture=conv&images=5000&epochs=2",
)
"""From a few seconds to half a minute on two cores, so that faults meet some of them."""

_SEEDS = 150
_ARRIVALS = 9.0
"""Seconds between two visitors, on average."""

_GAP = (12.0, 30.0)
"""Seconds without trouble between two faults."""

_SECONDS: dict[Trouble, tuple[float, float]] = {
    "worker killed": (0.0, 0.0),
    "worker frozen": (2.0, 35.0),
    "disk full": (5.0, 30.0),
    "folder read-only": (5.0, 30.0),
    "clock moved": (0.0, 0.0),
    "server stopped": (0.0, 4.0),
    "server killed": (0.0, 4.0),
}
_OF_SERVER = ("server stopped", "server killed")
_WITHOUT_SERVERS_END = (0.25, 0.9)
"""In this part of the story the server lives on: long enough to see whether it grows."""

_DAYS = (-400.0, 400.0)


@dataclass(frozen=True)
class Act:
    """One thing that a visitor does, and the seconds he looks at what comes of it.

    what  a page to look at, or the address of a training
    """

    deed: Deed
    pause: float
    what: str = ""


@dataclass(frozen=True)
class Visit:
    """A visitor: the second he comes, what he does one after the other, and how he goes."""

    at: float
    acts: tuple[Act, ...]
    leaving: Leaving


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong: when, and for how many seconds.

    days  how far the clock is moved
    """

    at: float
    trouble: Trouble
    seconds: float
    days: float = 0.0


@dataclass(frozen=True)
class Story:
    """`seconds` is when the last fault is over and the last visitor has come."""

    seconds: float
    visits: tuple[Visit, ...]
    faults: tuple[Fault, ...]

    @classmethod
    def drawn(cls, seed: int, seconds: float) -> Story:
        chance = random.Random(seed)  # noqa: S311 - not a secret
        return cls(seconds, tuple(_visits(chance, seconds)), tuple(_faults(chance, seconds)))


def _visits(chance: random.Random, seconds: float) -> Iterator[Visit]:
    at = 0.0
    while at < seconds:
        yield Visit(at, tuple(_acts(chance)), chance.choice(get_args(Leaving)))
        at += chance.expovariate(1 / _ARRIVALS)


def _acts(chance: random.Random) -> Iterator[Act]:
    for _ in range(chance.randint(1, 3)):
        match chance.choice(("look", "draw", "train")):
            case "look":
                yield _act(chance, "look", chance.choice(PAGES))
            case "draw":
                yield _act(chance, "draw")
            case _:
                yield from _training(chance)
        if chance.random() < 0.3:
            yield _act(chance, "reload")


def _training(chance: random.Random) -> Iterator[Act]:
    """Train, and stay for it, stop it, or turn to something else."""
    wish = f"{chance.choice(TRAININGS)}&seed={chance.randrange(_SEEDS)}"
    yield _act(chance, "train", wish)
    match chance.choice(("stay", "stay", "stop", "turn away")):
        case "stay":
            yield Act("watch", round(chance.uniform(10, 60), 1))
        case "stop":
            yield Act("stop", 2.0)


def _act(chance: random.Random, deed: Deed, what: str = "") -> Act:
    return Act(deed, round(chance.uniform(1, 6), 1), what)


def _faults(chance: random.Random, seconds: float) -> Iterator[Fault]:
    """One after the other, and none so late that it would outlast the story.

    Each trouble comes once before any comes again, so that a short story has all of them, too.
    """
    at, bag = chance.uniform(*_GAP), list[Trouble]()
    while True:
        lives_on = _WITHOUT_SERVERS_END[0] * seconds < at < _WITHOUT_SERVERS_END[1] * seconds
        possible = [one for one in get_args(Trouble) if not (lives_on and one in _OF_SERVER)]
        if not set(bag) & set(possible):
            bag = chance.sample(possible, len(possible))
            bag.sort(key=lambda one: one not in _OF_SERVER)  # the server's while they may come
        trouble = next(one for one in bag if one in possible)
        bag.remove(trouble)
        lasts = round(chance.uniform(*_SECONDS[trouble]), 1)
        if at + lasts > seconds:
            return
        days = round(chance.uniform(*_DAYS), 2) if trouble == "clock moved" else 0.0
        yield Fault(round(at, 1), trouble, lasts, days)
        at += lasts + chance.uniform(*_GAP)
