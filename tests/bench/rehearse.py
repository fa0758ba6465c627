# ruff: noqa: T201 - it prints what it measured
"""The lab on a small host: `make rehearse`, or `python -m tests.bench.rehearse 690 512`.

The server and its worker run in a control group with so many megabytes and no swap; Chromium,
outside of it, opens every page, trains, and opens every page again. The same is done without a
limit, and the two stand side by side: seconds, memory of the processes' own, and major faults
(pages that had to be read from disk). Where the two together are to be judged on a busy machine,
look at the factors.

A group also pays for the pages of files that it is the first to read, TensorFlow's 850 MB of
libraries above all. What other programs have read already would be free, so the lab gets a copy
of the packages that nobody else uses, and each round begins without any of it in memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from aecore.networks import ARCHITECTURES
from aecore.runs import RunStore
from aecore.specs import TrainingSpec
from tests.bench.pages import EVERY_MODEL
from tests.chromium import find_chromium
from tests.conftest import PROJECT, answers, free_port, settled, wait_until

MEGABYTE = 1_000_000
PATIENCE = 400.0
PAGES = {
    "Learn": "",
    "Draw": f"draw?models={EVERY_MODEL}",
    "Denoise": f"denoise?models={EVERY_MODEL}",
    "Latent space": "latent",
    "Inside": "inside",
    "Train": "train",
}
TRAININGS = {"plain": 3, "deep": 3, "conv": 3, "latent2d": 1}
"""Epochs of 10,000 images."""

TIMES = {"plain": 3, "deep": 3}
"""How often those are trained that take a second or two: the middle one counts."""

FACTORS = {"plain": 1.5, "deep": 1.5, "conv": 1.5, "latent2d": 2.0}
"""How much longer each may take at 690 MB than without a limit."""


class NoGroupError(Exception):
    """No memory control group can be made here; the message says why."""


class Group:
    """A memory control group of version 1 or 2, and everything that runs in it."""

    def __init__(self, megabytes: int | None) -> None:
        """A group with a limit, or with none. Raises NoGroupError."""
        parent, self._version = _memory_groups()
        self._folder = parent / f"rehearsal-{uuid4().hex[:8]}"
        limit = "-1" if self._version == 1 else "max"
        if megabytes is not None:
            limit = str(megabytes * MEGABYTE)
        try:
            self._folder.mkdir()
            if self._version == 1:
                self._write("memory.swappiness", "0")
                self._write("memory.limit_in_bytes", limit)
            else:
                self._write("memory.max", limit)
                with suppress(OSError):
                    self._write("memory.swap.max", "0")
        except OSError as error:
            raise NoGroupError(f"no group can be made in {parent}: {error.strerror}") from error

    def command(self, *command: str) -> list[str]:
        """The command that runs `command` inside."""
        enter = 'echo $$ > "$0" && exec "$@"'
        return ["sh", "-c", enter, str(self._folder / "cgroup.procs"), *command]

    def own(self) -> float:
        """Megabytes that belong to the processes themselves and not to files."""
        return self._count("memory.stat", "total_rss", "anon") / MEGABYTE

    def faults(self) -> int:
        """Pages read from disk so far, because a program touched them."""
        return self._count("memory.stat", "total_pgmajfault", "pgmajfault")

    def kills(self) -> int:
        """Processes killed for want of memory so far."""
        file = "memory.oom_control" if self._version == 1 else "memory.events"
        return self._count(file, "oom_kill", "oom_kill")

    def remove(self) -> None:
        """Wait for the last process, and remove the group."""
        wait_until(lambda: not self._read("cgroup.procs").strip(), seconds=60)
        self._folder.rmdir()

    def _count(self, file: str, first: str, second: str) -> int:
        name = first if self._version == 1 else second
        lines = dict(line.split() for line in self._read(file).splitlines())
        return int(lines.get(name, 0))

    def _read(self, file: str) -> str:
        return (self._folder / file).read_text(encoding="ascii")

    def _write(self, file: str, content: str) -> None:
        (self._folder / file).write_text(content, encoding="ascii")


def _memory_groups() -> tuple[Path, int]:
    """Where memory groups are made here, and their version. Raises NoGroupError."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise NoGroupError("this system has no control groups") from error
    for mount in mounts:
        where, _, what = mount.partition(" - ")
        folder, (kind, _device, options) = Path(where.split()[4]), what.split()
        if kind == "cgroup" and "memory" in options.split(","):
            return folder, 1
        if kind == "cgroup2" and (folder / "cgroup.subtree_control").exists():
            with suppress(OSError):
                (folder / "cgroup.subtree_control").write_text("+memory", encoding="ascii")
                return folder, 2
    raise NoGroupError("nobody here may make memory control groups (try as root)")


@dataclass
class Step:
    """What one step took: seconds, the most memory of the processes' own, and major faults."""

    seconds: float
    own: float
    faults: int


@dataclass
class Rehearsal:
    """What one round measured, step by step, some of them more than once."""

    group: Group
    tries: dict[str, list[Step]] = field(default_factory=dict)

    def steps(self) -> dict[str, Step]:
        """Of every step the one that took neither the longest nor the shortest."""
        return {
            name: sorted(tries, key=lambda step: step.seconds)[len(tries) // 2]
            for name, tries in self.tries.items()
        }

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside as the step `name`."""
        most, done = [self.group.own()], threading.Event()

        def watch() -> None:
            while not done.wait(0.1):
                most.append(self.group.own())

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        faults, start = self.group.faults(), time.monotonic()
        try:
            yield
            seconds = time.monotonic() - start
        except (PlaywrightError, AssertionError) as error:
            print(f"  {name} did not end: {str(error).splitlines()[0]}", flush=True)
            seconds = float("inf")
        done.set()
        watcher.join()
        step = Step(seconds, max(most), self.group.faults() - faults)
        self.tries.setdefault(name, []).append(step)
        print(f"  {name:22} {_cells(step)}", flush=True)


def packages_of_its_own(folder: Path) -> Path:
    """Copy the installed packages, so that no other program shares their pages in memory."""
    site = folder / "site-packages"  # Streamlit looks whether it was installed by this name
    shutil.copytree(Path(numpy.__file__).parents[1], site, symlinks=True)
    os.sync()
    return site


def forget(site: Path) -> None:
    """Let the operating system drop what it holds of these files."""
    for file in site.rglob("*"):
        if file.is_file():
            with file.open("rb") as content:
                os.posix_fadvise(content.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def serving(group: Group, site: Path, runs: Path) -> Iterator[str]:
    """A server inside the group; yields its address."""
    port = free_port()
    command = group.command(
        sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)
    )
    environment = {**os.environ, "PYTHONPATH": str(site), "AELAB_RUNS": str(runs)}
    with (runs / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(address) or server.poll() is not None, seconds=PATIENCE)
        assert server.poll() is None, (runs / "log").read_text(encoding="utf-8")
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            server.kill()


def visit_all(page: Page, address: str, rehearsal: Rehearsal, when: str) -> None:
    """Open every page as by its link."""
    for name, path in PAGES.items():
        with rehearsal.step(f"{name}, {when}"):
            page.goto(f"{address}/{path}")
            settled(page)
            page.wait_for_load_state("networkidle")


def train(page: Page, address: str, runs: Path, spec: TrainingSpec) -> Callable[[], None]:
    """Put a training together on the page; the answer presses Train and waits for the model."""
    words = "&".join(
        f"{name}={getattr(spec, name)}" for name in ("architecture", "images", "epochs", "seed")
    )
    page.goto(f"{address}/train?{words}")
    settled(page)
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_visible()

    def press() -> None:
        button.click()
        run = RunStore(runs).root / spec.key
        wait_until((run / "checksums.json").exists, seconds=PATIENCE)

    return press


def rehearse(chromium: Browser, site: Path, megabytes: int | None) -> Rehearsal:
    """One round: every page, every training, every page again."""
    print(f"with {megabytes} MB:" if megabytes else "without a limit:", flush=True)
    forget(site)
    rehearsal = Rehearsal(Group(megabytes))
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        with serving(rehearsal.group, site, runs) as address:
            visit_all(page, address, rehearsal, "first")
            if page.get_by_role("button", name="Train", exact=True).count():
                train_all(page, address, runs, rehearsal)
            else:
                print("  the lab says that this host is too small to train", flush=True)
            visit_all(page, address, rehearsal, "again")
        page.context.close()
        print(f"  processes killed for memory: {rehearsal.group.kills()}", flush=True)
    rehearsal.group.remove()
    return rehearsal


def train_all(page: Page, address: str, runs: Path, rehearsal: Rehearsal) -> None:
    """Train each network; before that a tiny one, while the worker still starts."""
    tiny = TrainingSpec("plain", images=1_000, epochs=1, seed=9)
    press = train(page, address, runs, tiny)
    with rehearsal.step("worker's start"):
        press()
    for name, epochs in TRAININGS.items():
        size = ARCHITECTURES[name].code_size
        for seed in range(TIMES.get(name, 1)):
            spec = TrainingSpec(name, size, images=10_000, epochs=epochs, seed=seed)
            press = train(page, address, runs, spec)
            with rehearsal.step(name):
                press()


def _cells(step: Step | None) -> str:
    if step is None:
        return f"{'':>8}   {'':>6}      {'':>6}  "
    return f"{step.seconds:6.1f} s {step.own:6.0f} MB {step.faults:6} faults"


def show(free: Rehearsal, limited: Rehearsal, megabytes: int) -> None:
    """Both rounds side by side."""
    print(f"\n{'':22} {'without a limit':>30}   {f'with {megabytes} MB':>30}  factor")
    for name, step in free.steps().items():
        there = limited.steps().get(name)
        factor = f"{there.seconds / step.seconds:6.2f}" if there else ""
        goal = f"  (goal {FACTORS[name]:g} at 690 MB)" if name in FACTORS else ""
        print(f"{name:22} {_cells(step):>30}   {_cells(there):>30}  {factor}{goal}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("megabytes", nargs="*", type=int, default=[690, 512, 2700])
    sizes = parser.parse_args().megabytes
    try:
        Group(None).remove()
    except NoGroupError as why:
        sys.exit(f"The lab cannot be rehearsed here: {why}")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        site = packages_of_its_own(Path(folder))
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        free = rehearse(chromium, site, None)
        rounds = {size: rehearse(chromium, site, size) for size in sizes}
        for size, limited in rounds.items():
            show(free, limited, size)
        chromium.close()


if __name__ == "__main__":
    main()
