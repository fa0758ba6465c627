"""What every answer of the server tells a browser not to do."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORBIDDING = {
    "X-Content-Type-Options": "nosniff",  # to run as a script what was not sent as one
    "Referrer-Policy": "same-origin",  # to tell other sites the address: a drawing may be in it
}


class ForbiddingHeaders:
    """Around `app`: its answers, with these headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_them(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(FORBIDDING)
            await send(message)

        await self._app(scope, receive, send_with_them if scope["type"] == "http" else send)
