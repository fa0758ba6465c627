"""What goes wrong in the story, made to happen."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from tests.bench.lab_server import LabServer
from tests.bench.soak.disk import Disk
from tests.bench.soak.notes import Happened, Notes
from tests.bench.soak.story import Fault

_NEED_A_DISK = ("disk full", "folder read-only")
_NEED_SIGNALS = ("worker frozen",)
_DAY = 86_400.0


class Faults:
    """Brings faults upon a server, its worker and its disk."""

    def __init__(self, server: LabServer, disk: Disk, clock: Path, notes: Notes) -> None:
        self._server, self._disk, self._clock, self._notes = server, disk, clock, notes
        self.seconds_to_stop: list[float] = []
        self.is_server_meant_to_live = True

    async def happen(self, fault: Fault) -> None:
        """Let it happen; returns when it is over."""
        if fault.trouble in _NEED_A_DISK and not self._disk.is_own:
            self._notes.say(f"{fault.trouble}: not possible on this machine, left out")
            return
        happened = Happened(fault.trouble, self._notes.now)
        self._notes.happened.append(happened)
        self._notes.say(
            f"{fault.trouble}, for {fault.seconds:g} s" if fault.seconds else fault.trouble
        )
        match fault.trouble:
            case "worker killed":
                self._to_workers(signal.SIGKILL)
            case "worker frozen":
                self._to_workers(signal.SIGSTOP)
                await asyncio.sleep(fault.seconds)
                self._to_workers(signal.SIGCONT)
            case "disk full":
                with self._disk.full():
                    await asyncio.sleep(fault.seconds)
            case "folder read-only":
                with self._disk.read_only():
                    await asyncio.sleep(fault.seconds)
            case "clock moved":
                self._move_clock(fault.days)
            case "server stopped" | "server killed":
                await self._restart(fault)
        happened.ended = self._notes.now

    def _to_workers(self, sign: int) -> None:
        for process in family(self._server.process.pid):
            with suppress(psutil.Error):
                if any("popen_loky" in word for word in process.cmdline()):
                    process.send_signal(sign)

    def _move_clock(self, days: float) -> None:
        """The clock is set anew: the server's, and files are older or younger than they were."""
        before = float(self._clock.read_text()) if self._clock.exists() else 0.0
        self._clock.write_text(str(days * _DAY))
        self._disk.age(days * _DAY - before)

    async def _restart(self, fault: Fault) -> None:
        how = signal.SIGTERM if fault.trouble == "server stopped" else signal.SIGKILL
        seconds = await asyncio.to_thread(self._server.stop, how)
        if how == signal.SIGTERM:
            self.seconds_to_stop.append(seconds)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(self._server.start)


def family(server: int) -> list[psutil.Process]:
    """The processes of the session that a server began, whether it lives or not."""
    found = []
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == server and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
