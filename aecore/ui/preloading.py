"""Fetch with the page what almost every page of the lab will ask for.

Streamlit's page names the scripts of its frame; those of a slider, a button or a component are
asked for when the first one is to be drawn, one after the other. Named in the answer that brings
the page, they travel with the frame's, and are ready when they are needed. So are the lab's own
that make a strip live.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util

from aecore.ui.modules import address
from aecore.ui.static_files import root_address

DRAWN_EVERYWHERE = (
    "BidiComponent",
    "Button",
    "ButtonGroup",
    "Html",
    "NumberInput",
    "PageLink",
    "Selectbox",
    "Slider",
)
"""Streamlit's names for what pages of the lab are made of."""

LIVE = Path(__file__).parent / "engine" / "live.js"

_IMPORTED = re.compile(r'(?:from|import)"\./([^"]+\.js)"')


class Preloading:
    """Around `app`: pages that it answers with name the scripts that they will need."""

    def __init__(self, app: ASGIApp, folder: Path | None = None) -> None:
        self._app = app
        root = root_address()
        names = _scripts_beyond_the_frame(folder or Path(file_util.get_static_dir()))
        addresses = [*(f"static/js/{name}" for name in names), address(LIVE)]
        self._links = ", ".join(f"<{root}{each}>; rel=modulepreload" for each in addresses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Link", self._links)
            await send(message)

        await self._app(scope, receive, send_with_links if scope["type"] == "http" else send)


def _scripts_beyond_the_frame(folder: Path) -> list[str]:
    """The scripts of what is drawn everywhere, and what those import, but for the frame's."""
    scripts = folder / "static" / "js"
    found = [
        file.name for name in DRAWN_EVERYWHERE for file in sorted(scripts.glob(f"{name}.*.js"))
    ]
    frame = {file.name for file in scripts.glob("index.*.js")}
    of_the_frame = _with_imports(scripts, frame)
    return sorted(_with_imports(scripts, found) - of_the_frame)


def _with_imports(folder: Path, names: Iterable[str]) -> set[str]:
    """These scripts and whatever they import, directly or not, as far as it is there."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found and (folder / name).is_file():
            found.add(name)
            waiting += _IMPORTED.findall((folder / name).read_text(encoding="utf-8"))
    return found
