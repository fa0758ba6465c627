"""What is offered to browsers is served from its own address, as long as a visitor keeps it."""

from __future__ import annotations

import gc
from dataclasses import dataclass

import pytest
import streamlit as st
from starlette.responses import PlainTextResponse

from aecore.ui import parcels
from aecore.ui.parcels import Parcels, offer
from tests.ui.test_static_files import FROM_STREAMLIT, ask


@dataclass(frozen=True)
class Weights:
    content: bytes


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Parcels:
    monkeypatch.setattr(st, "session_state", {})
    return Parcels(PlainTextResponse(FROM_STREAMLIT))


def test_what_was_offered_is_there_until_many_others_were(app: Parcels) -> None:
    address = "/" + offer(Weights(b"1, 2, 3"), "a1b2")
    for number in range(parcels._MOST - 1):
        offer(Weights(b"4"), f"other {number}")
    headers, body = ask(app, address, accepts="gzip")
    assert body == b"1, 2, 3"
    assert headers["content-type"] == "application/octet-stream"
    assert "immutable" in headers["cache-control"]
    offer(Weights(b"4"), "one more")
    gc.collect()
    assert ask(app, address, accepts="gzip")[1] == FROM_STREAMLIT


def test_it_is_gone_with_the_last_visitor_who_was_offered_it(
    app: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/" + offer(Weights(b"1, 2, 3"), "a1b2")
    another: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", another)
    offer(another.setdefault("same", Weights(b"1, 2, 3")), "a1b2")  # type: ignore[arg-type]
    assert ask(app, address, accepts="")[1] == b"1, 2, 3"
    another.clear()
    gc.collect()
    assert ask(app, address, accepts="")[1] == FROM_STREAMLIT


@pytest.mark.parametrize(
    ("path", "method"),
    [("/static/parcels/none.bin", "GET"), ("/draw", "GET"), ("/static/parcels/a1b2.bin", "HEAD")],
)
def test_all_else_is_left_to_streamlit(app: Parcels, path: str, method: str) -> None:
    offer(Weights(b"1, 2, 3"), "a1b2")
    assert ask(app, path, accepts="", method=method)[1] == FROM_STREAMLIT
