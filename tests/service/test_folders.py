"""What is on disk: no workers, no visitors, no thread."""

from __future__ import annotations

import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from aecore.runs import BROUGHT_FILE, Run, RunStore, Status
from aecore.service.folders import Folders
from aecore.specs import TrainingSpec
from tests.service.fakes import Disk, Task

SPEC = TrainingSpec("plain", images=1_000, epochs=8)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def task(folders: Folders, spec: TrainingSpec = SPEC) -> Task:
    run = folders.run(spec.key)
    return Task(run.folder, run.last_status().wish)


def test_a_wish_makes_a_folder(folders: Folders) -> None:
    assert folders.ask(SPEC)
    run = folders.run(SPEC.key)
    assert run.spec() == SPEC
    assert run.status().state == "queued"
    assert folders.unfinished(set()) == [SPEC]
    assert folders.unfinished({SPEC.key}) == []


def test_a_run_that_waits_or_trains_keeps_its_wish(folders: Folders) -> None:
    folders.ask(SPEC)
    wish = folders.run(SPEC.key).status().wish
    assert folders.ask(SPEC)
    task(folders).begin()
    assert folders.ask(SPEC)
    assert folders.run(SPEC.key).status().wish == wish
    assert folders.run(SPEC.key).status().state == "running"


def test_what_is_done_is_answered(folders: Folders) -> None:
    folders.ask(SPEC)
    task(folders).begin()
    task(folders).end()
    assert not folders.ask(SPEC)
    assert folders.run(SPEC.key).status().is_over
    assert folders.unfinished(set()) == []


def test_a_model_that_was_damaged_since_is_trained_again(folders: Folders) -> None:
    folders.ask(SPEC)
    task(folders).begin()
    task(folders).end()
    (folders.run(SPEC.key).folder / "encoder.onnx").write_bytes(b"")
    assert folders.ask(SPEC)
    assert folders.unfinished(set()) == [SPEC]


@pytest.mark.parametrize("message", ["not_a_number", "exploded", "no_better_than_mean"])
def test_a_failure_of_the_spec_s_own_is_an_answer(folders: Folders, message: str) -> None:
    folders.ask(SPEC)
    task(folders).end("failed", message, sealed=False)  # type: ignore[arg-type]
    assert not folders.ask(SPEC)


@pytest.mark.parametrize("message", ["worker_died", "disk_full", "out_of_memory", "broken"])
def test_a_failure_of_the_machine_s_may_be_tried_again(folders: Folders, message: str) -> None:
    folders.ask(SPEC)
    before = folders.run(SPEC.key).status()
    task(folders).end("failed", message, sealed=False)  # type: ignore[arg-type]
    assert folders.ask(SPEC)
    after = folders.run(SPEC.key).status()
    assert (after.state, after.message, after.attempt) == ("queued", "", 1)
    assert after.wish != before.wish
    assert after.beat > before.beat


def test_a_stopped_run_can_go_on(folders: Folders) -> None:
    folders.ask(SPEC)
    worker = task(folders)
    worker.begin()
    worker.beat(epoch=1)
    folders.run(SPEC.key).request_stop()
    assert folders.is_stopping(SPEC.key)
    worker.end("stopped")
    assert folders.unfinished(set()) == []
    assert folders.ask(SPEC)
    assert not folders.is_stopping(SPEC.key)
    assert folders.run(SPEC.key).status().epoch == 1
    assert folders.unfinished(set()) == [SPEC]


def test_a_run_may_lose_two_workers_and_a_third_that_keeps_it(folders: Folders) -> None:
    folders.ask(SPEC)
    for attempt in (2, 3):
        wish = folders.run(SPEC.key).status().wish
        assert folders.ask_once_more(SPEC.key)
        status = folders.run(SPEC.key).status()
        assert (status.state, status.attempt, status.message) == ("queued", attempt, "worker_died")
        assert status.wish != wish
    assert not folders.ask_once_more(SPEC.key)
    status = folders.run(SPEC.key).status()
    assert (status.state, status.message) == ("failed", "worker_died")


def test_a_run_killed_for_memory_keeps_its_reason(folders: Folders) -> None:
    folders.ask(SPEC)
    run = folders.run(SPEC.key)
    run.write_status(replace(run.status(), state="running", attempt=3, message="out_of_memory"))
    assert not folders.ask_once_more(SPEC.key)
    assert (run.status().state, run.status().message) == ("failed", "out_of_memory")


@pytest.fixture
def refusing(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk that did not let the loss of a wish's worker be counted."""
    disk = Disk(monkeypatch)
    folders.ask(SPEC)
    disk.read_only.add(SPEC.key)
    assert not folders.ask_once_more(SPEC.key)
    return disk


def test_a_loss_that_cannot_be_counted_is_not_followed_by_another_attempt(
    folders: Folders, refusing: Disk
) -> None:
    assert folders.unfinished(set()) == []
    with pytest.raises(OSError, match="denied"):
        folders.ask(SPEC)
    refusing.read_only.clear()
    folders.catch_up({SPEC.key})
    assert folders.unfinished(set()) == []
    folders.catch_up(set())
    assert folders.unfinished(set()) == [SPEC]
    assert folders.run(SPEC.key).status().attempt == 2


def test_of_a_run_that_is_gone_nothing_more_is_written(folders: Folders, refusing: Disk) -> None:
    refusing.read_only.clear()
    shutil.rmtree(folders.run(SPEC.key).folder)
    folders.catch_up(set())
    assert not folders.run(SPEC.key).folder.exists()
    assert not folders.has_unwritten(SPEC.key)


def test_a_loss_that_could_not_be_counted_is_forgotten_with_the_wish(
    folders: Folders, refusing: Disk
) -> None:
    refusing.read_only.clear()
    assert folders.ask(SPEC)
    folders.catch_up(set())
    assert folders.unfinished(set()) == [SPEC]
    assert folders.run(SPEC.key).status().attempt == 1


def test_a_loss_is_counted_on_a_full_disk(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    folders.ask(SPEC)
    disk.is_full = True
    assert folders.ask_once_more(SPEC.key)
    assert folders.run(SPEC.key).status().attempt == 2


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_what_was_left_is_not_taken_up_again_whatever_the_disk_says(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    disk = Disk(monkeypatch)
    folders.ask(SPEC)
    task(folders).beat(epoch=1)
    disk.is_full = trouble == "full"
    disk.read_only = {SPEC.key} if trouble == "read-only" else set()
    folders.drop(SPEC.key)
    assert folders.unfinished(set()) == []
    disk.read_only.clear()
    folders.catch_up(set())
    assert folders.unfinished(set()) == []
    assert folders.run(SPEC.key).status().state == "stopped"


def test_a_run_whose_model_is_being_kept_is_unfinished_but_learns_no_more(folders: Folders) -> None:
    folders.ask(SPEC)
    run = folders.run(SPEC.key)
    run.write_status(replace(run.status(), state="keeping"))
    assert folders.is_stopping(SPEC.key)
    assert folders.unfinished(set()) == [SPEC]


def test_what_is_left_before_an_epoch_leaves_nothing(folders: Folders) -> None:
    folders.ask(SPEC)
    folders.drop(SPEC.key)
    assert not folders.run(SPEC.key).folder.exists()
    assert folders.status(SPEC.key) is None


def test_what_is_left_after_an_epoch_is_kept(folders: Folders) -> None:
    folders.ask(SPEC)
    task(folders).beat(epoch=1)
    folders.drop(SPEC.key)
    assert folders.run(SPEC.key).status().state == "stopped"
    assert folders.run(SPEC.key).stop_requested()


def test_unfinished_runs_come_by_age(folders: Folders) -> None:
    specs = [TrainingSpec("plain", seed=seed) for seed in range(8)]
    for age, spec in enumerate(specs):
        folders.ask(spec)
        os.utime(folders.run(spec.key).folder / "spec.json", ns=(age * 10**9, age * 10**9))
    assert folders.unfinished(set()) == specs
    assert [spec.key for spec in specs] != sorted(spec.key for spec in specs)


def test_damaged_folders_are_left_alone(folders: Folders) -> None:
    folders.ask(SPEC)
    run = folders.run(SPEC.key)
    (run.folder / "status.json").write_bytes(b"{")
    assert folders.unfinished(set()) == []
    run.write_status(Status())
    (run.folder / "spec.json").write_bytes(b"\xff")
    assert folders.unfinished(set()) == []
    assert folders.ask(SPEC)  # asked for, it is made whole
    assert folders.unfinished(set()) == [SPEC]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_nobody_waits_for_a_status_that_is_a_pipe(folders: Folders) -> None:
    folders.ask(SPEC)
    status = folders.run(SPEC.key).folder / "status.json"
    status.unlink()
    os.mkfifo(status)
    looking = threading.Thread(target=folders.unfinished, args=(set(),), daemon=True)
    looking.start()
    looking.join(timeout=10)
    assert not looking.is_alive()


def test_a_folder_under_a_wrong_name_is_not_trained(folders: Folders, tmp_path: Path) -> None:
    stranger = Run(tmp_path / "somebody_s")
    stranger.write_status(Status())
    stranger.write_spec(SPEC)
    assert folders.unfinished(set()) == []


def test_a_file_in_the_folder_s_place_is_an_error(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / SPEC.key).write_text("a file where the folder should be")
    with pytest.raises(OSError, match=r"exists|directory"):
        folders.ask(SPEC)
    assert folders.unfinished(set()) == []


def test_a_folder_that_cannot_be_read_for_a_moment_is_not_one_that_was_removed(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders.ask(SPEC)
    other = replace(SPEC, seed=1)
    folders.ask(other)
    stat = Path.stat

    def stale(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.parent.name == SPEC.key:
            raise OSError(116, "Stale file handle")
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stale)
    with pytest.raises(OSError, match="Stale"):
        folders.status(SPEC.key)
    assert folders.unfinished(set()) == [other]


def test_visitors_of_another_server_are_seen_while_they_are_there(tmp_path: Path) -> None:
    ours, theirs = Folders(tmp_path), Folders(tmp_path)
    ours.ask(SPEC)
    assert not ours.find_visitors_elsewhere(SPEC.key)
    assert not theirs.find_visitors_elsewhere(SPEC.key)  # asking leaves no trace
    theirs.note_visitors([SPEC.key])
    assert ours.find_visitors_elsewhere(SPEC.key)
    theirs.forget_visitors(SPEC.key)
    assert not ours.find_visitors_elsewhere(SPEC.key)
    theirs.note_visitors([SPEC.key])
    long_ago = time.time() - 60
    for file in ours.run(SPEC.key).folder.glob("visited-*"):
        os.utime(file, (long_ago, long_ago))
    assert not ours.find_visitors_elsewhere(SPEC.key)
    assert not ours.find_visitors_elsewhere("0" * 16)


def make_model(folders: Folders, seed: int, size: int = 100_000) -> str:
    spec = TrainingSpec("plain", seed=seed)
    folders.ask(spec)
    worker = task(folders, spec)
    worker.begin()
    worker.end(size=size)
    folders.mark_used(spec.key)
    return spec.key


def test_a_run_that_is_removed_meanwhile_disturbs_nobody(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders.ask(SPEC)
    monkeypatch.setattr(RunStore, "names", lambda _store: [SPEC.key, "removed_just_now"])
    folders.mark_used(SPEC.key)
    assert (folders.run(SPEC.key).folder / "used").exists()
    assert folders.make_room(1_000, lambda _: True)


def test_what_a_server_that_ended_did_not_remove_goes_with_the_rest(folders: Folders) -> None:
    grave = folders.store.root / ".removed-by-a-server-that-was-killed"
    grave.mkdir()
    (grave / "model.keras").write_bytes(bytes(1_000))
    folders.make_room(1_000, lambda _: True)
    assert not grave.exists()


def grow_old(*paths: Path) -> None:
    long_ago = time.time() - 4_000
    for path in paths:
        os.utime(path, (long_ago, long_ago))


def test_what_a_killed_worker_had_half_written_goes_once_the_run_is_over(folders: Folders) -> None:
    over = folders.run(make_model(folders, 0))
    folders.ask(SPEC)
    (over.folder / "epochs").mkdir()
    half = [over.folder / ".checkpoint.npz.k2j3", over.folder / "epochs" / ".0002.npz.k2j4"]
    being_written = over.folder / ".status.json.k2j5"
    still_trained = folders.run(SPEC.key).folder / ".checkpoint.npz.k2j6"
    for file in (*half, being_written, still_trained):
        file.write_bytes(b"half")
    grow_old(*half, still_trained)
    folders.make_room(1_000, lambda _: False)
    assert not any(file.exists() for file in half)
    assert being_written.exists()
    assert still_trained.exists()
    over.verify()


def test_what_a_killed_server_had_half_made_goes_after_an_hour(folders: Folders) -> None:
    names = ["0123456789abcdef", "123456789abcdef0", "23456789abcdef01", "somebody_s"]
    left, young, queued, somebody_s = (folders.store.root / name for name in names)
    for folder in (left, young, queued, somebody_s):
        folder.mkdir()
        (folder / BROUGHT_FILE).write_bytes(b"weights")
    grow_old(left, queued, somebody_s)
    folders.make_room(1_000, lambda name: name == queued.name)
    assert [f for f in (left, young, queued, somebody_s) if f.exists()] == [
        young,
        queued,
        somebody_s,
    ]


def test_runs_that_are_gone_are_forgotten(folders: Folders) -> None:
    name = make_model(folders, 0)
    folders.unfinished(set())
    assert name in folders._ended
    shutil.rmtree(folders.run(name).folder)
    folders.unfinished(set())
    assert folders._ended == {}


def test_the_least_recently_used_make_room(folders: Folders) -> None:
    names = [make_model(folders, seed) for seed in range(4)]  # of 0.4 MB each
    folders.mark_used(names[0])
    assert folders.make_room(1, lambda _: False)
    assert set(folders.store.names()) == {names[3], names[0]}


def test_the_order_of_use_is_kept_where_times_are_coarse(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NTFS counts in steps of 100 nanoseconds, FAT in steps of two seconds."""
    write = os.utime

    def coarsely(file: Path, now: None = None, *, ns: tuple[int, int] | None = None) -> None:
        if ns is None:
            write(file, now)
        else:
            step = 2 * 10**9
            write(file, ns=(ns[0] // step * step, ns[1] // step * step))

    monkeypatch.setattr(os, "utime", coarsely)
    names = sorted(make_model(folders, seed) for seed in range(3))
    for name in reversed(names):
        folders.mark_used(name)
    assert folders.make_room(1, lambda _: False)
    assert folders.store.names() == names[:2]


def test_what_is_kept_stays_whatever_it_weighs(folders: Folders) -> None:
    names = [make_model(folders, seed) for seed in range(3)]
    assert not folders.make_room(0, lambda name: name == names[1])
    assert folders.store.names() == [names[1]]


def test_what_waits_or_trains_stays_whatever_it_weighs(folders: Folders) -> None:
    folders.ask(SPEC)
    assert not folders.make_room(0, lambda _: False)
    assert folders.store.names() == [SPEC.key]
