"""What is large and does not change, on its way to browsers: once, from an address of its content.

As one of Streamlit's media files it would be hashed anew for every answer that names it: with all
models ticked 23 MB, a third of what a stroke costs the server. Nor may a browser keep those.
"""

from __future__ import annotations

from typing import Protocol
from weakref import WeakValueDictionary

import streamlit as st
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aecore.ui.shared import shared
from aecore.ui.static_files import KEPT, root_address

_BELOW = "static/parcels/"

_MOST = 24
"""For one visitor. A page shows at most 18 models; shipped ones are the same for all visitors."""


class Parcel(Protocol):
    """Whatever has a content for browsers."""

    @property
    def content(self) -> bytes: ...


def offer(parcel: Parcel, key: str) -> str:
    """The address of a parcel, counted from where the lab's site begins.

    It holds until this visitor has been offered many others. `key` is to be another for another
    content, and nobody's guess.
    """
    _offered()[key] = parcel
    kept: dict[str, Parcel] = st.session_state.setdefault("parcels", {})
    kept.pop(key, None)
    kept[key] = parcel
    if len(kept) > _MOST:
        del kept[next(iter(kept))]
    return f"{_BELOW}{key}.bin"


@shared(1)
def _offered() -> WeakValueDictionary[str, Parcel]:
    """By their keys, as long as one of the visitors keeps them."""
    return WeakValueDictionary()


class Parcels:
    """Around `app`: answers with what was offered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._below = app, root_address() + _BELOW

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["path"].removeprefix(self._below) if scope["type"] == "http" else ""
        parcel = _offered().get(asked.removesuffix(".bin"))
        if parcel is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        answer = Response(parcel.content, media_type="application/octet-stream", headers=KEPT)
        await answer(scope, receive, send)
