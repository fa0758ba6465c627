"""Whether a worker that vanished was killed for want of memory: Linux counts such kills."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_COUNTERS = Path("/proc/vmstat")
_MACHINE = Path("/proc/sys/kernel/random/boot_id")


def memory_kills() -> str:
    """Which machine this is, and how many processes it has killed for want of memory.

    "" where nobody counts. It is written down when a training begins, to be compared with the
    count after the worker died: the killed process itself cannot tell.
    """
    with suppress(OSError):
        for line in _COUNTERS.read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return f"{_MACHINE.read_text(encoding='ascii').strip()} {line.split()[1]}"
    return ""


def was_killed_for_memory(before: str, now: str) -> bool:
    """Whether the same machine has killed a process for memory between two counts."""
    machine, _space, count = before.partition(" ")
    machine_now, _space, count_now = now.partition(" ")
    return machine == machine_now != "" and count != count_now
