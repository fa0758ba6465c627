"""Students as a server sees them: Streamlit's browser protocol over a websocket, without a browser.

Painting in a class of browsers would need a class of machines. What the canvas sends when somebody
draws is recorded once from a real Chromium.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from playwright.async_api import async_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.chromium import find_shell

ANSWER = 60.0


@dataclass
class Ledger:
    """What all students together met; `sentences` are what boxes of warning or news said."""

    interactions: list[float] = field(default_factory=list)
    refreshes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    served: set[int] = field(default_factory=set)
    sentences: list[str] = field(default_factory=list)


class ServerGoneError(Exception):
    """The connection ended before the answer came."""


@dataclass
class Student:
    """One browser's session: the widgets that its page holds, and how it answers them.

    query      what its address says now: pages write their visitor's choices there
    repeating  the fragments that it runs again and again, as the server wished
    """

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
    is_connected: bool = False
    _old: set[str] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def join(self) -> None:
        self.socket = await connect(
            f"ws://{self.address}/_stcore/stream", subprotocols=["streamlit"], max_size=None
        )  # type: ignore[list-item]
        self.is_connected = True
        self._in_background(self._listen())

    def _in_background(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def leave(self) -> None:
        assert self.socket is not None
        await self.socket.close()
        await self._let_go()

    async def vanish(self) -> None:
        """Go without a word, as a laptop does whose lid is closed."""
        assert self.socket is not None
        self.socket.transport.abort()
        await self._let_go()

    async def come_back(self) -> None:
        """What a browser does when its server was gone: the same page again, as it was set."""
        await self._let_go()
        await self.join()
        await self._ask()

    async def _let_go(self) -> None:
        """End everything that happens in the background."""
        self._repeat_no_more()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.is_connected = False

    async def open(self, page: str, query: str = "") -> None:
        """Go to a page, as by its link."""
        async with self._turn:  # nothing repeats itself just now
            self.page, self.script, self.query = page, "", query
            self._repeat_no_more()
            self.widgets.clear()
            self._old.clear()
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
        try:
            await self.socket.send(message.SerializeToString())
            await asyncio.wait_for(self._finished.wait(), ANSWER)
        except ConnectionClosed as error:
            raise ServerGoneError from error
        except TimeoutError:
            what = "a refresh" if automatic else f"{fragment or 'the page'} {self.page}"
            self.ledger.errors.append(f"student {self.number}: no answer to {what}")
        if not self.is_connected:
            raise ServerGoneError

    async def _listen(self) -> None:
        assert self.socket is not None
        try:
            async for content in self.socket:
                assert isinstance(content, bytes)
                self._hear(ForwardMsg.FromString(content))
        except ConnectionClosed:
            pass
        finally:
            self.is_connected = False
            self._finished.set()

    def _hear(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self._show(message.delta.new_element, message.delta.fragment_id)
            case "script_finished":
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    self._drop_what_is_old()
                    self._finished.set()
            case "new_session":
                self._begin(set(message.metadata.run.fragment_ids))
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "navigation":
                self.script = message.navigation.page_script_hash
            case "stop_auto_rerun":
                self._repeat_no_more(*message.stop_auto_rerun.fragment_ids)
            case "auto_rerun":
                name, seconds = message.auto_rerun.fragment_id, message.auto_rerun.interval
                if name not in self.repeating:
                    self.repeating[name] = self._in_background(self._repeat(name, seconds))

    def _begin(self, fragments: set[str]) -> None:
        """These come anew, or the whole page, with its own repeating fragments."""
        if not fragments:
            self._repeat_no_more()
        self._old = {
            key for key, (_, home) in self.widgets.items() if not fragments or home in fragments
        }

    def _show(self, element: object, fragment: str) -> None:
        kind = element.WhichOneof("type")  # type: ignore[attr-defined]
        shown = getattr(element, kind)
        if kind == "exception":
            self.ledger.errors.append(f"student {self.number}: {shown.message}")
        if kind == "alert":
            self.ledger.sentences.append(shown.body)
        identifier = getattr(shown, "id", "")
        if identifier.startswith("$$ID-"):
            names = [identifier[len("$$ID-") + 33 :], *([shown.label] if kind == "button" else [])]
            for name in names:
                self.widgets[name] = (identifier, fragment)
                self._old.discard(name)

    def _drop_what_is_old(self) -> None:
        """What a run did not show again is no longer on the page: nobody can press it."""
        for key in self._old:
            del self.widgets[key]
        self._old.clear()

    def _repeat_no_more(self, *fragments: str) -> None:
        """End the repetition of these fragments, or of all."""
        for name in fragments or tuple(self.repeating):
            self.repeating.pop(name, None)

    async def _repeat(self, fragment: str, seconds: float) -> None:
        """What a browser does for `run_every`, until the page goes or repeats it anew."""
        this = asyncio.current_task()
        while self.is_connected and self.repeating.get(fragment) is this:
            await asyncio.sleep(seconds)
            async with self._turn:
                if self.repeating.get(fragment) is this:
                    start = time.perf_counter()
                    with suppress(ServerGoneError):
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
            executable_path=find_shell(), args=["--no-sandbox", "--disable-gpu"]
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


@asynccontextmanager
async def classroom(address: str, ledger: Ledger, count: int) -> AsyncIterator[list[Student]]:
    students = [Student(number, address, ledger) for number in range(count)]
    await asyncio.gather(*(student.join() for student in students))
    yield students
    await asyncio.gather(*(student.leave() for student in students))
