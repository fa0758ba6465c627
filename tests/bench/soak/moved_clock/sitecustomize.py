"""A clock that can be moved while Python runs: put this folder on its path, as a soak does.

The file that AELAB_MOVED_CLOCK names holds by how many seconds. `time.time` goes wrong by them;
what measures durations (`time.monotonic`) does not, as on a machine whose clock somebody sets.
"""

import os
import time
from pathlib import Path

_file = Path(os.environ["AELAB_MOVED_CLOCK"])
_time, _time_ns = time.time, time.time_ns


def _moved_by() -> float:
    try:
        return float(_file.read_text())
    except (OSError, ValueError):
        return 0.0


time.time = lambda: _time() + _moved_by()
time.time_ns = lambda: _time_ns() + int(_moved_by() * 1e9)
