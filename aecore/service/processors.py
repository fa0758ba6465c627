"""Processors: a server keeps to one of those that it may use, its worker has them all.

Python runs one thread at a time. With a second processor at hand, a thread that lets go of the
interpreter for an instant, to send a few bytes or to compress a picture, wakes another thread over
there, and must then wait until that one lets go: a third of what a class cost the server. On one
processor it simply goes on, and the others are left to training.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform == "linux":
    ALLOWED = frozenset(os.sched_getaffinity(0))
    """Those that whoever started this process lets it use."""

    def keep_to_one_processor() -> None:
        """Let all threads of this process, and those to come, share one of the allowed processors.

        Which one depends on the process's number, so that several servers seldom take the same.
        """
        one = sorted(ALLOWED)[os.getpid() % len(ALLOWED)]
        for thread in Path("/proc/self/task").iterdir():
            with suppress(OSError):  # it has ended meanwhile, or the host does not permit it
                os.sched_setaffinity(int(thread.name), {one})

    def use_processors(processors: frozenset[int]) -> None:
        """Let this thread, and those that it starts, use these processors."""
        with suppress(OSError):  # then it has what its server has
            os.sched_setaffinity(0, processors)

else:
    ALLOWED: frozenset[int] = frozenset()

    def keep_to_one_processor() -> None:
        """Nothing: only Linux can be asked for it."""

    def use_processors(processors: frozenset[int]) -> None:
        """Nothing: the server was kept from none."""
