"""A visitor of the story, played on Streamlit's browser protocol."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from websockets.exceptions import InvalidHandshake, InvalidMessage

from aecore.networks import ARCHITECTURES
from aecore.runs import Run, RunStore
from aecore.specs import TrainingSpec
from tests.bench.soak.notes import Notes
from tests.bench.soak.story import Act, Visit
from tests.bench.student import Ledger, ServerGoneError, Student

_PATIENCE = 180.0
"""Seconds that a visitor tries to reach the server again."""

_LATE = 20.0
"""Seconds after a run's end in which a page that watches it must have said so."""

_GONE = (ServerGoneError, OSError, InvalidHandshake, InvalidMessage)
_STOPPING = ("Stop", "Leave the queue")


@dataclass
class Visitor:
    """Does what the story says, whatever happens to the server; notes what it meets."""

    number: int
    address: str
    store: RunStore
    stroke: str
    notes: Notes
    times: list[float]

    def __post_init__(self) -> None:
        self._ledger = Ledger(interactions=self.times)
        self._student = Student(self.number, self.address, self._ledger)

    async def come(self, visit: Visit) -> None:
        await self._despite_all(self._join)
        for act in visit.acts:
            await self._despite_all(lambda act=act: self._do(act))
            self._report()
            await self._look(act.pause)
        await (self._student.leave() if visit.leaving == "goes" else self._student.vanish())
        self._report()

    async def _join(self) -> None:
        await self._student.join()
        await self._student.open("")

    async def _do(self, act: Act) -> None:
        match act.deed:
            case "look":
                await self._student.open(act.what)
            case "draw":
                await self._draw()
            case "train":
                await self._train(act.what)
            case "stop":
                await self._stop()
            case "reload":
                page, query = self._student.page, self._student.query
                await self._student.leave()
                await self._student.join()
                await self._student.open(page, query)
            case "watch":
                pass  # the pause that follows is what it is about

    async def _draw(self) -> None:
        await self._student.open("draw")
        canvas = next((key for key in self._student.widgets if key.startswith("canvas")), None)
        if canvas is None:
            self.notes.error(f"visitor {self.number}: the page Draw has no canvas")
            return
        await self._student.set(canvas, json_value=self.stroke)
        await self._student.set("bound_draw_noise", double_array_value=[0.5])

    async def _train(self, wish: str) -> None:
        """Press Train: there must be a run afterwards, or a word about why there is none."""
        await self._student.open("train", wish)
        if "Train" not in self._student.widgets:
            self.notes.error(f"visitor {self.number}: the page Train has no such button")
            return
        said = len(self._ledger.sentences)
        await self._student.press("Train")
        if self._watched() == asked_for(wish).key:
            self.notes.wish(self._watched())
        elif len(self._ledger.sentences) == said:
            self.notes.error(f"visitor {self.number}: Train did nothing ({wish})")

    async def _stop(self) -> None:
        button = next((label for label in _STOPPING if label in self._student.widgets), None)
        if button is not None:  # none: the run had ended already
            self.notes.give_up(self._watched())
            await self._student.press(button)

    def _watched(self) -> str:
        return parse_qs(self._student.query).get("run", [""])[0]

    async def _look(self, seconds: float) -> None:
        """Look at the page, which goes on repeating what it repeats; come back if it is cut off."""
        until = time.monotonic() + seconds
        over_since = None
        while time.monotonic() < until:
            await asyncio.sleep(0.5)
            if not self._student.is_connected:
                await self._despite_all(self._nothing)
            is_late = self._student.repeating and self._is_over()
            over_since = (over_since or time.monotonic()) if is_late else None
            if over_since is not None and time.monotonic() - over_since > _LATE:
                self.notes.error(f"visitor {self.number}: {self._watched()} is over, not its page")
                return

    def _is_over(self) -> bool:
        return Run(self.store.root / self._watched()).last_status().is_over

    async def _nothing(self) -> None:
        pass

    async def _despite_all(self, deed: Callable[[], Awaitable[None]]) -> None:
        """Do something; if the server goes meanwhile, come back as a browser does, do it again."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                if self._student.socket is not None and not self._student.is_connected:
                    await self._student.come_back()
                await deed()
            except _GONE:
                await asyncio.sleep(0.5)
            else:
                return
        self.notes.error(f"visitor {self.number}: the server did not come back")

    def _report(self) -> None:
        """Note what the student met since the last time."""
        for error in self._ledger.errors:
            self.notes.error(error)
        for sentence in self._ledger.sentences:
            self.notes.heard(sentence, about=self._watched())
        self._ledger.errors.clear()
        self._ledger.sentences.clear()


def asked_for(wish: str) -> TrainingSpec:
    """What the address of the page Train asks for; the rest is as usual."""
    asked = {name: values[0] for name, values in parse_qs(wish).items()}
    architecture = asked.pop("architecture")
    numbers = {name: int(value) for name, value in asked.items()}
    return TrainingSpec(architecture, code_size=ARCHITECTURES[architecture].code_size, **numbers)
