"""Browsers and their pages on a real server: who is one visitor, who waits outside, how it ends."""

from __future__ import annotations

import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from aecore.runs import Run, Status
from aecore.specs import TrainingSpec
from tests.bench.lab_server import LabServer
from tests.conftest import wait_until
from tests.wire import Wire, elements, said

LONG = TrainingSpec("plain", images=10_000, epochs=60)
NEXT = TrainingSpec("plain", images=1_000, epochs=1)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabServer]:
    server = LabServer(
        tmp_path / "runs", log=tmp_path / "log", AELAB_SESSIONS="5", AELAB_BROWSER_SESSIONS="3"
    )
    server.start()
    yield server
    server.stop(signal.SIGKILL)


def cookie_of(lab: LabServer) -> str:
    """What the server gives to a browser that comes for the first time."""
    with urllib.request.urlopen(f"http://{lab.address}/_stcore/health") as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]


def wish(lab: LabServer, runs: Path, spec: TrainingSpec) -> Run:
    """A folder as a server leaves it that ended before the wish was granted."""
    assert lab.address
    run = Run(runs / spec.key)
    run.write_status(Status(wish=spec.key))
    run.write_spec(spec)
    return run


def button(answers: list[ForwardMsg], label: str) -> WidgetState:
    """A click on it."""
    found = [each.button for each in elements(answers) if each.WhichOneof("type") == "button"]
    (its_id,) = [each.id for each in found if each.label == label]
    return WidgetState(id=its_id, trigger_value=True)


def metrics(lab: LabServer) -> dict[str, str]:
    with urllib.request.urlopen(f"http://{lab.address}/_stcore/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if line.startswith("lab_"))


def test_browsers_pages_and_the_end(lab: LabServer, tmp_path: Path) -> None:
    """One server, since each takes seconds to start."""
    nobody = {"lab_trainer_alive": "1", "lab_trainings_waiting": "0", "lab_open_pages": "0"}
    assert metrics(lab) == nobody
    mine, yours = cookie_of(lab), cookie_of(lab)
    link = f"architecture=plain&images=10000&epochs={LONG.epochs}&run={LONG.key}"

    # Two pages of one browser are one visitor: what one asked for, the other stops.
    one, two = Wire(lab.address, "train", cookie=mine), Wire(lab.address, "train", cookie=mine)
    one.run(button(one.run(query=link), "Train"), query=link)
    run = Run(tmp_path / "runs" / LONG.key)
    wait_until(lambda: run.last_status().epoch > 0, seconds=120)
    one.run(query=link)  # a browser would do so twice a second
    with Wire(lab.address, "train", cookie=yours) as stranger:
        refused = stranger.run(button(stranger.run(query=link), "Stop"), query=link)
        for answers in (refused, stranger.run(query=link)):  # still there at the next look
            assert any("Others watch this training" in sentence for sentence in said(answers))
    two.run(button(two.run(query=link), "Stop"), query=link)
    wait_until(lambda: run.last_status().state == "stopped", seconds=60)

    # A browser has so many pages; others still come in.
    three = Wire(lab.address, cookie=mine)
    three.run()
    with Wire(lab.address, cookie=mine) as fourth:
        (sentence,) = said(fourth.run())
        assert sentence.startswith("This browser has as many pages")
    with Wire(lab.address, cookie=yours) as first, Wire(lab.address) as second:
        assert not said(first.run())
        assert not said(second.run())
        with Wire(lab.address) as third:
            (sentence,) = said(third.run(query="language=zh"))
            assert sentence.startswith("实验室里的人已经满了")
    assert metrics(lab) == {
        "lab_trainer_alive": "1",
        "lab_trainings_waiting": "0",
        "lab_open_pages": "3",
    }

    # The end: within seconds, and the next server goes on where this one ended.
    one.run(button(one.run(query=link), "Train"), query=link)
    epoch = run.last_status().epoch
    wait_until(lambda: run.last_status().epoch > epoch, seconds=120)
    waiting = wish(lab, tmp_path / "runs", NEXT)
    workers = psutil.Process(lab.process.pid).children(recursive=True)
    assert lab.stop() < 5
    assert lab.process.returncode == -signal.SIGTERM  # not ended by force
    psutil.wait_procs(workers, timeout=5)
    assert not [worker for worker in workers if worker.is_running()]
    assert run.last_status().state == "queued"
    kept = run.epoch_numbers()
    assert len(kept) > epoch
    for page in (one, two, three):
        page.close()
    lab.start()
    with Wire(lab.address, "train") as visitor:
        visitor.run()
        wait_until(lambda: len(run.epoch_numbers()) > len(kept), seconds=120)
        run.request_stop()
        wait_until(lambda: waiting.last_status().is_over, seconds=120)
