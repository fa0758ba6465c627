"""Scripts and styles, Streamlit's own and the lab's: out of memory, compressed once for everybody.

A browser's first page asks for some 130 of Streamlit's, 2.5 MB. It would read each from the disk
whenever it is asked for, in a thread of its own, and send it as it is: 1.2 ms of the server's time
a file, seconds for a class that opens the lab together. Out of memory it is an eighth of that.
"""

from __future__ import annotations

import gzip
from pathlib import Path, PurePosixPath

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, file_util
from streamlit.web.server.starlette.starlette_server_config import (
    STATIC_ASSET_CACHE_MAX_AGE_SECONDS,
)

from aecore.ui.modules import scripts

TYPES = {".js": "text/javascript", ".css": "text/css"}
"""What is worth compressing; fonts and pictures are compressed already and left to Streamlit."""


KEPT = {"Cache-Control": f"public, immutable, max-age={STATIC_ASSET_CACHE_MAX_AGE_SECONDS}"}
"""Of what has an address that changes with its content: a browser may keep it."""


class StaticFiles:
    """Around `app`: answers for Streamlit's scripts and styles, which lie in `folder`, and for the
    lab's own scripts; passes on all else.

    Only files that were there at the start are ever looked up, by their whole address.
    """

    def __init__(self, app: ASGIApp, folder: Path | None = None) -> None:
        self._app = app
        root = root_address()
        files: dict[str, Path | bytes] = {
            **_files(folder or Path(file_util.get_static_dir())),
            **scripts(),
        }
        self._files = {root + address: file for address, file in files.items()}
        self._responses: dict[tuple[str, bool], Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in self._files:
            accepted = Headers(scope=scope).get("accept-encoding", "")
            answer = self._response(scope["path"], compressed=_takes_gzip(accepted))
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _response(self, address: str, *, compressed: bool) -> Response:
        if (address, compressed) not in self._responses:
            file, headers = self._files[address], KEPT | {"Vary": "Accept-Encoding"}
            content = file if isinstance(file, bytes) else file.read_bytes()
            if compressed:
                content = gzip.compress(content, 6, mtime=0)
                headers |= {"Content-Encoding": "gzip"}
            response = Response(
                content, media_type=TYPES[PurePosixPath(address).suffix], headers=headers
            )
            self._responses[address, compressed] = response
        return self._responses[address, compressed]


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


def _files(folder: Path) -> dict[str, Path]:
    found = (file for file in folder.rglob("*") if file.suffix in TYPES)
    return {file.relative_to(folder).as_posix(): file for file in found}
