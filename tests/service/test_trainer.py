"""One server's service, round by round: a worker that trains nothing, and a clock of our own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aecore.runs import BROUGHT_FILE, Run, Status
from aecore.service.folder_lock import FolderInUseError, lock_folder
from aecore.service.folders import Folders
from aecore.service.host import MEGABYTE, Host
from aecore.service.limits import Limits
from aecore.service.queue import OPEN
from aecore.service.refusals import (
    CannotWriteError,
    HostTooSmallError,
    NoRoomError,
    OneIsWaitingError,
    QueueFullError,
    VisitorTrainsTooOftenError,
)
from aecore.service.trainer import Trainer
from aecore.specs import TrainingSpec
from tests.conftest import wait_until
from tests.service.fakes import Clock, Disk, LonelyWorker, Task

SPECS = [TrainingSpec("plain", images=1_000, epochs=8, seed=seed) for seed in range(6)]
A, B, C = SPECS[:3]


class Server:
    """A trainer whose thread is the test."""

    def __init__(self, root: Path, limits: Limits | None = None) -> None:
        self.root = root
        self.clock = Clock()
        self.worker = LonelyWorker()
        self.left: set[str] = set()
        self.trainer = Trainer(
            root,
            self.worker,
            limits or Limits(),
            clock=self.clock,
            is_connected=lambda visitor: visitor not in self.left,
        )

    def submit(self, spec: TrainingSpec, visitor: str = "a") -> None:
        assert self.trainer.submit(spec, visitor) == spec.key

    def tick(self) -> None:
        self.clock.passes(0.2)
        self.trainer.tick()

    def rescan(self) -> None:
        self.clock.passes(1)
        self.tick()

    def begin(self, spec: TrainingSpec, visitor: str = "a") -> Task:
        """Submit a spec and let the worker begin with it."""
        self.submit(spec, visitor)
        self.tick()
        assert self.worker.task.folder.name == spec.key
        self.worker.task.begin()
        self.tick()
        return self.worker.task

    def status(self, spec: TrainingSpec) -> Status:
        return Run(self.root / spec.key).status()

    def place(self, spec: TrainingSpec) -> int | None:
        ticket = self.trainer.ticket(spec.key)
        return None if ticket is None else ticket.place


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    started = []

    def new_server(limits: Limits | None = None) -> Server:
        server = Server(tmp_path, limits)
        started.append(server)
        return server

    yield new_server
    for server in started:
        server.trainer.close()


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    return start()


def test_wishes_are_trained_one_after_another(server: Server) -> None:
    for spec, visitor in ((A, "a"), (B, "b"), (C, "c")):
        server.submit(spec, visitor)
    for spec, waiting in ((A, [B, C]), (B, [C]), (C, [])):
        server.tick()
        assert server.worker.task.folder.name == spec.key
        assert server.place(spec) == 0
        assert [server.place(other) for other in waiting] == list(range(1, len(waiting) + 1))
        server.worker.task.begin()
        server.worker.task.end()
        server.tick()
    assert len(server.worker.tasks) == 3
    assert [server.place(spec) for spec in (A, B, C)] == [None] * 3


def test_thirty_who_wish_the_same_at_once_share_one_training(server: Server) -> None:
    gate = threading.Barrier(30)

    def wish(visitor: str) -> None:
        gate.wait()
        server.submit(A, visitor)

    threads = [threading.Thread(target=wish, args=(f"v{number}",)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.tick()
    assert len(server.worker.tasks) == 1
    ticket = server.trainer.ticket(A.key, "v0")
    assert ticket is not None
    assert ticket.others == 29


def test_what_is_finished_opens_at_once(server: Server) -> None:
    server.begin(A)
    server.worker.task.end()
    server.tick()
    server.submit(A, "b")
    assert server.place(A) is None
    server.tick()
    assert len(server.worker.tasks) == 1


def test_a_full_queue_refuses_but_never_what_is_there_already(
    start: Callable[..., Server],
) -> None:
    server = start(Limits(queue_length=1))
    server.begin(A, "a")
    server.submit(B, "b")
    with pytest.raises(QueueFullError):
        server.submit(C, "c")
    server.submit(B, "c")
    server.submit(A, "d")
    with pytest.raises(OneIsWaitingError):
        server.submit(C, "b")


def test_leaving_the_queue_takes_the_folder_along(server: Server) -> None:
    server.begin(A, "a")
    server.submit(B, "b")
    server.submit(C, "c")
    assert server.trainer.stop(B.key, "b")
    assert not (server.root / B.key).exists()
    assert server.place(C) == 1
    server.submit(B, "b")
    assert server.place(B) == 2


def test_what_somebody_joins_while_it_is_left_goes_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.begin(C, "c")
    server.submit(A, "a")

    def ask_while_somebody_joins(*_: object) -> bool:
        server.submit(A, "b")
        return False

    monkeypatch.setattr(Trainer, "_is_wanted_elsewhere", ask_while_somebody_joins)
    assert not server.trainer.stop(A.key, "a")
    assert server.place(A) == 1


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_wish_in_the_very_moment_somebody_leaves_is_not_lost(
    server: Server, monkeypatch: pytest.MonkeyPatch, epochs: int
) -> None:
    server.begin(C, "c")
    server.submit(A, "a")
    if epochs:
        Task(server.root / A.key, "").beat(epoch=epochs)
    other = threading.Thread(target=server.submit, args=(A, "b"))
    drop = Folders.drop

    def drop_slowly(folders: Folders, name: str) -> None:
        other.start()
        other.join(timeout=0.2)  # while this one leaves, the other one has to wait
        server.rescan()
        drop(folders, name)

    monkeypatch.setattr(Folders, "drop", drop_slowly)
    assert server.trainer.stop(A.key, "a")
    other.join(timeout=10)
    assert server.place(A) == 1
    server.worker.task.end()
    server.tick()
    server.tick()
    assert server.worker.task.folder.name == A.key
    server.worker.task.begin()
    server.tick()
    assert server.place(A) == 0


def test_stop_reaches_the_worker_and_keeps_what_it_learnt(server: Server) -> None:
    task = server.begin(A)
    task.beat(epoch=1)
    assert server.trainer.stop(A.key, "a")
    assert task.run.stop_requested()
    task.end("stopped")
    server.tick()
    assert server.place(A) is None
    assert server.status(A).state == "stopped"


def test_train_pressed_while_a_stopped_run_is_kept_is_not_forgotten(server: Server) -> None:
    task = server.begin(A)
    task.beat(epoch=1)
    server.trainer.stop(A.key, "a")
    server.submit(A, "a")
    assert server.place(A) == 1
    task.end("stopped")
    server.tick()
    server.tick()
    assert len(server.worker.tasks) == 2
    assert not task.run.stop_requested()
    assert (server.status(A).state, server.status(A).epoch) == ("queued", 1)
    server.worker.task.begin()
    server.tick()
    assert server.place(A) == 0


def test_a_wish_in_the_very_moment_the_stopped_run_ends_is_not_forgotten(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = server.begin(A)
    task.beat(epoch=1)
    server.trainer.stop(A.key, "a")
    look = Folders.is_stopping
    moments = [lambda: task.end("stopped"), server.tick]

    def look_while_it_ends(folders: Folders, name: str) -> bool:
        found = look(folders, name)
        while moments:
            moments.pop(0)()
        return found

    monkeypatch.setattr(Folders, "is_stopping", look_while_it_ends)
    server.submit(A, "a")
    server.tick()
    assert len(server.worker.tasks) == 2
    assert server.status(A).state == "queued"


def test_a_wish_for_a_run_that_stopped_too_late_is_answered(server: Server) -> None:
    task = server.begin(A)
    server.trainer.stop(A.key, "a")
    server.submit(A, "a")
    task.end("done")  # the stop came after the last epoch
    server.tick()
    server.tick()
    assert server.place(A) is None
    assert len(server.worker.tasks) == 1


def test_a_run_that_others_asked_for_goes_on(server: Server) -> None:
    task = server.begin(A, "a")
    server.submit(A, "b")
    assert not server.trainer.stop(A.key, "a")
    assert not task.run.stop_requested()
    assert server.trainer.stop(A.key, "b")
    assert task.run.stop_requested()


def test_whoever_loads_the_page_anew_may_stop_at_once(server: Server) -> None:
    task = server.begin(A, "the session before")
    server.left.add("the session before")
    server.trainer.look_at(A.key, "the session after")
    assert server.trainer.stop(A.key, "the session after")
    assert task.run.stop_requested()


def test_a_worker_that_dies_is_followed_by_another_at_once(server: Server) -> None:
    task = server.begin(A, "a")
    server.submit(B, "b")
    task.die()
    server.tick()
    assert server.status(A).message == "worker_died"
    server.tick()
    assert [task.folder.name for task in server.worker.tasks] == [A.key, A.key]
    assert server.place(B) == 1


def test_a_run_whose_workers_all_die_lets_others_go_on(server: Server) -> None:
    server.submit(A, "a")
    server.submit(B, "b")
    for _ in range(3):
        server.tick()
        server.worker.task.begin()
        server.worker.task.die()
        server.tick()
    assert (server.status(A).state, server.status(A).message) == ("failed", "worker_died")
    server.tick()
    assert server.worker.task.folder.name == B.key


def test_a_run_that_cannot_be_written_stands_in_nobody_s_way(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that root restored from a backup and forgot to give to the lab."""
    first = start()
    first.submit(A)
    first.trainer.close()
    disk = Disk(monkeypatch)
    disk.read_only.add(A.key)

    second = start()
    second.tick()
    second.submit(B, "b")
    second.worker.task.die()
    for _ in range(3):
        second.rescan()
    assert [task.folder.name for task in second.worker.tasks] == [A.key, B.key]
    second.worker.task.begin()
    second.worker.task.end()
    disk.read_only.clear()
    second.rescan()
    second.rescan()
    assert second.worker.task.folder.name == A.key
    assert second.status(A).attempt == 2


def test_a_hanging_worker_is_ended_and_silence_is_told(server: Server) -> None:
    task = server.begin(A)
    assert server.trainer.silence(A.key) < 1
    for _ in range(30):
        server.rescan()
    assert 30 < server.trainer.silence(A.key) < 37
    for _ in range(21):
        server.rescan()
    assert server.worker.ended == [task.future]
    server.tick()
    assert len(server.worker.tasks) == 2
    assert server.trainer.silence(A.key) < 2


def test_a_new_server_goes_on_where_the_last_one_ended(start: Callable[..., Server]) -> None:
    first = start()
    first.begin(A, "a").beat(epoch=2)
    first.submit(B, "b")
    first.trainer.close()  # killed: nobody wrote down anything

    second = start()
    second.tick()
    assert second.worker.task.folder.name == A.key
    assert (second.place(A), second.place(B)) == (0, 1)
    second.worker.task.begin()
    second.worker.task.end()
    second.tick()
    second.tick()
    assert second.worker.task.folder.name == B.key


def test_a_training_may_meet_many_stops_of_its_server(start: Callable[..., Server]) -> None:
    for epoch in range(1, 6):
        server = start()
        task = server.begin(A)
        task.beat(epoch=epoch)
        server.trainer.hand_over()
        assert server.status(A).wish != task.wish  # whatever the worker would write is void
        assert (server.status(A).state, server.status(A).epoch) == ("queued", epoch)
        assert server.status(A).attempt == 1
        server.trainer.close()


def test_a_wish_before_the_new_server_has_looked_around_joins(start: Callable[..., Server]) -> None:
    first = start()
    task = first.begin(A, "a")
    first.trainer.close()

    second = start()
    second.submit(A, "a")
    second.tick()
    assert second.worker.task.wish == task.wish
    assert second.status(A).state == "running"
    second.rescan()
    assert len(second.worker.tasks) == 1


def test_a_second_server_by_mistake_is_told(start: Callable[..., Server]) -> None:
    first = start()
    with pytest.raises(FolderInUseError, match="AELAB_RUNS"):
        start()
    first.trainer.close()
    start().begin(A)


def test_a_pipe_in_place_of_the_lock_is_let_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Opening one to write waits until somebody reads it: the server would never begin."""
    pipe = tmp_path / ".server"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # or this test could wait, too
    try:
        assert lock_folder(tmp_path) is None
    finally:
        os.close(reader)
    assert "no ordinary file" in caplog.text


def test_a_folder_that_cannot_be_written_refuses_all_who_wait_for_it(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / A.key).write_text("a file where the folder should be")
    for visitor in ("a", "b"):
        with pytest.raises(CannotWriteError):
            server.submit(A, visitor)
    assert server.place(A) is None
    server.begin(B, "a")


def test_whoever_joins_a_wish_that_cannot_be_written_is_refused_too(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_writing, may_fail = threading.Event(), threading.Event()

    def full_disk(*_: object) -> None:
        is_writing.set()
        may_fail.wait(10)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Run, "write_spec", full_disk)
    refused = []

    def wish(visitor: str) -> None:
        try:
            server.submit(A, visitor)
        except CannotWriteError:
            refused.append(visitor)

    first = threading.Thread(target=wish, args=("a",))
    first.start()
    assert is_writing.wait(10)
    assert server.place(A) == 1  # the queue answers while the disk does not
    second = threading.Thread(target=wish, args=("b",))
    second.start()
    may_fail.set()
    first.join()
    second.join()
    assert sorted(refused) == ["a", "b"]


BROUGHT = TrainingSpec("plain", epochs=1, brought="0123456789abcdef")


def test_two_who_bring_the_same_file_share_one_run(server: Server) -> None:
    for visitor in ("a", "b"):
        assert server.trainer.submit(BROUGHT, visitor, b"weights") == BROUGHT.key
    server.tick()
    assert [task.folder.name for task in server.worker.tasks] == [BROUGHT.key]
    assert (server.worker.task.folder / BROUGHT_FILE).read_bytes() == b"weights"
    server.trainer.stop(BROUGHT.key, "a")
    assert not server.worker.task.run.stop_requested()


def test_what_is_brought_to_a_full_queue_leaves_nothing_behind(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    server = start(Limits(queue_length=1))
    server.begin(A, "a")
    server.submit(B, "b")
    with pytest.raises(QueueFullError):
        server.trainer.submit(BROUGHT, "c", b"weights")
    with pytest.raises(OneIsWaitingError):
        server.trainer.submit(BROUGHT, "b", b"weights")
    assert not (tmp_path / BROUGHT.key).exists()


@pytest.mark.parametrize("refusing", ["write_brought", "write_status", "write_spec"])
def test_what_is_brought_to_a_full_disk_leaves_nothing_behind(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = set(tmp_path.iterdir())
    with monkeypatch.context() as patched:
        patched.setattr(Run, refusing, full_disk)
        with pytest.raises(CannotWriteError):
            server.trainer.submit(BROUGHT, "a", b"weights")
    assert set(tmp_path.iterdir()) == before
    server.trainer.submit(BROUGHT, "a", b"weights")  # and nobody stands in the way of another try


def test_a_disk_that_does_not_answer_for_a_moment_refuses_nobody(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(_folders: Folders, _name: str) -> Status | None:
        raise OSError(116, "Stale file handle")

    with monkeypatch.context() as patched:
        patched.setattr(Folders, "status", stale)
        server.submit(A)
    server.tick()
    assert server.place(A) == 0


def test_what_is_brought_again_after_it_was_lost_is_written_again(server: Server) -> None:
    server.trainer.submit(BROUGHT, "a", b"weights")
    server.tick()
    file = server.worker.task.folder / BROUGHT_FILE
    file.unlink()
    server.worker.task.begin()
    server.worker.task.end("failed", "broken", sealed=False)
    server.tick()
    server.trainer.submit(BROUGHT, "a", b"weights")
    server.tick()
    assert len(server.worker.tasks) == 2
    assert file.read_bytes() == b"weights"


def test_leaving_the_queue_takes_what_was_brought_along(server: Server, tmp_path: Path) -> None:
    server.begin(A, "a")
    server.trainer.submit(BROUGHT, "b", b"weights")
    server.trainer.stop(BROUGHT.key, "b")
    assert not (tmp_path / BROUGHT.key).exists()


def test_a_damaged_folder_does_not_stop_the_service(server: Server, tmp_path: Path) -> None:
    damaged = tmp_path / B.key
    damaged.mkdir()
    (damaged / "spec.json").write_bytes(b"\xff")
    (damaged / "status.json").write_bytes(b'{"state": "running"}')
    server.begin(A).end()
    server.rescan()
    assert server.place(A) is None


def test_open_runs_stay_and_go_when_they_are_left(start: Callable[..., Server]) -> None:
    server = start(Limits(runs_megabytes=1))
    for spec in (A, B, C):
        server.begin(spec).end(size=100_000)  # 0.4 MB
        server.tick()
    names = {run.parent.name for run in server.root.glob("*/checksums.json")}
    assert names == {A.key, B.key, C.key}  # too much, but all open

    server.clock.passes(OPEN + 1)  # and no other run ends meanwhile
    server.trainer.look_at(A.key, "a")
    server.rescan()
    names = {run.parent.name for run in server.root.glob("*/checksums.json")}
    assert names == {A.key, C.key}


def test_while_open_runs_fill_the_disk_nothing_new_begins(start: Callable[..., Server]) -> None:
    server = start(Limits(runs_megabytes=1))
    server.begin(A).end(size=400_000)  # 2 MB
    server.tick()
    with pytest.raises(NoRoomError) as caught:
        server.submit(B)
    assert caught.value.seconds == OPEN
    server.submit(A)  # to look at it costs nothing
    server.clock.passes(OPEN + 1)
    server.rescan()
    server.submit(B)


def test_only_new_trainings_count_among_those_of_an_hour(start: Callable[..., Server]) -> None:
    server = start(Limits(browser_trainings_an_hour=1))
    server.begin(A)
    server.submit(A)
    server.submit(A, "b")
    with pytest.raises(VisitorTrainsTooOftenError):
        server.submit(B)
    server.submit(B, "b")
    server.submit(B)


def test_what_could_not_be_written_does_not_count_among_those_of_an_hour(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(Limits(browser_trainings_an_hour=1))
    disk = Disk(monkeypatch)
    disk.is_full = True
    for _ in range(2):
        with pytest.raises(CannotWriteError):
            server.submit(A)
    disk.is_full = False
    server.submit(A)


def test_a_server_that_ends_lets_go_of_its_worker_and_of_the_folder(tmp_path: Path) -> None:
    worker = LonelyWorker()
    trainer = Trainer(tmp_path, worker, Limits()).start()
    trainer.submit(A, "a")
    wait_until(lambda: bool(worker.tasks), seconds=10)
    worker.task.begin()
    assert trainer.is_alive
    trainer.hand_over()
    assert worker.is_closed
    assert not trainer.is_alive
    successor = Trainer(tmp_path, LonelyWorker(), Limits())  # the folder is free
    successor.tick()
    assert successor.ticket(A.key) is not None
    successor.close()


def test_a_round_that_does_not_end_is_a_sign_of_trouble(tmp_path: Path) -> None:
    clock, gate = Clock(), threading.Event()
    worker = LonelyWorker()
    worker.count = lambda: int(gate.wait(10))  # type: ignore[method-assign]
    trainer = Trainer(tmp_path, worker, Limits(), clock=clock).start()
    trainer.submit(A, "a")
    assert trainer.is_alive
    clock.passes(60)
    assert not trainer.is_alive
    gate.set()
    wait_until(lambda: trainer.is_alive, seconds=10)
    trainer.close()


def test_the_worker_is_warmed_up_when_it_is_free(server: Server) -> None:
    server.trainer.warm_up()
    server.tick()
    assert server.worker.warmed_up == 1
    server.tick()
    assert server.worker.warmed_up == 1
    server.begin(A)
    server.trainer.warm_up()
    server.tick()
    assert server.worker.warmed_up == 1


def test_nobody_waits_longer_than_a_training_may_take(start: Callable[..., Server]) -> None:
    server = start(Limits(job_seconds=100))
    long = replace(A, images=60_000, epochs=200, batch_size=16)
    assert server.trainer.estimator.seconds(long) > 100
    server.begin(long, "a")
    server.submit(B, "b")
    ticket = server.trainer.ticket(B.key, "b")
    assert ticket is not None
    assert ticket.seconds_before == 100


def test_what_trainings_took_corrects_the_estimates(start: Callable[..., Server]) -> None:
    server = start()
    long = TrainingSpec("plain", images=60_000, epochs=3)
    before = server.trainer.estimator.epoch_seconds(long)
    server.begin(long).end()  # whose epochs took 2 s
    server.tick()
    after = server.trainer.estimator.epoch_seconds(long)
    assert before < after
    server.trainer.close()
    assert start().trainer.estimator.epoch_seconds(long) == after


def test_pages_are_answered_while_the_thread_works(server: Server) -> None:
    """Nothing that a page asks may disturb the thread, nor the other way round."""
    stop, failures = threading.Event(), []

    def ask() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                server.trainer.look_at(f"run{number % 700}", f"v{number}")
                server.trainer.silence(A.key)
                server.trainer.ticket(A.key)
                server.trainer.expected_wait()
            except Exception as error:  # noqa: BLE001 - any failure is one
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        server.rescan()
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_host_that_is_too_small_trains_nothing_and_starts_no_worker(tmp_path: Path) -> None:
    Folders(tmp_path).ask(A)  # left by a server that had more memory
    clock, worker = Clock(), LonelyWorker()
    trainer = Trainer(tmp_path, worker, Limits(), clock=clock, host=Host(512 * MEGABYTE))
    with pytest.raises(HostTooSmallError):
        trainer.submit(B, "a")
    trainer.warm_up()
    clock.passes(2)
    trainer.tick()
    assert not worker.tasks
    assert not worker.warmed_up
    assert not Run(tmp_path / B.key).folder.exists()
    trainer.close()
