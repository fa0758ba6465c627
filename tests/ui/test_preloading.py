"""A page names the scripts it will need beyond those of Streamlit's frame."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from streamlit import file_util

from aecore.ui.modules import address
from aecore.ui.preloading import LIVE, Preloading
from tests.conftest import in_its_own_loop

SCRIPTS = {
    "index.1.js": 'import{a}from"./shared.2.js";',
    "shared.2.js": "export const a = 1;",
    "Slider.3.js": 'import{a as b}from"./shared.2.js";import"./number.4.js";import"./gone.5.js";',
    "number.4.js": 'import"./Slider.3.js";',
    "Map.6.js": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scripts = tmp_path / "static" / "js"
    scripts.mkdir(parents=True)
    for name, content in SCRIPTS.items():
        (scripts / name).write_text(content)
    return tmp_path


def link(folder: Path, answer: Response) -> str | None:
    """The header `Link` of an answer that goes through `Preloading`."""
    started: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        started.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    in_its_own_loop(Preloading(answer, folder)(scope, receive, send))
    return Headers(raw=started[0]["headers"]).get("link")


def test_a_page_names_what_its_parts_import_but_for_what_the_frame_brings(folder: Path) -> None:
    names = re.findall("<([^>]+)>; rel=modulepreload", link(folder, HTMLResponse("<html>")) or "")
    streamlit_s = ["/static/js/Slider.3.js", "/static/js/number.4.js"]
    assert names == [*streamlit_s, "/" + address(LIVE)]


def test_what_a_page_names_fits_into_what_a_server_in_front_takes() -> None:
    """By itself nginx takes 4,096 bytes of headers; the others that come with a page are 500."""
    streamlit_s = Path(file_util.get_static_dir())
    assert 1_000 < len(link(streamlit_s, HTMLResponse("<html>")) or "") < 3_500


def test_other_answers_name_nothing(folder: Path) -> None:
    assert link(folder, PlainTextResponse("healthy")) is None


def test_of_a_streamlit_that_is_built_otherwise_nothing_is_named(tmp_path: Path) -> None:
    assert "static/js" not in (link(tmp_path, HTMLResponse("<html>")) or "")
