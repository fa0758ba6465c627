"""Which numbers count as predictions on the page Train: those said before the answer was there."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from aecore.runs import Run, State, Status
from aecore.specs import TrainingSpec
from aecore.ui.questions import Prediction
from aecore.ui.service import trainer
from aecore.ui.train import asking, watching
from tests.ui.train.test_page import make_run, text_of, visited

SPEC = TrainingSpec("plain")
TOO_LATE = "is on the page already, so there is nothing left to predict"
AHEAD = "counts for the training that you start now"


@pytest.fixture
def ended(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that has ended; whatever is asked for is answered with its own name."""
    monkeypatch.setattr(trainer(), "submit", lambda spec, *_: spec.key)
    return make_run(runs, SPEC, Status("stopped", epoch=2))


def typed(test: AppTest, number: int) -> AppTest:
    test.number_input(key="said_epoch").set_value(number)
    return test


def train(test: AppTest) -> AppTest:
    return next(button for button in test.button if button.label == "Train").click().run()


def predicted(test: AppTest) -> Prediction | None:
    found: Prediction | None = test.session_state["visit"].predictions.get("epoch")
    return found


def test_the_button_says_the_number_that_was_typed(ended: Run) -> None:
    test = train(typed(visited(), 3))
    assert not test.exception
    held = predicted(test)
    assert held is not None
    assert (held.said, held.about) == (3, ended.name)


def test_a_training_needs_no_prediction(ended: Run) -> None:
    test = train(visited())
    assert predicted(test) is None
    assert test.session_state["visit"].run == ended.name


def test_what_can_be_seen_cannot_be_predicted(ended: Run) -> None:
    test = visited(run=ended.name)
    assert not test.exception
    assert TOO_LATE in text_of(test)
    assert not test.number_input(key="bound_seed").disabled
    assert "said_epoch" not in [field.key for field in test.number_input]
    test.slider(key="bound_epochs").set_value(9).run()  # no other network, only longer
    assert "said_epoch" not in [field.key for field in test.number_input]
    test.button(key="show_epoch").click().run()
    held = predicted(test)
    assert held is not None
    assert (held.said, held.about) == (None, ended.name)


def test_beside_one_network_s_answers_the_next_one_s_can_be_predicted(
    ended: Run, runs: Path
) -> None:
    test = visited(run=ended.name, seed="1")
    assert AHEAD in text_of(test)
    assert "say_epoch" not in [button.key for button in test.button]
    other = make_run(runs, TrainingSpec("plain", seed=1), Status("stopped", epoch=2))
    train(typed(test, 4))
    assert not test.exception
    held = predicted(test)
    assert held is not None
    assert (held.said, held.about) == (4, other.name)


def test_what_stands_in_the_field_when_the_first_answers_come_is_said(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    run = make_run(runs, SPEC, Status("running"), epochs=0)
    test = visited(run=run.name)
    assert "say_epoch" in [button.key for button in test.button]
    # The epoch ends between the page, which asked, and its fragment.
    monkeypatch.setattr(watching, "can_be_said_of", lambda _: False)
    typed(test, 5).run()
    assert not test.exception
    held = predicted(test)
    assert held is not None
    assert held.said == 5


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_answers_that_come_while_the_page_is_made_are_no_second_question(
    runs: Path, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    """On a busy server a page may take as long as an epoch: it asked, and then there was one."""
    run = make_run(runs, SPEC, Status("running"), epochs=0)
    monkeypatch.setattr(
        asking, "say_refusal", lambda: make_run(runs, SPEC, Status(state, epoch=1), epochs=1)
    )
    test = visited(run=run.name)
    assert not test.exception
    assert TOO_LATE in text_of(test)
