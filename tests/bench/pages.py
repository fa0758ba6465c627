# ruff: noqa: T201 - it prints what it measured
"""What a visitor waits for and what the server weighs: `python -m tests.bench.pages`.

All in one run on one machine: the server's start to the first picture; pen up to new
reconstructions, beside a bare slider with its text; resident memory, idle and with every page
visited and every model opened; the latent map from the page's opening to its first painted
picture, and under the mouse.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, expect, sync_playwright

from aecore.shipped import SHIPPED
from tests.chromium import find_chromium
from tests.conftest import serving, settled
from tests.ui.draw.test_in_browser import draw, open_draw, reconstruction

STROKES = 10
LIVE = "live-strip-ready"
EVERY_MODEL = ",".join([*SHIPPED, "pca"])
BARE = """
import streamlit as st
st.write("value is", st.slider("bare", 0, 100))
"""


def first_picture(page: Page, runs: Path) -> float:
    """Seconds from starting a server until the Learn page's first reconstruction is there."""
    start = time.monotonic()
    with serving(runs) as address:
        page.goto(address)
        page.locator(".strip-stage.decoded img").first.wait_for(timeout=60_000)
        return time.monotonic() - start


def pen_up_to_picture(page: Page, address: str) -> list[float]:
    """Seconds from pen up until the first model's reconstruction has changed, stroke by stroke."""
    open_draw(page, address)
    seconds = []
    for number in range(STROKES):
        before = reconstruction(page)
        draw(page, [(50 + 18 * number, 60), (60 + 18 * number, 220)])
        start = time.monotonic()
        expect(page.locator(".strip-stage.decoded img").first).not_to_have_attribute("src", before)
        seconds.append(time.monotonic() - start)
        settled(page)
    return seconds


def bare_slider(page: Page, folder: Path) -> list[float]:
    """The same for a page that holds one slider and its text."""
    script = folder / "bare.py"
    script.write_text(BARE, encoding="utf-8")
    seconds = []
    with serving(folder, script=str(script)) as address:
        page.goto(address)
        slider = page.get_by_role("slider")
        slider.focus()
        for number in range(1, STROKES + 1):
            slider.press("ArrowRight")
            start = time.monotonic()
            expect(page.get_by_text(f"value is {number}", exact=True)).to_be_visible()
            seconds.append(time.monotonic() - start)
    return seconds


def server_process(address: str) -> psutil.Process:
    """The server that answers there."""
    port = int(address.rpartition(":")[2])
    for process in psutil.process_iter():
        if "streamlit" in process.name() or "python" in process.name():
            for connection in process.net_connections("tcp"):
                if connection.status == "LISTEN" and connection.laddr.port == port:
                    return process
    raise LookupError(address)


def megabytes(server: psutil.Process) -> float:
    """Resident memory."""
    return float(server.memory_info().rss / 1e6)


def work_per_stroke(page: Page, address: str, server: psutil.Process) -> float:
    """Seconds of processor time that the server spends on a stroke, with every model ticked."""
    page.goto(f"{address}/draw?models={EVERY_MODEL}")
    settled(page)
    draw(page, [(40, 40), (40, 60)])
    settled(page)
    before = server.cpu_times()
    for number in range(STROKES):
        shown = reconstruction(page)
        draw(page, [(50 + 18 * number, 60), (60 + 18 * number, 220)])
        expect(page.locator(".strip-stage.decoded img").first).not_to_have_attribute("src", shown)
        settled(page)
    after = server.cpu_times()
    return float(after.user + after.system - before.user - before.system) / STROKES


def open_map(chromium: Browser, address: str) -> tuple[float, float, float]:
    """Seconds until the latent map paints: a first visit, a reload, a change of page in the app.

    The first two are the browser's own, from the start of the navigation.
    """
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    painted = "performance.getEntriesByName('latent-map-live')[0].startTime / 1000"
    seconds = []
    for _visit in range(2):
        page.goto(f"{address}/latent")
        page.locator(".lab-map[data-ready=true]").wait_for()
        seconds.append(float(page.evaluate(painted)))
        settled(page)
    page.get_by_role("link", name="Draw").first.click()
    page.locator(".lab-map").wait_for(state="detached")
    settled(page)
    page.wait_for_function(f"performance.getEntriesByName('{LIVE}').length")  # Draw is at rest
    start = time.monotonic()
    page.get_by_role("link", name="Latent space").first.click()
    page.locator(".lab-map[data-ready=true]").wait_for()
    in_app = time.monotonic() - start
    page.context.close()
    return seconds[0], seconds[1], in_app


def walk_the_map(page: Page, address: str) -> tuple[list[float], list[float]]:
    """Milliseconds from a mouse's move to the painted picture, and for a step of the epochs."""
    page.goto(f"{address}/latent")
    page.locator(".film").wait_for()
    settled(page)
    box = page.locator(".stage").first.bounding_box()
    assert box
    top = box["y"] + 0.5 * box["height"]
    page.mouse.move(box["x"] + 0.1 * box["width"], top)
    page.mouse.move(box["x"] + 0.9 * box["width"], top, steps=200)
    slider = page.locator(".epoch")
    for step in range(20):
        slider.press("ArrowLeft")
        glided = f"performance.getEntriesByName('latent-map-epoch').length > {step}"
        page.wait_for_function(glided)
    hovers, steps = (
        page.evaluate(f"performance.getEntriesByName('latent-map-{name}').map(e => e.duration)")
        for name in ("paint", "epoch")
    )
    return hovers, steps


def report_the_map(chromium: Browser, page: Page, address: str) -> None:
    """The latent map on a server that knows it already; medians of five visits."""
    visits = [open_map(chromium, address) for _ in range(5)]
    for number, name in enumerate(("first visit", "reload", "in the app")):
        seconds = statistics.median(visit[number] for visit in visits)
        print(f"latent map paints, {name:12} {seconds:6.2f} s")
    hovers, steps = walk_the_map(page, address)
    print(f"mouse move to painted picture   {statistics.median(hovers):6.1f} ms")
    print(f"a step of the epochs            {statistics.median(steps):6.0f} ms")
    print(f"the slowest of {len(steps)} such steps     {max(steps):6.0f} ms")


def visit_everything(page: Page, address: str) -> None:
    """Open every page, with every model among those that are compared."""
    models = f"models={EVERY_MODEL}"
    for path in ("", "train?run=deep", f"draw?{models}", f"denoise?{models}", "latent"):
        page.goto(f"{address}/{path}")
        settled(page)
        page.wait_for_load_state("networkidle")


def main() -> None:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page()
        print(f"server start to first picture   {first_picture(page, Path(folder)):6.2f} s")
        slider = statistics.median(bare_slider(page, Path(folder)))
        with serving(Path(folder)) as address:
            page.goto(address)
            settled(page)
            server = server_process(address)
            print(f"server's memory, one visitor    {megabytes(server):6.0f} MB")
            stroke = statistics.median(pen_up_to_picture(page, address))
            work = work_per_stroke(page, address, server)
            visit_everything(page, address)
            report_the_map(chromium, page, address)
            print(f"server's memory, every model    {megabytes(server):6.0f} MB")
        print(f"bare slider to its text         {slider:6.2f} s")
        print(f"pen up to new reconstructions   {stroke:6.2f} s, {stroke / slider:.1f} times that")
        print(f"server's work per stroke        {1e3 * work:6.0f} ms, every model ticked")
        chromium.close()


if __name__ == "__main__":
    main()
