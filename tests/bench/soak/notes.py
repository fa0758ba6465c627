# ruff: noqa: T201 - it says what it notes
"""What a soak notes while it goes on: errors, sentences, wishes, and how far runs were seen."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from aecore.runs import RunStore
from aecore.service.queue import OPEN
from tests.bench.soak.story import Trouble
from tests.messages import collect

ALARMING = (
    "A file that ships with the lab is missing or was altered: {file}. "
    "Install the lab again; nothing of yours is lost.",
    "The training failed for a reason we did not foresee. Try it again.",
    "There is no such model here. Choose another one.",
    "This model cannot be opened: its file {file} is missing or was altered. Choose another "
    "one; if it is one that ships with the lab, install the lab again.",
    "This server is not set up for training. Its log says why.",
    "This training cannot be taken just now. Try again in a minute.",
)
"""The lab's own sentences, but nothing in this story is a reason to say them."""

TAKEN_BACK = "There is no such training here any more. Train it again, or load another."
"""The lab's own sentence about a run that waited and that nobody wanted any more."""


@dataclass
class Happened:
    """A fault as it came: on the clock of the soak."""

    trouble: Trouble
    begun: float
    ended: float = float("inf")


@dataclass
class Notes:
    """All that is noted, at seconds since the soak began.

    wishes    the runs that were asked for, and when it was last
    given_up  those of them that a visitor stopped
    epochs    the epochs of each that were seen in its folder
    gone      when a folder that had been there was missed first
    story     what was seen of each run, in words, whenever it had changed
    """

    errors: list[str] = field(default_factory=list)
    sentences: Counter[str] = field(default_factory=Counter)
    wishes: dict[str, float] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    happened: list[Happened] = field(default_factory=list)
    epochs: dict[str, set[int]] = field(default_factory=dict)
    gone: dict[str, float] = field(default_factory=dict)
    story: dict[str, list[str]] = field(default_factory=dict)
    _seen: dict[str, str] = field(default_factory=dict)
    _begun: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> float:
        """Seconds since the soak began."""
        return time.monotonic() - self._begun

    def error(self, words: str) -> None:
        self.errors.append(f"{spoken(self.now)} {words}")
        self.say(f"ERROR {words}")

    def say(self, words: str) -> None:
        print(f"{spoken(self.now)} {words}", flush=True)

    def wish(self, run: str) -> None:
        """A visitor was told that this run will be trained."""
        self.wishes[run] = self.now
        self.given_up.discard(run)
        self._tell(run, "asked for")

    def give_up(self, run: str) -> None:
        """A visitor pressed Stop, or left the queue."""
        self.given_up.add(run)
        self._tell(run, "given up")

    def heard(self, sentence: str, *, about: str) -> None:
        """A box of warning or news said this to a visitor who watches the run `about`, or none."""
        self.sentences[sentence] += 1
        is_alarming = any(_shape(alarming).fullmatch(sentence) for alarming in ALARMING)
        if not is_our_own(sentence):
            self.error(f"a sentence that is not the lab's: {sentence}")
        elif is_alarming or (sentence == TAKEN_BACK and about not in self.given_up):
            self.error(f"a visitor who watches {about or 'no run'} was told: {sentence}")

    def look_at(self, store: RunStore) -> None:
        """Note which epochs the runs have finished: none of them may be lost."""
        for name in self.wishes:
            if (store.root / name / "spec.json").exists():
                self.gone.pop(name, None)
                run = store.get(name)
                status, numbers = run.last_status(), run.epoch_numbers()
                self.epochs.setdefault(name, set()).update(numbers)
                words = f"{status.state} {status.message}, attempt {status.attempt}, {numbers}"
                self._tell(name, words)
            elif name in self.epochs:
                since = self.gone.setdefault(name, self.now)
                self._tell(name, "no folder")
                if self.may_be_gone(name, since):
                    self.epochs[name].clear()  # asked for once more, it begins anew

    def may_be_gone(self, run: str, since: float) -> bool:
        """Whether a folder may have been removed by then: given up, or not open for a while."""
        return run in self.given_up or since - self.wishes[run] >= OPEN

    def _tell(self, run: str, words: str) -> None:
        if self._seen.get(run) != words:
            self._seen[run] = words
            self.story.setdefault(run, []).append(f"{spoken(self.now)} {words}")

    def troubles(self, since: float) -> Counter[Trouble]:
        """What went wrong since then."""
        return Counter(each.trouble for each in self.happened if each.ended >= since)


def spoken(seconds: float) -> str:
    return f"{int(seconds) // 60:3d}:{int(seconds) % 60:02d}"


def is_our_own(text: str) -> bool:
    """Whether a text is one of the sentences in the lab's catalogue, filled in."""
    return any(shape.fullmatch(text) for shape in _shapes())


@cache
def _shapes() -> list[re.Pattern[str]]:
    return [
        _shape(message.id) for message in collect() if isinstance(message.id, str) and message.id
    ]


@cache
def _shape(sentence: str) -> re.Pattern[str]:
    """A sentence of the catalogue as what it becomes: anything where it has a gap."""
    return re.compile(".+".join(map(re.escape, re.split(r"\{[^}]*\}", sentence))), re.DOTALL)
