"""What a soak says at the end: which runs were lost, and what grew."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from aecore.runs import Reason, Run, RunError, RunStore, Status
from tests.bench.soak.notes import Notes
from tests.bench.soak.story import Trouble

_ANSWERS: frozenset[Reason] = frozenset({"not_a_number", "exploded", "no_better_than_mean"})
_DISK: tuple[Trouble, ...] = ("disk full", "folder read-only")
_DEATHS: tuple[Trouble, ...] = ("worker killed", "worker frozen", "server killed", "server stopped")

_LONG_ENOUGH = 240.0
"""Seconds that a server must have lived to be judged: each third is then more than a minute."""


@dataclass(frozen=True)
class Sample:
    """One look at the processes. `life` counts the server's starts; memory in MB of its own."""

    at: float
    life: int
    sessions: int
    server: float
    workers: float
    threads: int
    files: int
    processes: int


MAY_GROW = {"server": (0.05, 10.0), "threads": (0.15, 5), "files": (0.25, 20)}
"""By which share of what it was, and at least by how much, something has grown."""


def trends(samples: Sequence[Sample]) -> list[str]:
    """What grew during the longest life of a server, in words.

    Of that life the first third is warm-up. What the median of the last third has more than that
    of the second one is growth: visitors come as often in both.
    """
    lives = [list(life) for _, life in groupby(samples, key=lambda sample: sample.life)]
    longest = max(lives, key=lambda life: life[-1].at - life[0].at)
    if longest[-1].at - longest[0].at < _LONG_ENOUGH:
        return []
    third = (longest[-1].at - longest[0].at) / 3
    second = [each for each in longest if third <= each.at - longest[0].at < 2 * third]
    last = [each for each in longest if each.at - longest[0].at >= 2 * third]
    found = []
    for name, (share, amount) in MAY_GROW.items():
        before, after = (
            statistics.median(getattr(x, name) for x in part) for part in (second, last)
        )
        if after - before > max(share * before, amount):
            found.append(f"{name} grew from {before:.0f} to {after:.0f}")
    return found


def lost(store: RunStore, notes: Notes) -> list[str]:
    """The runs that were asked for and did not become what their visitors were told, and why.

    Each with what was seen of it.
    """
    return [
        "\n    ".join([f"{name}: {why}", *notes.story.get(name, [])])
        for name in notes.wishes
        for why in _losses(store, name, notes)
    ]


def ends(store: RunStore, notes: Notes) -> str:
    """How the runs ended, and how many so."""
    found: Counter[str] = Counter()
    for name in notes.wishes:
        status = Run(store.root / name).last_status()
        there = (store.root / name / "spec.json").exists()
        found[f"{status.state} {status.message}".strip() if there else "taken back, removed"] += 1
    return ", ".join(f"{count} {end}" for end, count in found.most_common())


def _losses(store: RunStore, name: str, notes: Notes) -> Iterator[str]:
    run, is_given_up = Run(store.root / name), name in notes.given_up
    if not (run.folder / "spec.json").exists():
        if not notes.may_be_gone(name, notes.gone.get(name, notes.now)):
            yield "its folder is gone"
        return
    status = run.last_status()
    if status.state == "done":
        yield from _flaws(run)
    elif not (status.state == "stopped" and is_given_up) and not _is_explained(status, name, notes):
        yield f"is {status.state} {status.message}".strip()
    numbers = set(run.epoch_numbers())
    if missing := notes.epochs.get(name, set()) - numbers:
        yield f"its epochs {sorted(missing)} are gone"
    for number in numbers:
        try:
            run.epoch(number)
        except RunError as error:
            yield str(error)


def _is_explained(status: Status, name: str, notes: Notes) -> bool:
    """Whether a failure is an answer, or comes from what went wrong since the run was asked for."""
    troubles = notes.troubles(since=notes.wishes[name])
    match status.message:
        case "disk_full":
            reason = any(troubles[one] for one in _DISK)
        case "worker_died":
            reason = sum(troubles[one] for one in _DEATHS) > 1
        case _:
            reason = status.message in _ANSWERS
    return status.state == "failed" and reason


def _flaws(run: Run) -> Iterator[str]:
    if run.last_status().message:
        yield f"is done, but says {run.last_status().message}"
    try:
        run.verify()
    except RunError as error:
        yield str(error)
    if run.epoch_numbers() != list(range(1, run.spec().epochs + 1)):
        yield f"has the epochs {run.epoch_numbers()}"
