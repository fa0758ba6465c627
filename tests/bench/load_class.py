# ruff: noqa: T201 - it prints what it measured
"""Thirty students and one server: `make load`; or a hundred: `make load STUDENTS=100`.

Each student is a session of its own: it joins, draws, moves sliders, presses Train, and watches.
An interaction is timed from sending it until the server has finished answering; painting in thirty
browsers would need thirty machines.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from streamlit import file_util

from aecore.runs import RunStore
from aecore.service.limits import Limits
from aecore.specs import TrainingSpec
from tests.bench.lab_server import LabServer
from tests.bench.student import Ledger, Student, classroom, record_stroke

IDLE_SECONDS = 20
KEPT_SECONDS = 120
"""How long Streamlit keeps the session of somebody who left, who may come back; and then until the
next one leaves."""

PATIENCE = 900.0
LOOKING = (2.0, 6.0)
"""Seconds that a student looks at an answer before touching anything again."""


async def arrive(address: str) -> None:
    """Fetch what a browser that was never here needs before it can show anything."""
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for file in re.findall(r'"\./(static/[^"]+\.(?:js|css))"', page):
        request = f"GET /{file} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: gzip\r\n\r\n"
        writer.write(request.encode())
        headers = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", headers)
        assert length, headers
        await reader.readexactly(int(length[1]))
    writer.close()


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
def serving(runs: Path, log: Path, count: int) -> Iterator[LabServer]:
    """A server on which every student may have a training waiting."""
    server = LabServer(
        runs,
        log=log,
        AELAB_IDLE_SECONDS=str(IDLE_SECONDS),
        AELAB_QUEUE_LENGTH=str(max(count, Limits().queue_length)),
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


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


def processor_seconds(process: int) -> float:
    """Processor time that a process has taken."""
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


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


def slowest(interactions: list[float]) -> str:
    """The boundary of the slowest 5 %, and the median."""
    cut = statistics.quantiles(interactions, n=20)[-1]
    middle = statistics.median(interactions)
    return (
        f"5 % took longer than {cut:.2f} s, half longer than {middle:.2f} s (n={len(interactions)})"
    )


async def lesson(runs: Path, address: str, server: int, count: int) -> list[str]:
    """Play it and print what was measured; the errors that students met."""
    await arrive(address)
    start = time.monotonic()
    await asyncio.gather(*(arrive(address) for _ in range(count)))
    print(f"scripts and styles for {count} fresh browsers: {time.monotonic() - start:.2f} s")
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
        worked, start = processor_seconds(server), time.monotonic()
        await asyncio.gather(*(play(student, stroke, times=3) for student in students))
        worked, passed = processor_seconds(server) - worked, time.monotonic() - start
        print(f"all draw and move sliders, nothing trains: {slowest(same.interactions)}")
        each, share = 1e3 * worked / len(same.interactions), worked / passed
        print(f"they cost the server {each:.0f} ms an interaction, together {share:.0%} of a core")
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
    print(f"memory before all came: {before:.0f} MB")
    await asyncio.sleep(IDLE_SECONDS + 20)  # the last to look at the page Train woke the worker
    after = sum(megabytes(server).values())
    print(f"after all left, their sessions still kept: {after:.0f} MB, {after / before - 1:+.0%}")
    await asyncio.sleep(KEPT_SECONDS)
    async with classroom(address, warm_up, 1) as (one,):
        await one.open("draw")
    await asyncio.sleep(IDLE_SECONDS + 10)
    after = sum(megabytes(server).values())
    print(f"and when they are not: {after:.0f} MB, {after / before - 1:+.0%} (goal: within 15 %)")
    return errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    count = parser.parse_args().students
    with tempfile.TemporaryDirectory() as folder:
        runs, log = Path(folder) / "runs", Path(folder) / "log"
        with serving(runs, log, count) as server:
            errors = asyncio.run(lesson(runs, server.address, server.process.pid, count))
        if errors:
            print("the server's log:", log.read_text(encoding="utf-8"), sep="\n")


if __name__ == "__main__":
    main()
