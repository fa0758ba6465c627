# ruff: noqa: T201 - it prints what it measured
"""What the worst messages of strangers cost the server: `python -m tests.bench.strangers`.

Processor time, since the server is one process and whatever it spends on one visitor the others
wait for, and memory at its height; beside them the same page asked for with nothing in the message.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.bench.lab_server import LabServer
from tests.bench.load_class import processor_seconds
from tests.ui.test_strangers import CANVAS, LINKS, Server, widgets_that_no_page_has
from tests.wire import Wire, elements

TIMES = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lab = LabServer(Path(folder) / "runs")
        lab.start()
        try:
            report(Bench(lab))
        finally:
            lab.stop()


def report(bench: Bench) -> None:
    print("what one message costs the server (goals: 0.2 s, 50 MB)")
    print(f"{bench.cost()}  nothing: the page again")
    for kind, content in CANVAS.items():
        print(f"{bench.cost(drawn=[content()])}  canvas: {kind}")
    for kind, query in LINKS.items():
        print(f"{bench.cost(query=query)}  link: {kind}")
    print(f"{bench.cost(widgets=widgets_that_no_page_has())}  widgets that no page has")


class Bench:
    """A lab that is asked for its page Draw."""

    def __init__(self, lab: LabServer) -> None:
        self._lab = lab
        self._server = Server(lab, Path())

    def cost(
        self,
        drawn: list[str] | None = None,
        query: str = "",
        widgets: list[WidgetState] | None = None,
    ) -> str:
        """Of one message, the median of a few visitors who send it.

        `drawn` is what the canvas says, if anything; `widgets` are sent beside it.
        """
        times, heights = [], []
        for _ in range(TIMES):
            with Wire(self._lab.address, "draw") as stranger:
                shown = [each.bidi_component for each in elements(stranger.run())]
                (canvas,) = [each.id for each in shown if "drawable" in each.component_name]
                said = [WidgetState(id=canvas, json_value=each) for each in drawn or []]
                memory = self._server.forget_the_peak()
                worked = processor_seconds(self._lab.process.pid)
                stranger.run(*said, *(widgets or []), query=query)
                times.append(processor_seconds(self._lab.process.pid) - worked)
                heights.append(self._server.peak() - memory)
        return f"{statistics.median(times):6.2f} s {statistics.median(heights):4.0f} MB"


if __name__ == "__main__":
    main()
