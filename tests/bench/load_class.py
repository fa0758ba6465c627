# ruff: noqa: T201 - it prints what it measured
"""Thirty students and one server: `make load`.

Each student is a session of its own that speaks Streamlit's browser protocol over a websocket: it
joins, draws, moves sliders, presses Train, and watches. What the canvas sends when somebody draws
is recorded once from a real Chromium. An interaction is timed from sending it until the server has
finished answering; painting in thirty browsers would need thirty machines.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import async_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from aecore.runs import RunStore
from aecore.specs import TrainingSpec
from tests.chromium import find_chromium
from tests.conftest import PROJECT, free_port

IDLE_SECONDS = 20
PATIENCE = 900.0
ANSWER = 60.0
LOOKING = (2.0, 6.0)
"""Seconds that a student looks at an answer before touching anything again."""


@dataclass
class Ledger:
    """What all students together met."""

    interactions: list[float] = field(default_factory=list)
    refreshes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    served: set[int] = field(default_factory=set)


@dataclass
class Student:
    """One browser's session: the widgets it was shown, and how it answers them."""

    number: int
    address: str
    ledger: Ledger
    page: str = ""
    script: str = ""
    query: str = ""
    widgets: dict[str, tuple[str, str]] = field(default_factory=dict)
    states: dict[str, WidgetState] = field(default_factory=dict)
    repeating: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    socket: ClientConnection | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def join(self) -> None:
        self.socket = await connect(
            f"ws://{self.address}/_stcore/stream", subprotocols=["streamlit"], max_size=None
        )  # type: ignore[list-item]
        self._in_background(self._listen())

    def _in_background(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        assert self.socket is not None
        await self.socket.close()

    async def open(self, page: str, query: str = "") -> None:
        """Go to a page, as by its link."""
        async with self._turn:  # nothing repeats itself just now
            self.page, self.script, self.query = page, "", query
            self._repeat_no_more()
            self.widgets.clear()
            self.states.clear()
        await self._ask()

    async def set(self, key: str, **value: object) -> None:
        """Move a widget to a value; only its fragment runs, if it is in one."""
        identifier, fragment = self.widgets[key]
        state = WidgetState(id=identifier)
        for name, content in value.items():
            if isinstance(content, list):
                getattr(state, name).data.extend(content)
            else:
                setattr(state, name, content)
        is_trigger = "trigger_value" in value
        if not is_trigger:
            self.states[identifier] = state
        await self._ask(fragment, state if is_trigger else None)

    async def press(self, label: str) -> None:
        await self.set(label, trigger_value=True)

    async def _ask(self, fragment: str = "", trigger: WidgetState | None = None) -> None:
        async with self._turn:
            start = time.perf_counter()
            await self._rerun(fragment, trigger, automatic=False)
            self.ledger.interactions.append(time.perf_counter() - start)

    async def _rerun(self, fragment: str, trigger: WidgetState | None, *, automatic: bool) -> None:
        message = BackMsg()
        wish = message.rerun_script
        wish.page_name, wish.page_script_hash = "" if self.script else self.page, self.script
        wish.query_string = self.query
        wish.fragment_id, wish.is_auto_rerun = fragment, automatic
        wish.widget_states.widgets.extend(self.states.values())
        if trigger is not None:
            wish.widget_states.widgets.append(trigger)
        wish.context_info.locale = "en-GB"
        self._finished.clear()
        assert self.socket is not None
        await self.socket.send(message.SerializeToString())
        try:
            await asyncio.wait_for(self._finished.wait(), ANSWER)
        except TimeoutError:
            what = "a refresh" if automatic else f"{fragment or 'the page'} {self.page}"
            self.ledger.errors.append(f"student {self.number}: no answer to {what}")

    async def _listen(self) -> None:
        assert self.socket is not None
        with suppress(asyncio.CancelledError):
            async for content in self.socket:
                assert isinstance(content, bytes)
                self._hear(ForwardMsg.FromString(content))

    def _hear(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self._show(message.delta.new_element, message.delta.fragment_id)
            case "script_finished":
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    self._finished.set()
            case "new_session" if not message.metadata.run.fragment_ids:
                self._repeat_no_more()  # a whole page comes, with its own repeating fragments
            case "navigation":
                self.script = message.navigation.page_script_hash
            case "stop_auto_rerun":
                self._repeat_no_more(*message.stop_auto_rerun.fragment_ids)
            case "auto_rerun":
                name, seconds = message.auto_rerun.fragment_id, message.auto_rerun.interval
                if name not in self.repeating:
                    self.repeating[name] = self._in_background(self._repeat(name, seconds))

    def _show(self, element: object, fragment: str) -> None:
        kind = element.WhichOneof("type")  # type: ignore[attr-defined]
        shown = getattr(element, kind)
        if kind == "exception":
            self.ledger.errors.append(f"student {self.number}: {shown.message}")
        identifier = getattr(shown, "id", "")
        if identifier.startswith("$$ID-"):
            key = identifier[len("$$ID-") + 33 :]
            self.widgets[key] = (identifier, fragment)
            if kind == "button":
                self.widgets[shown.label] = (identifier, fragment)

    def _repeat_no_more(self, *fragments: str) -> None:
        """End the repetition of these fragments, or of all."""
        for name in fragments or tuple(self.repeating):
            self.repeating.pop(name, None)

    async def _repeat(self, fragment: str, seconds: float) -> None:
        """What a browser does for `run_every`, until the page goes or repeats it anew."""
        this = asyncio.current_task()
        while self.repeating.get(fragment) is this:
            await asyncio.sleep(seconds)
            async with self._turn:
                if self.repeating.get(fragment) is this:
                    start = time.perf_counter()
                    await self._rerun(fragment, None, automatic=True)
                    self.ledger.refreshes.append(time.perf_counter() - start)


async def record_stroke(address: str) -> str:
    """Draw once in Chromium; the JSON that the canvas sends."""
    sent: list[str] = []

    def hear(payload: bytes | str) -> None:
        if isinstance(payload, str):
            return
        widgets = BackMsg.FromString(payload).rerun_script.widget_states.widgets
        sent.extend(state.json_value for state in widgets if "canvas" in state.id)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page()
        page.on("websocket", lambda socket: socket.on("framesent", hear))
        await page.goto(f"http://{address}/draw")
        canvas = page.locator("canvas.upper-canvas").first
        await canvas.wait_for(timeout=60_000)
        box = await canvas.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + 60, box["y"] + 60)
        await page.mouse.down()
        for x, y in ((200, 60), (140, 140), (100, 240)):
            await page.mouse.move(box["x"] + x, box["y"] + y, steps=6)
        await page.mouse.up()
        deadline = time.monotonic() + 60
        while not any(sent):
            assert time.monotonic() < deadline, "the canvas sent nothing"
            await page.wait_for_timeout(50)
        await browser.close()
    return sent[-1]


async def play(student: Student, stroke: str, *, times: int) -> None:
    """Draw and move the noise slider on the page Draw."""
    await student.open("draw")
    for _ in range(times):
        canvas = next(key for key in student.widgets if key.startswith("canvas"))
        await asyncio.sleep(random.uniform(*LOOKING))  # noqa: S311 - not a secret
        await student.set(canvas, json_value=stroke)
        level = round(random.uniform(0, 1.5) / 0.05) * 0.05  # noqa: S311 - nor is this
        await student.set("bound_draw_noise", double_array_value=[level])
        await asyncio.sleep(random.uniform(*LOOKING))  # noqa: S311 - nor is this


async def train(student: Student, seed: int) -> TrainingSpec:
    """Press Train on the page Train."""
    await student.open("train", f"images=10000&epochs=5&seed={seed}")
    await student.press("Train")
    return TrainingSpec("plain", images=10_000, epochs=5, seed=seed)


async def ended(runs: Path, specs: set[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    store = RunStore(runs)
    while not all((runs / key / "checksums.json").exists() for key in specs):
        assert time.monotonic() < deadline, "the trainings did not end"
        await asyncio.sleep(0.1)
    states = {store.get(key).last_status().state for key in specs}
    assert states <= {"done", "keeping", "running"}, states


@contextmanager
def serving(runs: Path) -> Iterator[tuple[str, int]]:
    """A server; yields its address and its process."""
    port = free_port()
    environment = {
        **os.environ,
        "AELAB_RUNS": str(runs),
        "AELAB_IDLE_SECONDS": str(IDLE_SECONDS),
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"127.0.0.1:{port}"
    try:
        while True:
            with suppress(OSError), urllib.request.urlopen(f"http://{address}/_stcore/health"):
                break
            time.sleep(0.1)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


def megabytes(root: int) -> dict[int, float]:
    """Memory of a process and of those below it: resident, shared pages counted by share."""
    parents = {}
    for task in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(task.parent.name)] = int(task.read_text().rpartition(")")[2].split()[1])
    family = {root}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    found = {}
    for process in family:
        with suppress(OSError):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            found[process] = int(rollup.split("\nPss:")[1].split()[0]) / 1024
    return found


@dataclass
class MemoryWatch:
    """The largest memory of the server and of its workers seen together."""

    server: int
    peak: dict[int, float] = field(default_factory=dict)

    async def watch(self) -> None:
        while True:
            now = megabytes(self.server)
            if sum(now.values()) > sum(self.peak.values()):
                self.peak = now
            await asyncio.sleep(0.5)


@asynccontextmanager
async def classroom(address: str, ledger: Ledger, count: int) -> AsyncIterator[list[Student]]:
    students = [Student(number, address, ledger) for number in range(count)]
    await asyncio.gather(*(student.join() for student in students))
    yield students
    await asyncio.gather(*(student.leave() for student in students))


def slowest(interactions: list[float]) -> str:
    """The boundary of the slowest 5 %, and the median."""
    cut = statistics.quantiles(interactions, n=20)[-1]
    middle = statistics.median(interactions)
    return (
        f"5 % took longer than {cut:.2f} s, half longer than {middle:.2f} s (n={len(interactions)})"
    )


async def lesson(runs: Path, address: str, server: int, count: int) -> None:
    stroke = await record_stroke(address)
    warm_up = Ledger()
    async with classroom(address, warm_up, 1) as (one,):
        await play(one, stroke, times=2)
        spec = await train(one, seed=1)
        await ended(runs, {spec.key})
        start = time.monotonic()
        spec = await train(one, seed=2)
        await ended(runs, {spec.key})
        alone = time.monotonic() - start
    print(f"one training alone, from click to model: {alone:.1f} s")
    await asyncio.sleep(IDLE_SECONDS + 10)
    before = sum(megabytes(server).values())

    memory = MemoryWatch(server)
    watching = asyncio.create_task(memory.watch())
    same, different = Ledger(), Ledger()
    async with classroom(address, same, count) as students:
        await asyncio.gather(*(play(student, stroke, times=3) for student in students))
        print(f"all draw and move sliders, nothing trains: {slowest(same.interactions)}")
        same.interactions.clear()
        there = set(RunStore(runs).names())
        specs = await asyncio.gather(*(train(student, seed=100) for student in students))
        await ended(runs, {spec.key for spec in specs})
        trained = len(set(RunStore(runs).names()) - there)
        print(f"same spec: {count} asked, {trained} trained; {slowest(same.interactions)}")

        for student in students:
            student.ledger = different
        start = time.monotonic()
        asked = await asyncio.gather(
            *(train(student, seed=200 + student.number) for student in students)
        )
        keys = {spec.key for spec in asked}
        everything_trained = asyncio.create_task(ended(runs, keys))

        async def pass_the_time(student: Student) -> None:
            while not everything_trained.done():
                await play(student, stroke, times=2)
                await student.open("train", f"run={asked[student.number].key}")
                await asyncio.sleep(random.uniform(*LOOKING))  # noqa: S311 - nor is this
            different.served.add(student.number)

        passing = [asyncio.create_task(pass_the_time(student)) for student in students]
        await everything_trained
        total = time.monotonic() - start
        await asyncio.gather(*passing)
    watching.cancel()

    peak = memory.peak
    of_server, of_workers = peak.pop(server), sum(peak.values())
    print(f"different specs: {slowest(different.interactions)} (goal: 5 % under 1 s)")
    print(f"their pages' own refreshes while they watch: {slowest(different.refreshes)}")
    print(f"{count} different trainings: {total:.1f} s, {total / alone / count:.2f} times "
          f"{count} x one alone (goal: 1.2)")  # fmt: skip
    print(f"sessions served: {len(different.served)} of {count}")
    errors = same.errors + different.errors
    print(f"errors: {len(errors)} {errors[:3]}")
    print(f"peak memory: server {of_server:.0f} MB + worker {of_workers:.0f} MB = "
          f"{of_server + of_workers:.0f} MB (goal: 1,000)")  # fmt: skip
    await asyncio.sleep(IDLE_SECONDS + 10)
    after = sum(megabytes(server).values())
    print(f"memory before all came {before:.0f} MB, after all left {after:.0f} MB: "
          f"{after / before - 1:+.0%} (goal: within 15 %)")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    count = parser.parse_args().students
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (address, server):
        asyncio.run(lesson(Path(folder), address, server, count))


if __name__ == "__main__":
    main()
