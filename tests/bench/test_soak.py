"""The soak itself: the same seed tells the same story, and what it looks for it would find."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from aecore.runs import RunStore
from aecore.service.folders import Folders
from aecore.service.queue import OPEN
from tests.bench.soak.__main__ import Soak
from tests.bench.soak.disk import Disk
from tests.bench.soak.notes import ALARMING, TAKEN_BACK, Happened, Notes, is_our_own
from tests.bench.soak.story import Act, Fault, Story, Visit
from tests.bench.soak.verdict import Sample, lost, trends
from tests.bench.soak.visitors import asked_for
from tests.conftest import in_its_own_loop
from tests.service.fakes import Task

WISH = "architecture=plain&images=10000&epochs=2&seed=7"
STEADY = Sample(
    at=0, life=1, sessions=5, server=200, workers=500, threads=12, files=60, processes=3
)


def test_the_same_seed_tells_the_same_story() -> None:
    assert Story.drawn(3, 600) == Story.drawn(3, 600)
    assert Story.drawn(3, 600) != Story.drawn(4, 600)


def test_an_hour_has_every_trouble_and_a_server_that_lives_long() -> None:
    faults = Story.drawn(1, 3_600).faults
    ends = [fault.at for fault in faults if fault.trouble.startswith("server")]
    assert len({fault.trouble for fault in faults}) == 7
    assert max(later - at for at, later in pairwise(ends)) > 2_000
    assert all(one.at + one.seconds <= two.at for one, two in pairwise(faults))


def test_a_sentence_is_the_lab_s_own_or_not() -> None:
    assert all(is_our_own(sentence) for sentence in (*ALARMING, TAKEN_BACK))
    assert is_our_own("Waiting, place 2 in the queue; begins in about 8 seconds")
    assert not is_our_own("Uh oh, something went wrong.")


@pytest.mark.parametrize(
    ("name", "value", "grows"),
    [
        ("server", lambda at: 200 + at / 12, True),
        ("server", lambda at: 200 + min(at, 150), False),  # warm-up
        ("server", lambda at: 200 + 60 * (at % 30 == 0), False),  # a busy moment now and then
        ("threads", lambda at: 12 + at // 30, True),
        ("files", lambda at: 60 + at // 5, True),
    ],
)
def test_what_grows_is_found(name: str, value: Callable[[int], float], *, grows: bool) -> None:
    samples = [replace(STEADY, at=at, **{name: value(at)}) for at in range(0, 600, 5)]
    assert bool(trends(samples)) == grows


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """A training of two epochs that was asked for and is done."""
    spec = asked_for(WISH)
    assert Folders(tmp_path).ask(spec)
    task = Task(tmp_path / spec.key, "")
    task.begin()
    task.beat(epoch=1)
    task.beat(epoch=2)
    task.end()
    return task


@pytest.fixture
def notes(task: Task) -> Notes:
    notes = Notes()
    notes.wish(task.run.name)
    notes.look_at(RunStore(task.folder.parent))
    return notes


def losses(task: Task, notes: Notes) -> list[str]:
    return lost(RunStore(task.folder.parent), notes)


def test_a_run_that_is_whole_is_not_lost(task: Task, notes: Notes) -> None:
    assert losses(task, notes) == []


@pytest.mark.parametrize("file", ["spec.json", "model.keras", "epochs/0001.npz"])
def test_a_run_without_one_of_its_files_is_lost(task: Task, notes: Notes, file: str) -> None:
    (task.folder / file).unlink()
    assert losses(task, notes)


@pytest.mark.parametrize("seconds", [OPEN, OPEN - 60])
def test_what_made_room_and_is_asked_for_again_begins_anew(
    task: Task, notes: Notes, seconds: float
) -> None:
    """Unless somebody had it open still: then its epochs are lost."""
    store = RunStore(task.folder.parent)
    notes.wishes[task.run.name] -= seconds
    shutil.rmtree(task.folder)
    notes.look_at(store)
    assert Folders(store.root).ask(asked_for(WISH))
    notes.wish(task.run.name)
    notes.look_at(store)
    task.run.write_status(replace(task.run.status(), state="stopped"))
    notes.give_up(task.run.name)
    assert bool(losses(task, notes)) == (seconds < OPEN)


def test_only_what_was_stopped_by_a_visitor_may_have_stopped(task: Task, notes: Notes) -> None:
    task.run.write_status(replace(task.run.status(), state="stopped"))
    assert losses(task, notes)
    notes.given_up.add(task.run.name)
    assert not losses(task, notes)


def test_a_failure_needs_a_fault_that_explains_it(task: Task, notes: Notes) -> None:
    task.run.write_status(replace(task.run.status(), state="failed", message="disk_full"))
    assert losses(task, notes)
    notes.happened.append(Happened("disk full", begun=notes.now, ended=notes.now))
    assert not losses(task, notes)
    task.run.write_status(replace(task.run.status(), message="broken"))
    assert losses(task, notes)


def test_visitors_outlive_their_server(tmp_path: Path) -> None:
    look = Act("look", 3.0)
    story = Story(2.0, (Visit(0.0, (look,), "goes"),), (Fault(1.0, "server killed", 0.0),))
    (tmp_path / "disk").mkdir()
    soak = Soak(story, tmp_path, Disk(tmp_path / "disk"))
    in_its_own_loop(soak.play())
    assert soak.notes.errors == []
    assert soak.left_behind == []
    assert [each.trouble for each in soak.notes.happened] == ["server killed"]


def test_a_disk_that_has_no_room_is_full(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    (tmp_path / "ballast").symlink_to("/dev/full")
    with disk.full():
        pass
    assert not (tmp_path / "ballast").is_symlink()


def test_a_disk_is_full_too_when_it_takes_no_more_files(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    (tmp_path / "ballast").symlink_to(tmp_path / "nowhere" / "ballast")
    with disk.full():
        pass
