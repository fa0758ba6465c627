"""Open files: Streamlit keeps three for every session, some minutes longer than its visitor."""

from __future__ import annotations

import sys

_ENOUGH = 16_384
"""For some thousand sessions. Many systems begin with 1,024, which a few classes can use up."""

if sys.platform == "win32":

    def allow_many_open_files() -> None:
        """Nothing: Windows has no such limit."""

else:
    import resource

    def allow_many_open_files() -> None:
        """Raise this process's limit of open files as far as it may raise it by itself."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        allowed = _ENOUGH if hard == resource.RLIM_INFINITY else min(_ENOUGH, hard)
        if soft != resource.RLIM_INFINITY and soft < allowed:
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
