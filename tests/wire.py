"""A visitor without a browser: speaks Streamlit's protocol, and may send whatever he likes."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


class Wire:
    """One session. `address` is host and port; `cookie` what the browser remembers."""

    def __init__(self, address: str, page: str = "", *, cookie: str = "", origin: str = "") -> None:
        self._page = page
        self._socket = connect(
            f"ws://{address}/_stcore/stream",
            origin=origin or f"http://{address}",  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookie} if cookie else {},
            max_size=None,
            open_timeout=60,
        )

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        self._socket.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self, *widgets: WidgetState, query: str = "", fragment: str = "", seconds: float = 60
    ) -> list[ForwardMsg]:
        """Let the script run with these widgets changed; all that it answers."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = self._page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(widgets)
        self.send(message.SerializeToString())
        answers: list[ForwardMsg] = []
        deadline = time.monotonic() + seconds
        while not answers or not _is_last(answers[-1]):
            answer = ForwardMsg()
            left = max(deadline - time.monotonic(), 0.01)
            answer.ParseFromString(self._socket.recv(timeout=left))  # type: ignore[arg-type]
            answers.append(answer)
        return answers

    def send(self, content: bytes) -> None:
        with suppress(ConnectionClosed):  # the server may not even read it all
            self._socket.send(content)

    def wait_until_closed(self) -> int:
        """Read until the server ends the connection; the code it gives, 1006 if it gives none."""
        with suppress(ConnectionClosed):
            for _ in self._socket:
                pass
        return self._socket.protocol.close_code or 1006


def _is_last(answer: ForwardMsg) -> bool:
    """Whether the script is done, and does not begin again by itself."""
    return (
        answer.WhichOneof("type") == "script_finished"
        and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )


def elements(answers: list[ForwardMsg]) -> list[Any]:
    """All elements among the answers."""
    deltas = [each.delta for each in answers if each.WhichOneof("type") == "delta"]
    return [delta.new_element for delta in deltas if delta.WhichOneof("type") == "new_element"]


def said(answers: list[ForwardMsg]) -> list[str]:
    """The sentences in boxes: warnings, errors, hints."""
    kinds = [(each.WhichOneof("type"), each) for each in elements(answers)]
    return [each.alert.body for kind, each in kinds if kind == "alert"]
