"""Streamlit's own scripts and styles, out of memory, compressed once for everybody.

A browser's first page asks for some 130 of them, 2.5 MB. Streamlit reads each from the disk
whenever it is asked for, in a thread of its own, and sends it as it is: 1.2 ms of the server's time
a file, seconds for a class that opens the lab together. Out of memory it is an eighth of that.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, file_util
from streamlit.web.server.starlette.starlette_server_config import (
    STATIC_ASSET_CACHE_MAX_AGE_SECONDS,
)

TYPES = {".js": "text/javascript", ".css": "text/css"}
"""What is worth compressing; fonts and pictures are compressed already and left to Streamlit."""


HEADERS = {
    "Content-Encoding": "gzip",
    "Vary": "Accept-Encoding",
    "Cache-Control": f"public, immutable, max-age={STATIC_ASSET_CACHE_MAX_AGE_SECONDS}",
}
"""The names of the files change with their contents, so a browser may keep them."""


class StaticFiles:
    """Around `app`: answers for the scripts and styles in `folder`, and passes on all else.

    Only files that were there at the start are ever looked up, by their whole address.
    """

    def __init__(self, app: ASGIApp, folder: Path | None = None) -> None:
        self._app = app
        self._files = dict(_addresses(folder or Path(file_util.get_static_dir()), root_address()))
        self._responses: dict[str, Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._answers(scope):
            await self._response(scope["path"])(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _answers(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and scope["path"] in self._files
            and _takes_gzip(Headers(scope=scope).get("accept-encoding", ""))
        )

    def _response(self, address: str) -> Response:
        if address not in self._responses:
            file = self._files[address]
            content = gzip.compress(file.read_bytes(), 6, mtime=0)
            response = Response(content, media_type=TYPES[file.suffix], headers=HEADERS)
            self._responses[address] = response
        return self._responses[address]


def root_address() -> str:
    """Where the lab begins on its site: "/", or "/lab/" below a path of a larger one."""
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}/" if base else "/"


def _takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not to refuse it (RFC 9110, section 12.5.3)."""
    for choice in accepted.lower().split(","):
        coding, _, weight = choice.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return not weight or weight.strip("0.") != ""
    return False


def _addresses(folder: Path, root: str) -> Iterator[tuple[str, Path]]:
    for file in folder.rglob("*"):
        if file.suffix in TYPES:
            yield root + file.relative_to(folder).as_posix(), file
