# ruff: noqa: T201 - it prints what it measured
"""What the browser answers by itself, and what that costs: `python -m tests.bench.live`.

With the six models of the default set: from the pen's move, and from the slider's, until every row
is painted, on a screen that shows all six; the messages that the server gets meanwhile; frames a
second on a processor four times as slow, there and on a phone's screen; from a fresh server's first
page until it is live; what travels; and how well the denoiser for all noises does on the 10,000
test images, noise of seed 0.
"""

from __future__ import annotations

import asyncio
import math
import statistics
import tempfile
import time
from pathlib import Path

from playwright.async_api import ViewportSize, async_playwright
from playwright.sync_api import Browser, Page, Response, sync_playwright

from aecore.autoencoder import Autoencoder
from aecore.datasets import load_mnist, to_float
from aecore.metrics import bce, mse
from aecore.noise import add_noise
from aecore.ui.models import PRETRAINED
from aecore.ui.state import Visit
from tests.chromium import find_chromium
from tests.conftest import serving, settled

SIX = ",".join(Visit().models)
ALL_ROWS = ViewportSize(width=1280, height=1800)
PHONE = ViewportSize(width=390, height=844)

SECONDS = 4.0
"""How long the pen draws."""

MOVES = 60
"""How often a second a mouse says where it is, whether or not the page is ready to hear it."""

SLOWER = 4
"""A phone's processor, as Chromium imitates it."""

_FIRST_LIVE = "performance.getEntriesByName('live-strip-ready')[0]?.startTime ?? 0"
_PAINTED = "performance.getEntriesByName('live-strip').map(({ duration }) => duration)"
_FRAMES_A_SECOND = """() => {
  const frames = performance.getEntriesByName('live-strip');
  const ends = frames.map(({ startTime, duration }) => startTime + duration);
  return 1000 * (ends.length - 1) / (Math.max(...ends) - Math.min(...ends));
}"""


class Visitor:
    """A fresh browser on a page whose strips are live; what it sends and fetches is counted."""

    def __init__(self, chromium: Browser, address: str, path: str) -> None:
        context = chromium.new_context(viewport=ALL_ROWS)
        self.page = context.new_page()
        self.sent = 0
        self.fetched: dict[str, int] = {}
        self.page.on("websocket", lambda socket: socket.on("framesent", self._count))
        self.page.on("response", self._weigh)
        self.page.goto(f"{address}/{path}")
        self.page.wait_for_function(f"{_FIRST_LIVE} > 0", timeout=60_000)
        self.seconds_to_live = float(self.page.evaluate(_FIRST_LIVE)) / 1000
        settled(self.page)

    def _count(self, _frame: object) -> None:
        self.sent += 1

    def _weigh(self, response: Response) -> None:
        if response.url.endswith(".bin"):
            self.fetched[response.url] = int(response.headers.get("content-length", 0))

    def close(self) -> None:
        self.page.context.close()


async def draw_for_a_while(
    address: str, viewport: ViewportSize, slower: float
) -> tuple[list[float], float, int]:
    """Circles, with the button down all the time.

    The milliseconds from each move to its picture, pictures a second, and messages to the server.
    """
    sent = 0

    def count(_frame: object) -> None:
        nonlocal sent
        sent += 1

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await chromium.new_page(viewport=viewport)
        page.on("websocket", lambda socket: socket.on("framesent", count))
        await page.goto(f"{address}/draw?models={SIX}")
        await page.wait_for_function(f"{_FIRST_LIVE} > 0", timeout=60_000)
        await page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        session = await page.context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        box = await page.locator("canvas.upper-canvas").bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.move(middle[0] + 70, middle[1])
        await page.mouse.down()
        await page.evaluate("performance.clearMeasures('live-strip')")
        before, start, moves = sent, time.monotonic(), []
        while (passed := time.monotonic() - start) < SECONDS:
            radius = 40 + 8 * passed
            at = {
                "x": middle[0] + radius * math.cos(3 * passed),
                "y": middle[1] + 1.3 * radius * math.sin(3 * passed),
            }
            event = {"type": "mouseMoved", "button": "left", "buttons": 1, **at}
            moves.append(asyncio.create_task(session.send("Input.dispatchMouseEvent", event)))
            await asyncio.sleep(max(0, start + len(moves) / MOVES - time.monotonic()))
        await asyncio.gather(*moves)
        painted = await page.evaluate(_PAINTED)
        return painted, await page.evaluate(_FRAMES_A_SECOND), sent - before


def slide(page: Page) -> None:
    """The noise from nothing to much, with the button down."""
    slider = page.locator(".st-key-bound_draw_noise")
    track = slider.get_by_test_id("stSlider").bounding_box()
    thumb = slider.locator("input").bounding_box()
    assert track is not None
    assert thumb is not None
    height = thumb["y"] + thumb["height"] / 2
    page.mouse.move(thumb["x"] + thumb["width"] / 2, height)
    page.mouse.down()
    page.evaluate("performance.clearMeasures('live-strip')")
    page.mouse.move(track["x"] + track["width"] - 4, height, steps=60)


def spoken(milliseconds: list[float]) -> str:
    slow = statistics.quantiles(milliseconds, n=20)[-1]
    half = statistics.median(milliseconds)
    return f"half within {half:5.1f} ms, 5 % longer than {slow:5.1f} ms (n={len(milliseconds)})"


def report_the_pen(address: str) -> None:
    painted, frames, sent = asyncio.run(draw_for_a_while(address, ALL_ROWS, 1))
    print(f"pen    to six rows painted: {spoken(painted)}, {frames:.1f} frames a second")
    print(f"messages to the server meanwhile {sent:4}")
    for screen, viewport in (("six rows", ALL_ROWS), ("a phone", PHONE)):
        painted, frames, _ = asyncio.run(draw_for_a_while(address, viewport, SLOWER))
        print(f"{SLOWER} times slower, {screen} in view: {frames:5.1f} frames a second")


def report_the_slider(chromium: Browser, address: str) -> None:
    visitor = Visitor(chromium, address, f"draw?models={SIX}")
    sizes, sent = visitor.fetched.values(), visitor.sent
    slide(visitor.page)
    print(f"slider to six rows painted: {spoken(visitor.page.evaluate(_PAINTED))}")
    print(f"messages to the server meanwhile {visitor.sent - sent:4}")
    print(f"weights of the default set      {sum(sizes) / 1e6:6.2f} MB, {len(sizes)} models")
    visitor.close()


def report_first_pages(chromium: Browser) -> None:
    for name, path in (("Learn", ""), ("Draw", "draw")):
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as address:
            visitor = Visitor(chromium, address, path)
            print(f"first page to live, {name:6}      {visitor.seconds_to_live:6.2f} s")
            visitor.close()


def report_the_denoiser() -> None:
    model = Autoencoder.load(PRETRAINED.get("denoise_any").folder)
    images = to_float(load_mnist().test_images)
    for sigma in (0.4, 0.5, 1.0, 2.0, 3.0):
        answers = model.reconstruct(add_noise(images, "gaussian", sigma, seed=0))
        scores = f"BCE {bce(images, answers):.4f}, MSE {mse(images, answers):.4f}"
        print(f"denoise_any at σ {sigma}: {scores}")


def main() -> None:
    report_the_denoiser()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as address:
        report_the_pen(address)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        report_first_pages(chromium)
        with serving(Path(folder)) as address:
            report_the_slider(chromium, address)
        chromium.close()


if __name__ == "__main__":
    main()
