"""Streamlit's scripts and styles out of memory, and everything else as before."""

from __future__ import annotations

import gzip
import urllib.request
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp
from streamlit import config, file_util

from aecore.ui.static_files import StaticFiles
from tests.conftest import in_its_own_loop

SCRIPT = "export const answer = 42;\n" * 50
FROM_STREAMLIT = b"Streamlit answers"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "static" / "js").mkdir(parents=True)
    (tmp_path / "static" / "js" / "index.js").write_text(SCRIPT)
    (tmp_path / "static" / "font.woff2").write_bytes(b"a font")
    (tmp_path / "index.html").write_text("<html></html>")
    return tmp_path


def ask(app: ASGIApp, path: str, *, accepts: str, method: str = "GET") -> tuple[Headers, bytes]:
    """Headers and body of the answer to one request."""
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    headers = [(b"accept-encoding", accepts.encode())]
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    in_its_own_loop(app(scope, receive, send))
    start, *bodies = messages
    return Headers(raw=start["headers"]), b"".join(each["body"] for each in bodies)


def static_files(folder: Path) -> StaticFiles:
    return StaticFiles(PlainTextResponse(FROM_STREAMLIT), folder)


def test_a_script_arrives_compressed_and_may_be_kept(folder: Path) -> None:
    headers, body = ask(static_files(folder), "/static/js/index.js", accepts="gzip, br")
    assert gzip.decompress(body).decode() == SCRIPT
    assert len(body) < len(SCRIPT) / 2
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    assert headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepts", ["gzip", "br;q=1.0, GZip ; q=0.8", "deflate,gzip;q=1"])
def test_whoever_takes_gzip_is_answered_with_it(folder: Path, accepts: str) -> None:
    headers, _ = ask(static_files(folder), "/static/js/index.js", accepts=accepts)
    assert headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("accepts", ["br", "", "x-gzip", "br, gzip;q=0", "br, gzip; q=0.000"])
def test_whoever_does_not_take_gzip_gets_it_as_it_is(folder: Path, accepts: str) -> None:
    headers, body = ask(static_files(folder), "/static/js/index.js", accepts=accepts)
    assert body.decode() == SCRIPT
    assert "content-encoding" not in headers
    assert headers["vary"] == "Accept-Encoding"


def test_a_file_is_read_once(folder: Path) -> None:
    app = static_files(folder)
    first = ask(app, "/static/js/index.js", accepts="gzip")
    (folder / "static" / "js" / "index.js").unlink()
    assert ask(app, "/static/js/index.js", accepts="gzip") == first


@pytest.mark.parametrize(
    ("path", "accepts", "method"),
    [
        ("/static/js/index.js", "gzip", "HEAD"),
        ("/static/js/none.js", "gzip", "GET"),
        ("/static/js/../js/index.js", "gzip", "GET"),
        ("/static/font.woff2", "gzip", "GET"),
        ("/draw", "gzip", "GET"),
        ("/", "gzip", "GET"),
    ],
)
def test_all_else_is_left_to_streamlit(folder: Path, path: str, accepts: str, method: str) -> None:
    headers, body = ask(static_files(folder), path, accepts=accepts, method=method)
    assert body == FROM_STREAMLIT
    assert "content-encoding" not in headers


def test_a_lab_below_a_path_of_a_larger_site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = config.get_option
    below = {"server.baseUrlPath": "/lab/"}
    monkeypatch.setattr(config, "get_option", lambda name: below.get(name) or known(name))
    app = static_files(folder)
    headers, _ = ask(app, "/lab/static/js/index.js", accepts="gzip")
    assert headers["content-encoding"] == "gzip"
    assert ask(app, "/static/js/index.js", accepts="gzip")[1] == FROM_STREAMLIT


def test_the_lab_s_own_server_compresses_what_its_page_begins_with(lab_url: str) -> None:
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    script = page.partition('src="./')[2].partition('"')[0]
    asked = urllib.request.Request(f"{lab_url}/{script}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        content = gzip.decompress(answer.read())
    assert content == Path(file_util.get_static_dir(), script).read_bytes()
