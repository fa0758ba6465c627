"""A visitor's run on the other pages: while it trains, and while room is made for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from aecore.runs import Run, Status
from aecore.service.trainer import Trainer
from aecore.specs import TrainingSpec
from tests.conftest import PROJECT
from tests.ui.train.test_page import make_run, opened, text_of

SPEC = TrainingSpec("plain", epochs=30)


@pytest.fixture
def run(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that trains, as far as its folder says; nobody takes it up."""
    monkeypatch.setattr(Trainer, "_scan", lambda _: None)
    return make_run(runs, SPEC, Status("running", epoch=2))


def finish(run: Run) -> None:
    for name in ("encoder.onnx", "decoder.onnx", "neighbours.npz", "metrics.json", "model.keras"):
        (run.folder / name).write_bytes((PROJECT / "pretrained" / "plain" / name).read_bytes())
    run.write_status(Status("done", epoch=2))
    run.seal()


@pytest.mark.parametrize(
    ("page", "query"), [("draw", "models"), ("denoise", "models"), ("inside", "inside_model")]
)
def test_a_link_to_a_run_that_still_trains_says_so_and_offers_it_later(
    run: Run, page: str, query: str
) -> None:
    test = opened(page, **{query: run.name})
    assert not test.exception
    assert "is not trained yet" in text_of(test)
    finish(run)
    test.run()
    assert not test.exception
    offered = [name for group in test.button_group for name in group.options]
    offered += [option for box in test.selectbox for option in box.options]
    assert any(run.name in option or "Plain, code 32" in option for option in offered)


def test_a_map_of_a_run_without_an_epoch_is_offered_as_soon_as_there_is_one(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "_scan", lambda _: None)
    run = make_run(runs, SPEC, Status("queued"), epochs=0)
    test = opened("latent", map_model=run.name)
    assert not test.exception
    assert "is not trained yet. You see Deep, 2-D code" in text_of(test)
    make_run(runs, SPEC, Status("running", epoch=1), epochs=1)
    assert any("Plain, code 32" in each for each in test.run().selectbox[0].options)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("train", "run"),
        ("draw", "models"),
        ("denoise", "models"),
        ("inside", "inside_model"),
        ("latent", "map_model"),
    ],
)
def test_a_run_that_is_shown_is_not_removed_to_make_room(
    run: Run, monkeypatch: pytest.MonkeyPatch, page: str, query: str
) -> None:
    finish(run)
    looked_at: list[str] = []
    monkeypatch.setattr(Trainer, "look_at", lambda _self, name, _visitor: looked_at.append(name))
    assert not opened(page, **{query: run.name}).exception
    assert run.name in looked_at
