"""Find a Chromium, or install one: `python -m tests.chromium`, or `… shell` for tests only.

Debian has it whole, as visitors have it, and as a shell without windows that shows the same pages
and opens one in half the time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SHELL = "chromium-headless-shell"


def find_chromium() -> str | None:
    """The path of a whole Chromium on this machine, to measure with."""
    return _first(*_WHOLE)


def find_shell() -> str | None:
    """The path of a Chromium for tests: a shell, or a whole one that is there already."""
    return _first(_SHELL, *_WHOLE)


def _first(*names: str) -> str | None:
    """AELAB_CHROMIUM, or the first of the names on the PATH."""
    given = os.environ.get("AELAB_CHROMIUM")
    return given or next((path for name in names if (path := shutil.which(name))), None)


def _install(*packages: str) -> None:
    """Install the first of Debian's packages that apt-get has, else Playwright's own build."""
    if shutil.which("apt-get"):
        prefix = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*prefix, "apt-get", "update", "-qq"], check=True)
        package = next((name for name in packages if _is_known(name)), packages[-1])
        subprocess.run([*prefix, "apt-get", "install", "-y", "-qq", package], check=True)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def _is_known(package: str) -> bool:
    found = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return found.returncode == 0


if __name__ == "__main__":
    if sys.argv[1:] == ["shell"]:
        if find_shell() is None:
            _install(_SHELL, "chromium")
    elif find_chromium() is None:
        _install("chromium")
