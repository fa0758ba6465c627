# ruff: noqa: T201 - it prints what it measured
"""What the worst messages of strangers cost the server: `python -m tests.bench.strangers`.

Processor time, since the server is one process and whatever it spends on one visitor the others
wait for; beside it the same page asked for again, with nothing in the message. The memory that such
messages take is a test's business.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.bench.lab_server import LabServer
from tests.bench.load_class import processor_seconds
from tests.ui.test_strangers import CANVAS, LINKS, widgets_that_no_page_has
from tests.wire import Wire, elements

TIMES = 3
GOAL = 0.2


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = LabServer(Path(folder) / "runs")
        server.start()
        try:
            report(server)
        finally:
            server.stop()


def report(server: LabServer) -> None:
    print(f"processor time of the server for one message, seconds (goal {GOAL})")
    print(f"{cost(server, []):6.2f}  nothing: the page again")
    for kind, content in CANVAS.items():
        print(f"{cost(server, [content()]):6.2f}  canvas: {kind}")
    for kind, query in LINKS.items():
        print(f"{cost(server, [], query=query):6.2f}  link: {kind}")
    print(f"{cost(server, [], widgets=widgets_that_no_page_has()):6.2f}  widgets that no page has")


def cost(
    server: LabServer,
    drawn: list[str],
    *,
    query: str = "",
    widgets: list[WidgetState] | None = None,
) -> float:
    """Of one message to the page Draw, the median of a few visitors who send it.

    `drawn` is what the canvas says, if anything; `widgets` are sent beside it.
    """
    costs = []
    for _ in range(TIMES):
        with Wire(server.address, "draw") as stranger:
            shown = [each.bidi_component for each in elements(stranger.run())]
            (canvas,) = [each.id for each in shown if "drawable" in each.component_name]
            said = [WidgetState(id=canvas, json_value=each) for each in drawn]
            before = processor_seconds(server.process.pid)
            stranger.run(*said, *(widgets or []), query=query)
            costs.append(processor_seconds(server.process.pid) - before)
    return statistics.median(costs)


if __name__ == "__main__":
    main()
