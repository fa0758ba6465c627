"""The server's log without the host's folders: visitors can cause its lines, others may read it."""

from __future__ import annotations

import logging
import re
import traceback
from functools import cache
from typing import Any

_NAME = r"[/\\][^/\\\s\"':*?<>|]+"
_FOLDERS = re.compile(rf"(?<![\w/])(?:[A-Za-z]:)?(?:{_NAME})+(?=(?:{_NAME}){{2}})")
"""All of an absolute path but its last two names."""


@cache
def spare_the_folders() -> None:
    """Let the tracebacks in the log name files by their last two names only."""
    make = logging.getLogRecordFactory()

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - logging's own
        made = make(*args, **kwargs)
        if made.exc_info and made.exc_info[1] is not None:
            text = "".join(traceback.format_exception(made.exc_info[1]))
            made.exc_text = without_folders(text.rstrip("\n"))
        return made

    logging.setLogRecordFactory(record)


def without_folders(text: str) -> str:
    """`text` with … for the folders of each absolute path."""
    return _FOLDERS.sub("…", text)
