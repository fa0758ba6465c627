# ruff: noqa: T201 - it prints what it measured
"""Visitors for an hour, and everything that can go wrong: `make soak`, or for short
`make soak MINUTES=10`, or with another story `make soak SEED=2`.

Ends with 1 if a run was lost, a visitor met an error, a process was left behind, or something
grew.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil

from aecore.runs import Run, RunStore
from tests.bench.lab_server import LabServer
from tests.bench.soak.disk import Disk, small_disk
from tests.bench.soak.faults import Faults, family
from tests.bench.soak.notes import Notes, spoken
from tests.bench.soak.story import Story
from tests.bench.soak.verdict import Sample, ends, lost, trends
from tests.bench.soak.visitors import Visitor
from tests.bench.student import Ledger, classroom, record_stroke

DISK = 600
RUNS = 300
HANG_SECONDS = 20
IDLE_SECONDS = 30
_EVERY = 5.0
_MOMENT = 10.0
_PATIENCE = 120.0
"""Seconds without any change in any run after which nothing more is to be expected."""


class Soak:
    """One soak: a server on a disk, and a story that is played on it."""

    def __init__(self, story: Story, folder: Path, disk: Disk) -> None:
        self.story, self.stroke = story, ""
        self.notes, self.store = Notes(), RunStore(disk.runs)
        self.log = folder / "log"
        clock = folder / "clock"
        self.server = LabServer(
            disk.runs,
            log=self.log,
            AELAB_HANG_SECONDS=str(HANG_SECONDS),
            AELAB_IDLE_SECONDS=str(IDLE_SECONDS),
            AELAB_RUNS_MEGABYTES=str(RUNS),
            AELAB_MOVED_CLOCK=str(clock),
            PYTHONPATH=str(Path(__file__).parent / "moved_clock"),
        )
        self.faults = Faults(self.server, disk, clock, self.notes)
        self.samples: list[Sample] = []
        self.times: list[float] = []
        self.left_behind: list[str] = []
        self._servers: list[int] = []

    async def play(self) -> None:
        self.server.start()
        if any(act.deed == "draw" for visit in self.story.visits for act in visit.acts):
            self.stroke = await record_stroke(self.server.address)
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.gather(self._faults(), *map(self._visit, range(len(self.story.visits))))
            self.notes.say("everybody has gone; one more looks in, and waits for the trainings")
            async with classroom(self.server.address, Ledger(), 1) as (last,):
                await last.open("")
                await self._until_quiet()
        finally:
            watching.cancel()
            self.server.stop()
        await self._count_the_left_behind()

    async def _faults(self) -> None:
        for fault in self.story.faults:
            await asyncio.sleep(max(0, fault.at - self.notes.now))
            await self.faults.happen(fault)

    async def _visit(self, number: int) -> None:
        visit = self.story.visits[number]
        await asyncio.sleep(max(0, visit.at - self.notes.now))
        await Visitor(
            number, self.server.address, self.store, self.stroke, self.notes, self.times
        ).come(visit)

    async def _until_quiet(self) -> None:
        """Until all runs are over, or nothing happens any more."""
        before, since = "", self.notes.now
        while self.notes.now - since < _PATIENCE:
            statuses = [Run(self.store.root / name).last_status() for name in self.store.names()]
            if all(status.is_over for status in statuses):
                return
            if repr(statuses) != before:
                before, since = repr(statuses), self.notes.now
            await asyncio.sleep(0.5)

    async def _count_the_left_behind(self) -> None:
        """Workers may take a moment to notice that their server is gone."""
        until = self.notes.now + _MOMENT
        while self.notes.now < until:
            self.left_behind = [_command(each) for pid in self._servers for each in family(pid)]
            if not self.left_behind:
                return
            await asyncio.sleep(0.2)

    async def _watch(self) -> None:
        while True:
            process = self.server.process
            if process.pid not in self._servers:
                self._servers.append(process.pid)
            with suppress(OSError, psutil.Error):
                sample = await asyncio.to_thread(self._sample, process.pid)
                self.samples.append(sample)
            self.notes.look_at(self.store)
            await asyncio.sleep(_EVERY)

    def _sample(self, pid: int) -> Sample:
        server = psutil.Process(pid)
        others = [process for process in family(pid) if process.pid != pid]
        return Sample(
            at=self.notes.now,
            life=len(self._servers),
            sessions=self._sessions(),
            server=_megabytes(server),
            workers=sum(map(_megabytes, others)),
            threads=server.num_threads(),
            files=server.num_fds(),
            processes=len(others),
        )

    def _sessions(self) -> int:
        address = f"http://{self.server.address}/_stcore/metrics?families=active_sessions"
        with urllib.request.urlopen(address, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(line.split()[-1]) for line in lines if line.startswith("active_sessions"))


def _megabytes(process: psutil.Process) -> float:
    """Memory of its own, in which pages that several share count by share."""
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.Error:
        return 0.0


def _command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return f"{process.pid} {process.status()} {' '.join(process.cmdline()[-4:])}"
    return "ended just now"


def report(soak: Soak) -> bool:
    """Print what was met; whether all is well."""
    notes = soak.notes
    print("\n minute  sessions  server MB  workers MB  threads  open files  processes")
    for each in _once_a_minute(soak.samples):
        print(
            f"{spoken(each.at)}  {each.sessions:8d}  {each.server:9.0f}  {each.workers:10.0f}"
            f"  {each.threads:7d}  {each.files:10d}  {each.processes:9d}"
        )
    losses, grown = lost(soak.store, notes), trends(soak.samples)
    print(f"\nvisitors: {len(soak.story.visits)}; faults: {len(notes.happened)}")
    if len(soak.times) > 20:
        slowest = statistics.quantiles(soak.times, n=20)[-1]
        print(f"5 % of what they did took longer than {slowest:.2f} s (n={len(soak.times)})")
    print("seconds from SIGTERM to the server's end:", *map(round, soak.faults.seconds_to_stop))
    print(f"runs asked for: {len(notes.wishes)}; how they ended: {ends(soak.store, notes)}")
    print("what visitors were told:")
    for sentence, count in notes.sentences.most_common():
        print(f"  {count:4d} x {sentence[:120]}")
    print("tracebacks in the servers' log:")
    for words, count in _tracebacks(soak.log.read_text(errors="replace")).items():
        print(f"  {count:4d} x {words}")
    print(f"processes left behind: {len(soak.left_behind)}", *soak.left_behind, sep="\n  ")
    print(f"runs lost: {len(losses)}", *losses, sep="\n  ")
    print(f"errors that visitors met: {len(notes.errors)}", *notes.errors, sep="\n  ")
    print(f"trends: {len(grown)}", *grown, sep="\n  ")
    return not (losses or grown or notes.errors or soak.left_behind)


def _tracebacks(log: str) -> Counter[str]:
    """The last lines of the tracebacks in a log."""
    lines, found = iter(log.splitlines()), Counter[str]()
    for line in lines:
        if line.strip().startswith("Traceback (most recent call last)"):
            indent = line[: len(line) - len(line.lstrip())] + " "
            found[next((line for line in lines if line and not line.startswith(indent)), "")] += 1
    return found


def _once_a_minute(samples: list[Sample]) -> list[Sample]:
    return list({int(sample.at // 60): sample for sample in samples}.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    story = Story.drawn(wanted.seed, 60 * wanted.minutes)
    with tempfile.TemporaryDirectory() as name, small_disk(Path(name) / "disk", DISK) as disk:
        soak = Soak(story, Path(name), disk)
        asyncio.run(soak.play())
        is_well = report(soak)
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
