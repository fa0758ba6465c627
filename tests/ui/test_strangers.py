"""What anybody on the internet may send, to a real server; and what it tells of itself."""

from __future__ import annotations

import base64
import json
import re
import struct
import sys
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import numpy as np
import pytest
from streamlit import file_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import InvalidStatus

from aecore.guarded.bounds import PNG_SIDE, STROKES
from tests.bench.lab_server import LabServer
from tests.conftest import PROJECT, wait_until
from tests.wire import Wire, elements, said

MEMORY = 50.0
"""Megabytes that one message may cost the server at its height."""

MEGABYTE = 1_000_000


class Server:
    """A lab on a host of its own, its process and its log."""

    def __init__(self, lab: LabServer, log: Path) -> None:
        self.address = lab.address
        self.log = log
        self._process = Path(f"/proc/{lab.process.pid}")

    def forget_the_peak(self) -> float:
        """Megabytes that it takes now; the greatest counts from now on."""
        (self._process / "clear_refs").write_text("5")
        return self._megabytes("VmRSS")

    def peak(self) -> float:
        return self._megabytes("VmHWM")

    def _megabytes(self, what: str) -> float:
        found = re.search(rf"{what}:\s+(\d+) kB", (self._process / "status").read_text())
        assert found
        return int(found[1]) / 1000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("strangers")
    lab = LabServer(folder / "runs", log=folder / "log")
    lab.start()
    with Wire(lab.address, "draw") as first:
        first.run()
    yield Server(lab, folder / "log")
    lab.stop()


# Messages


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(side: int, *, noise: bool = False) -> str:
    """A square picture as the canvas sends it."""
    draw = np.random.default_rng(0)
    rows = (draw.bytes(4 * side) if noise else bytes(4 * side) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    content = chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + content).decode()


def drawing(objects: object, picture: object) -> str:
    return json.dumps({"drawing": {"raw": {"objects": objects}, "data": picture}})


def line(points: int, width: float = 18) -> dict[str, object]:
    return {"type": "Path", "path": [["L", 1, 1]] * points, "strokeWidth": width}


CANVAS = {
    "as many pixels as may be": lambda: drawing([], png(PNG_SIDE)),
    "more pixels": lambda: drawing([], png(4 * PNG_SIDE)),
    "noise": lambda: drawing([], png(340, noise=True)),
    "as many strokes as may be": lambda: drawing([line(12)] * STROKES, png(281)),
    "a long stroke": lambda: drawing([line(70_000)], png(282)),
    "a broad stroke": lambda: drawing([line(9, 1e300)], png(283)),
    "no numbers": lambda: drawing([line(9)], png(284)).replace("1, 1", "NaN, 1e999"),
    "no picture": lambda: drawing([], "x" * 900_000),
    "deep": lambda: '{"drawing":' + "[" * 450_000 + "]" * 450_000 + "}",
    "wide": lambda: '{"drawing":[' + "[]," * 320_000 + "[]]}",
    "many names": lambda: '{"drawing":[' + '{"":1},' * 140_000 + "{}]}",
    "a long number": lambda: '{"drawing":' + "9" * 950_000 + "}",
    "no letters": lambda: '{"drawing":"' + "\\ud800" * 150_000 + '"}',
}

needs_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="asks Linux how much memory a process took"
)


def assert_bearable(server: Server, before: float) -> None:
    """The server was not shaken, and the next visitor sees a page."""
    assert server.peak() - before < MEMORY
    with Wire(server.address, "draw") as next_one:
        answers = next_one.run()
    assert not [each for each in elements(answers) if each.WhichOneof("type") == "exception"]


@needs_linux
@pytest.mark.parametrize("kind", CANVAS)
def test_no_message_of_the_canvas_costs_much(server: Server, kind: str) -> None:
    content = CANVAS[kind]()
    with Wire(server.address, "draw") as stranger:
        shown = [each.bidi_component for each in elements(stranger.run())]
        (canvas,) = [each.id for each in shown if "drawable" in each.component_name]
        before = server.forget_the_peak()
        answers = stranger.run(WidgetState(id=canvas, json_value=content))
    assert_bearable(server, before)
    assert answers


LINKS = {
    "a long word": "sketch=" + "A" * 500_000,
    "many names": "&".join(f"n{number}=1" for number in range(40_000)),
    "one name again and again": "digit=1&" * 60_000,
    "a bomb": "sketch=" + base64.urlsafe_b64encode(zlib.compress(bytes(MEGABYTE))).decode(),
    "zeros": "run=" + "%00" * 150_000,
}


@needs_linux
@pytest.mark.parametrize("kind", LINKS)
def test_no_link_costs_much(server: Server, kind: str) -> None:
    with Wire(server.address, "draw") as stranger:
        before = server.forget_the_peak()
        answers = stranger.run(query=LINKS[kind])
    assert_bearable(server, before)
    assert not [each for each in elements(answers) if each.WhichOneof("type") == "exception"]


def widgets_that_no_page_has() -> list[WidgetState]:
    return [
        WidgetState(id=f"$$ID-{number:032}-bound_digit", double_value=float("nan"))
        for number in range(15_000)
    ]


@needs_linux
@pytest.mark.parametrize("page", ["latent", "inside", "train"])
def test_widgets_that_no_page_has_cost_little(server: Server, page: str) -> None:
    with Wire(server.address, page) as stranger:
        stranger.run()
        before = server.forget_the_peak()
        stranger.run(*widgets_that_no_page_has())
    assert_bearable(server, before)


@needs_linux
@pytest.mark.parametrize("size", [2 * MEGABYTE, 30 * MEGABYTE])
def test_a_message_that_is_too_large_ends_its_connection_only(server: Server, size: int) -> None:
    message = BackMsg()
    message.rerun_script.query_string = "x" * size
    before = server.forget_the_peak()
    with Wire(server.address) as stranger:
        stranger.send(message.SerializeToString())
        assert stranger.wait_until_closed() in (1009, 1006)  # too big; or cut off
    assert_bearable(server, before)


def test_noise_ends_its_connection_only(server: Server) -> None:
    with Wire(server.address) as stranger:
        stranger.send(np.random.default_rng(0).bytes(1_000))
        assert stranger.wait_until_closed() == 1002  # no message at all
    with Wire(server.address) as next_one:
        assert next_one.run()


def test_nobody_can_end_the_training_service_by_clearing_caches(server: Server) -> None:
    message = BackMsg()
    message.clear_cache = True
    with Wire(server.address, "train") as stranger:
        stranger.run()
        stranger.send(message.SerializeToString())
        stranger.run()
    with Wire(server.address, "train") as next_one:
        answers = next_one.run()
    buttons = [each.button for each in elements(answers) if each.WhichOneof("type") == "button"]
    assert "Train" in [each.label for each in buttons]
    assert not [sentence for sentence in said(answers) if "not set up" in sentence]


# What the server lets others do, and what it says of itself


def answered(server: Server, path: str, **options: object) -> tuple[int, dict[str, str]]:
    """Status and headers of a request."""
    request = urllib.request.Request(f"http://{server.address}{path}", **options)  # type: ignore[arg-type]
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}
    except HTTPError as error:
        return error.code, {name.lower(): value for name, value in error.headers.items()}


def test_other_sites_may_neither_read_nor_connect(server: Server) -> None:
    elsewhere = "https://elsewhere.example"
    for path in ("/", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics"):
        _, headers = answered(server, path, headers={"Origin": elsewhere})
        assert headers.get("access-control-allow-origin") not in ("*", elsewhere), path
    with pytest.raises(InvalidStatus, match="403"):
        Wire(server.address, origin=elsewhere)


def test_nothing_is_uploaded_without_the_visitor_s_token(server: Server) -> None:
    status, _ = answered(server, "/_stcore/upload_file/a/b", data=b"x", method="PUT")
    assert status == 403


def test_the_cookie_is_for_this_site_alone(server: Server) -> None:
    _, headers = answered(server, "/_stcore/health")
    assert "SameSite=Lax" in headers["set-cookie"]
    assert "Domain" not in headers["set-cookie"]


@pytest.mark.parametrize("path", ["/", "/draw", "/_stcore/health", "/favicon.png", "script"])
def test_every_answer_tells_browsers_what_not_to_do(server: Server, path: str) -> None:
    scripts = Path(file_util.get_static_dir(), "static", "js").glob("index.*.js")
    address = f"/static/js/{next(scripts).name}" if path == "script" else path
    for accepted in ("gzip", "identity"):
        _, headers = answered(server, address, headers={"Accept-Encoding": accepted})
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_no_door_is_open_that_the_lab_does_not_use(server: Server) -> None:
    status, _ = answered(server, "/_stcore/agent/interact", data=b"{}", method="POST")
    assert status >= 400
    for path in ("/app/static/app.py", "/component/..%2f..%2fetc/passwd", "/media/../app.py"):
        status, headers = answered(server, path)
        assert status >= 400 or "text/html" in headers["content-type"], path


def test_a_visitor_learns_nothing_of_the_host_s_folders(server: Server) -> None:
    """The last test here: the log has lines of all that went before."""
    with Wire(server.address, "draw") as stranger:
        shown = [each.bidi_component for each in elements(stranger.run())]
        (canvas,) = [each.id for each in shown if "drawable" in each.component_name]
        broken = "[" * 100_000
        answers = stranger.run(WidgetState(id=canvas, json_value=broken))
    shown = str(elements(answers))
    wait_until(lambda: "RecursionError" in server.log.read_text(), seconds=10)
    for folder in (str(PROJECT), sys.prefix, sys.base_prefix, str(Path.home()) + "/"):
        assert folder not in shown
        assert folder not in server.log.read_text()
