"""Fixtures for the browser tests: a real server, a real Chromium."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from aecore.ui.service import browsers, limits, trainer
from tests.chromium import find_shell

PROJECT = Path(__file__).parents[1]
expect.set_options(timeout=20_000)

# Each process of tests has runs of its own: one folder is for one server.
_RUNS = tempfile.TemporaryDirectory(prefix="aelab-runs-", ignore_cleanup_errors=True)
os.environ["AELAB_RUNS"] = _RUNS.name


@pytest.fixture(autouse=True, scope="module")
def _spare_the_collector() -> None:
    """Take what is loaded by now out of the garbage collector's sight.

    Streamlit collects after every run of a script, and in a process that has collected tests of
    the worker, TensorFlow's objects make that take longer than the run.
    """
    gc.collect()
    gc.freeze()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    runs: Path, script: str = "app.py", port: int | None = None, **environment: str
) -> Iterator[str]:
    """A server of its own, with its own folder of runs; yields its address."""
    port = port or free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)],
        cwd=PROJECT,
        env={**os.environ, "AELAB_RUNS": str(runs), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    below = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
    address = f"http://127.0.0.1:{port}/{below}".rstrip("/")
    try:
        wait_until(lambda: answers(address), seconds=60)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    """Poll `condition` until it holds; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def in_its_own_loop(work: Coroutine[None, None, None]) -> None:
    """Run `work` to its end in another thread: in this one Playwright's loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def forget_the_service() -> None:
    """Close the trainer that this process's pages share: the next one that asks makes another.

    Left open it would hold its folder, and a later test that uses the same one could not.
    """
    for made in list(trainer._answers.values()):
        made.result().close()
    trainer.clear()
    browsers.clear()
    limits.clear()


def two_frames(page: Page) -> None:
    """Let the browser draw twice: what was asked for the next frame is painted then."""
    page.evaluate(
        "() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))"
    )


def answers(address: str) -> bool:
    """Whether a server answers there; `address` begins with http://."""
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def lab_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of runs of the server that all browser tests share."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def lab_url(lab_runs: Path) -> Iterator[str]:
    """The address of a server that all browser tests share."""
    with serving(lab_runs) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_shell(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MB; `mount -o remount,size=…` makes it larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@contextmanager
def fresh_page(browser: Browser, *, height: int = 900) -> Iterator[Page]:
    """A page for a visitor who was never here, at a laptop of that height."""
    context = browser.new_context(viewport={"width": 1280, "height": height}, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visitor at a laptop."""
    with fresh_page(browser) as page:
        yield page


_DRESSED = """() => {
  const app = document.querySelector('.stApp');
  return app && getComputedStyle(app).getPropertyValue('--stage') !== '';
}"""


def settled(page: Page) -> None:
    """Wait until the page's script has run and it wears its look; fail if it shows a traceback.

    The style sheet is an element of the page like others: on a busy machine the browser may show
    what came before it for seconds, in Streamlit's own pale colours and sizes.
    """
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)
    page.wait_for_function(_DRESSED, timeout=30_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)
