"""A page names the scripts it will need beyond those of Streamlit's frame."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from aecore.ui.preloading import Preloading
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
    expected = "</static/js/{}>; rel=modulepreload; crossorigin"
    assert link(folder, HTMLResponse("<html>")) == ", ".join(
        expected.format(name) for name in ("Slider.3.js", "number.4.js")
    )


def test_other_answers_name_nothing(folder: Path) -> None:
    assert link(folder, PlainTextResponse("healthy")) is None


def test_a_streamlit_that_is_built_otherwise_is_served_as_it_is(tmp_path: Path) -> None:
    assert link(tmp_path, HTMLResponse("<html>")) is None
