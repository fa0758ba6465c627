"""The page Train as Streamlit runs it, without a browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup, SelectSlider

from aecore.networks import ARCHITECTURES, plan
from aecore.runs import Epoch, Run, RunError, State, Status
from aecore.service.host import MEGABYTE, Host
from aecore.service.queue import Ticket
from aecore.service.workers import LocalWorker
from aecore.specs import TrainingSpec
from aecore.ui.service import trainer
from aecore.ui.state import Visit
from aecore.ui.train.durations import spoken_seconds
from tests.conftest import PROJECT
from tests.service.fakes import Disk

TRAINABLE = [name for name, each in ARCHITECTURES.items() if each.trainable]


def visited(**query: str) -> AppTest:
    return opened("train", **query)


def opened(page: str, **query: str) -> AppTest:
    """A page as a visitor finds it who follows a link."""
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    return test.run().switch_page(f"pages/{page}.py").run()


def make_run(runs: Path, spec: TrainingSpec, status: Status, *, epochs: int = 2) -> Run:
    """A folder as a worker would have left it, without training."""
    run = Run(runs / spec.key)
    run.write_spec(spec)
    for number in range(1, epochs + 1):
        digits = np.full((10, 28, 28), 20 * number, np.uint8)
        codes = np.zeros((5, spec.code_size), np.float16)
        run.write_epoch(Epoch(number, 0.2 / number, 0.21 / number, 1.0, digits, codes))
    run.write_status(status)
    return run


def html_of(test: AppTest) -> str:
    return " ".join(each.proto.body for each in test.get("html"))


def text_of(test: AppTest) -> str:
    shown = (*test.warning, *test.info, *test.caption, *test.markdown, *test.error)
    return " ".join(element.value for element in shown)


@pytest.mark.usefixtures("runs")
def test_says_what_it_will_cost_before_the_click() -> None:
    test = visited(architecture="deep", epochs="3")
    assert not test.exception
    assert "On this machine about" in text_of(test)
    assert "Train" in [button.label for button in test.button]


def test_says_before_the_click_if_the_server_will_not_let_it_come_to_its_end(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not list(runs.iterdir())
    monkeypatch.setenv("AELAB_JOB_SECONDS", "120")
    assert "but this server stops" not in text_of(visited(epochs="1", images="1000"))
    text = text_of(visited(architecture="conv", epochs="60", images="60000"))
    assert "but this server stops a training after 2 minutes" in text


def test_a_run_that_is_removed_while_it_is_shown_is_said_to_be_gone(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise RunError("there is no such run")

    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    run = make_run(runs, TrainingSpec("plain", epochs=5), Status("running", epoch=2))
    monkeypatch.setattr("aecore.ui.train.watching.what_was_learnt", gone)
    test = visited(run=run.name)
    assert not test.exception
    assert "no such training here any more" in text_of(test)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("not_a_number", "smaller learning rate"),
        ("exploded", "smaller learning rate"),
        ("no_better_than_mean", "no better than answering every time with the mean image"),
        ("worker_died", "died twice"),
        ("disk_full", "disk is full"),
        ("out_of_memory", "smaller batch size"),
    ],
)
def test_every_failure_is_explained(runs: Path, message: str, words: str) -> None:
    failed = Status("failed", epoch=2, message=message)  # type: ignore[arg-type]
    run = make_run(runs, TrainingSpec("plain", epochs=2), failed)
    test = visited(run=run.name)
    assert not test.exception
    assert words in text_of(test)


@pytest.mark.parametrize("epochs", [0, 2])
@pytest.mark.parametrize("message", ["not_a_number", "exploded", "time_limit", "worker_died"])
def test_an_epoch_is_said_to_be_kept_only_if_there_is_one(
    runs: Path, message: str, epochs: int
) -> None:
    ended = Status("failed", epoch=epochs, message=message)  # type: ignore[arg-type]
    run = make_run(runs, TrainingSpec("plain", epochs=2), ended, epochs=epochs)
    text = text_of(visited(run=run.name))
    assert ("The last good epoch is kept" in text) == bool(epochs)
    assert ("nothing to show" in text) == (not epochs)


def replay_of(test: AppTest, run: Run) -> SelectSlider[int]:
    return test.select_slider(key=f"replay_{run.name}")


def test_an_ended_run_can_be_replayed(runs: Path) -> None:
    run = make_run(runs, TrainingSpec("plain", epochs=3), Status("stopped", epoch=3), epochs=3)
    test = visited(run=run.name)
    replay = replay_of(test, run)
    assert replay.value == 3
    assert "after epoch 3 · validation loss 0.0700" in html_of(test)
    replay.set_value(1).run()
    assert "after epoch 1 · validation loss 0.2100" in html_of(test)
    assert not test.exception


def test_of_noise_that_varies_the_curves_are_explained(runs: Path) -> None:
    """The training loss of `denoise_any` jumps late, far from any end of its curve."""
    assert not list(runs.iterdir())
    assert "late in the training on strong noise more often" in text_of(visited(run="denoise_any"))
    assert "strong noise more often" not in text_of(visited(run="denoise"))


def test_a_replay_begins_with_random_weights_where_they_were_written_down(runs: Path) -> None:
    run = make_run(runs, TrainingSpec("plain", epochs=2), Status("stopped", epoch=2))
    assert replay_of(visited(run=run.name), run).options == ["1", "2"]
    run.write_beginning(np.full((10, 28, 28), 128, np.uint8))
    test = visited(run=run.name)
    replay_of(test, run).set_value(0).run()
    assert not test.exception
    assert "before the first epoch" in html_of(test)
    assert "after epoch" not in html_of(test)


def test_a_replay_offers_the_epochs_that_were_kept_and_no_others(runs: Path) -> None:
    run = make_run(runs, TrainingSpec("plain", epochs=9), Status("done", epoch=9), epochs=9)
    for number in (3, 4, 6, 7):
        (run.folder / "epochs" / f"{number:04d}.npz").unlink()
    (run.folder / "epochs" / "0008.npz").write_bytes(b"damaged")
    test = visited(run=run.name, compared=run.name)
    assert replay_of(test, run).options == ["1", "2", "5", "9"]
    [chart, _compared] = test.get("vega_lite_chart")
    assert "over 9 epochs" in chart.proto.alt
    (row,) = test.dataframe[0].value.to_dict("records")
    assert row["epochs"] == 9
    assert "9 epochs, " in row["run"]
    replay_of(test, run).set_value(5).run()
    assert not test.exception
    assert "after epoch 5" in html_of(test)


def test_before_the_first_epoch_is_done_the_random_answers_are_shown(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    run = make_run(runs, TrainingSpec("plain"), Status("running"), epochs=0)
    assert "before the first epoch" not in html_of(visited(run=run.name))
    run.write_beginning(np.full((10, 28, 28), 128, np.uint8))
    test = visited(run=run.name)
    assert not test.exception
    assert "before the first epoch" in html_of(test)
    assert "appear here as soon as it is done" in text_of(test)


@pytest.mark.usefixtures("runs")
def test_the_cards_give_their_room_to_what_is_watched() -> None:
    folded = [each.label for each in visited(run="plain").expander]
    assert "Which network? **Plain**" in folded
    assert "Which network? **Plain**" not in [each.label for each in visited().expander]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("query", [{"images": "5000"}, {"run": "deep", "images": "5000"}])
def test_what_an_epoch_is_is_said_once(query: dict[str, str]) -> None:
    seen = "60,000" if "run" in query else "5,000"
    assert text_of(visited(**query)).count(f"each of the {seen} training images once") == 1


def test_runs_are_compared_in_one_table(runs: Path) -> None:
    small = make_run(runs, TrainingSpec("plain", code_size=8), Status("stopped", epoch=2))
    large = make_run(
        runs, TrainingSpec("plain", code_size=64), Status("stopped", epoch=1), epochs=1
    )
    test = visited(compared=f"{small.name},{large.name}")
    assert not test.exception
    assert not test.dataframe
    curves = next(each for each in test.button_group if each.key == "said_lowest_curve")
    assert ["1 of 5 epochs" in each for each in curves.options] == [False, True]
    curves.set_value(large.name).run()
    assert not test.exception
    assert test.session_state["visit"].predictions["lowest_curve"].was == small.name
    (table,) = test.dataframe
    assert list(table.value["code size"]) == [8, 64]
    assert table.value["BCE, 10,000 test digits"].isna().all()
    assert table.proto.placeholder == "–"  # as the caption says; Streamlit's own is "None"
    assert list(table.value["epochs"]) == [2, 1]
    assert list(table.value["last validation loss"]) == [0.105, 0.21]
    assert "code 64; 60,000 images, 1 of 5 epochs" in html_of(test)


def test_letters_of_curves_that_end_together_stand_apart(runs: Path) -> None:
    specs = [TrainingSpec("plain", epochs=2, seed=seed) for seed in range(3)]
    names = [make_run(runs, spec, Status("done", epoch=2)).name for spec in specs]
    test = visited(compared=",".join(names))
    next(each for each in test.button if each.key == "show_lowest_curve").click().run()
    [chart] = test.get("vega_lite_chart")
    letters = json.loads(chart.proto.spec)["layer"][-1]
    assert letters["encoding"]["y"]["field"] == "height"
    assert sorted(row["height"] for row in letters["data"]["values"]) == pytest.approx(
        [0.09975, 0.105, 0.11025]
    )


def test_nobody_knows_which_curve_ends_lowest_before_all_have_ended(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    ended = make_run(runs, TrainingSpec("plain", epochs=2), Status("done", epoch=2))
    slow = make_run(runs, TrainingSpec("deep"), Status("running", epoch=1), epochs=1)
    other = make_run(runs, TrainingSpec("plain", code_size=8), Status("done", epoch=2))
    test = visited(compared=f"{ended.name},{slow.name}")
    curves = next(each for each in test.button_group if each.key == "said_lowest_curve")
    curves.set_value(ended.name).run()
    assert "<dt>It is</dt>" not in html_of(test)
    chosen = test.session_state["visit"]
    chosen.compared = (other.name, "plain")  # nobody said anything of these
    test.run()
    assert chosen.predictions["lowest_curve"].was is None
    chosen.compared = (ended.name, slow.name)
    for number in (2, 3, 4, 5):
        last = replace(slow.epoch(1), number=number, validation_loss=0.2 / number)
        slow.write_epoch(last)
    slow.write_status(Status("done", epoch=5))
    test.run()
    assert chosen.predictions["lowest_curve"].was == slow.name
    assert "<dt>It is</dt>" in html_of(test)
    chosen.compared = (other.name, "plain")
    test.run()
    assert "<dt>It was</dt>" in html_of(test)
    assert not test.exception


def test_a_run_is_offered_for_comparison_by_the_epochs_it_has(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    run = make_run(runs, TrainingSpec("plain", epochs=5), Status("running", epoch=1))
    test = visited(compared=run.name)
    (chosen,) = test.multiselect
    title = "Plain, code 32; 60,000 images, {} epochs, run " + run.name[:4]
    assert title.format(5) in chosen.options
    assert not test.run().multiselect[0].proto.set_value
    run.write_status(Status("stopped", epoch=2))
    (chosen,) = test.run().multiselect
    assert title.format("2 of 5") in chosen.options
    assert chosen.proto.set_value  # or the browser would go on with the words it had for it
    assert chosen.value == [run.name]
    assert not test.exception


@pytest.mark.usefixtures("runs")
def test_answers_to_noise_stand_under_the_noise_and_say_so() -> None:
    test = visited(run="denoise_any", compared="denoise_any,plain")
    next(each for each in test.button if each.key == "show_lowest_curve").click().run()
    assert not test.exception
    rows = re.findall(r'<p class="small">([^<]*)</p><div class="ten"', html_of(test))
    assert rows[:2] == ["test digits", "with noise, σ 3"]
    assert rows[2].startswith("after epoch")
    assert rows[3:] == [
        "test digits",
        "A · Denoising, any σ: answers to noise of σ 3",
        "B · Plain",
    ]
    assert "with noise of σ 3 on the inputs:" in text_of(test)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("model", "losses"), [("plain", ["0.1174"]), ("conv", []), ("denoise_any", [])]
)
def test_pca_is_a_rule_only_where_it_has_something_to_say(model: str, losses: list[str]) -> None:
    [chart] = visited(run=model).get("vega_lite_chart")
    rules = re.findall(
        r'"loss": ([0-9.]{6})[0-9]*, "name": "PCA, same\\ncode size"', chart.proto.spec
    )
    assert sorted(set(rules)) == losses


def test_a_run_that_is_gone_does_not_spoil_the_comparison(runs: Path) -> None:
    left = make_run(runs, TrainingSpec("plain"), Status("stopped", epoch=2))
    test = visited(compared=f"{left.name},0123456789abcdef")
    assert not test.exception
    assert len(test.dataframe[0].value) == 1
    assert "There is no model called 0123456789abcdef here" in text_of(test)


def test_a_run_that_waits_is_said_to_join_the_comparison_later(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    waiting = make_run(runs, TrainingSpec("deep"), Status("queued"), epochs=0)
    test = visited(compared=f"plain,{waiting.name}")
    assert not test.exception
    assert "Deep, code 32 is not trained yet" in text_of(test)
    assert "There is no model" not in text_of(test)
    make_run(runs, TrainingSpec("deep"), Status("running", epoch=1), epochs=1)
    assert "is not trained yet" not in text_of(test.run())
    assert len(test.multiselect[0].value) == 2


def test_the_thirty_first_is_refused_kindly(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not list(runs.iterdir())
    monkeypatch.setenv("AELAB_QUEUE_LENGTH", "1")
    monkeypatch.setattr(LocalWorker, "count", lambda _worker: 0)
    monkeypatch.setattr(LocalWorker, "warm_up", lambda _worker: None)
    trainer().submit(TrainingSpec("plain"), "somebody else")
    test = visited(images="1000", epochs="60")
    next(button for button in test.button if button.label == "Train").click().run()
    assert not test.exception
    assert "1 training is waiting already" in text_of(test)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    "limit", ["QUEUE_LENGTH", "TRAININGS_AN_HOUR", "BROWSER_TRAININGS_AN_HOUR"]
)
def test_where_nothing_may_be_trained_nobody_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setenv(f"AELAB_{limit}", "0")
    test = visited(images="1000", epochs="60")
    next(button for button in test.button if button.label == "Train").click().run()
    assert not test.exception
    assert "set to take no trainings" in text_of(test)
    assert "again" not in " ".join(warning.value for warning in test.warning)


def bar_of(test: AppTest) -> str:
    """What the bar of a training that is watched says."""
    (bar,) = test.get("progress")
    return str(bar.proto.text)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_that_the_disk_holds_up_is_promised_no_place(
    runs: Path, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    run = make_run(runs, TrainingSpec("plain", epochs=5), Status(state, epoch=1, wish="a"))
    assert "disk" not in text_of(visited(run=run.name))
    disk = Disk(monkeypatch)
    disk.read_only.add(run.name)
    assert not trainer()._folders.ask_once_more(run.name)
    test = visited(run=run.name)
    assert not test.exception
    assert "disk is full or read-only" in text_of(test)
    assert bar_of(test) == "Waiting; no place in the queue yet"


@pytest.mark.parametrize(
    ("ticket", "words"),
    [
        (None, "Waiting; no place in the queue yet"),
        (Ticket(0, 0, 9, 0), "The training process is getting ready…"),
        (Ticket(2, 30, 9, 0), "Waiting, place 2 in the queue; begins in about 30 seconds"),
    ],
)
def test_who_waits_reads_for_what(
    runs: Path, monkeypatch: pytest.MonkeyPatch, ticket: Ticket | None, words: str
) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    monkeypatch.setattr("aecore.service.trainer.Trainer.ticket", lambda *_: ticket)
    run = make_run(runs, TrainingSpec("plain", epochs=5), Status("queued"), epochs=0)
    test = visited(run=run.name)
    assert not test.exception
    assert bar_of(test) == words


@pytest.mark.parametrize(
    ("epoch", "died", "silent"),
    [
        (0, "died once, before its first epoch was done", "the training begins again by itself"),
        (2, "goes on from its last epoch", "the training goes on by itself from epoch 2"),
    ],
)
def test_what_begins_again_is_not_said_to_go_on(
    runs: Path, monkeypatch: pytest.MonkeyPatch, epoch: int, died: str, silent: str
) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    monkeypatch.setattr("aecore.service.trainer.Trainer.silence", lambda *_: 7.0)
    status = Status("running", epoch=epoch, attempt=2)
    run = make_run(runs, TrainingSpec("plain", epochs=5), status, epochs=epoch)
    text = text_of(visited(run=run.name))
    assert died in text
    assert silent in text


@pytest.mark.usefixtures("runs")
def test_who_leaves_the_queue_is_back_at_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalWorker, "count", lambda _worker: 0)
    monkeypatch.setattr(LocalWorker, "warm_up", lambda _worker: None)
    test = visited(images="1000")
    next(button for button in test.button if button.label == "Train").click().run()
    assert test.session_state["visit"].run
    test.button(key="stop_button").click().run()
    assert not test.session_state["visit"].run
    assert not test.warning
    assert "As soon as you press Train" in text_of(test)


@pytest.mark.usefixtures("runs")
def test_a_training_is_watched_although_a_model_was_loaded_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    test = visited()
    test.session_state["choose_trained"] = True  # what opens the box in a browser
    test.run()
    monkeypatch.setattr(trainer(), "submit", lambda spec, *_: spec.key)
    loaded = test.selectbox(key="loaded")
    loaded.set_value("plain").run()
    assert test.session_state["visit"].run == "plain"
    next(button for button in test.button if button.label == "Train").click().run()
    asked = TrainingSpec("plain").key
    assert test.session_state["visit"].run == asked
    test.slider(key="bound_epochs").set_value(7).run()
    assert test.session_state["visit"].run == asked
    assert test.selectbox(key="loaded").value is None
    test.selectbox(key="loaded").set_value("plain").run()  # the same again is a choice, too
    assert test.session_state["visit"].run == "plain"
    assert not test.exception


def visit_of(test: AppTest) -> Visit:
    chosen: Visit = test.session_state["visit"]
    return chosen


@pytest.mark.usefixtures("runs")
def test_a_training_is_yours_only_if_you_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aecore.service.trainer.Trainer.tick", lambda _: None)
    test = visited(images="1000")
    next(button for button in test.button if button.label == "Train").click().run()
    assert "Yours: Plain, code 32" in [each.value for each in test.header]
    somebody_else = visited(run=test.session_state["visit"].run)
    assert "Plain, code 32" in [each.value for each in somebody_else.header]


def cards(test: AppTest) -> ButtonGroup[str]:
    """The control that chooses the network."""
    [networks] = [each for each in test.button_group if each.key == "bound_architecture"]
    return networks


@pytest.mark.usefixtures("runs")
def test_every_card_can_be_clicked_and_its_network_asked_for() -> None:
    test = visited()
    for name in (*TRAINABLE, "plain"):
        cards(test).set_value(name).run()
        assert not test.exception, name
        assert test.session_state["visit"].code_size == ARCHITECTURES[name].code_size
        assert "Train" in [button.label for button in test.button], name
        assert not test.warning


@pytest.mark.usefixtures("runs")
def test_a_network_that_removes_noise_is_offered_with_some() -> None:
    test = visited()

    def noise_of(architecture: str) -> float:
        cards(test).set_value(architecture).run()
        assert test.slider(key="bound_training_noise").value == visit_of(test).training_noise
        return visit_of(test).training_noise

    assert [noise_of(name) for name in ("denoise_any", "deep", "denoise_any")] == [0.5, 0.0, 0.5]
    test.slider(key="bound_training_noise").set_value(0.0).run()
    assert test.query_params["training_noise"] in ("0", ["0"])
    test.slider(key="bound_training_noise").set_value(0.3).run()
    assert [noise_of(name) for name in ("deep", "denoise_any")] == [0.3, 0.3]
    assert not test.exception
    assert visit_of(visited(architecture="denoise_any")).training_noise == 0.5


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("architecture", "size"),
    [("plain", "512"), ("deep", "513"), ("vae", "1568"), ("sparse", "0"), ("conv", "32")],
)
def test_a_link_with_a_code_size_the_network_cannot_have_is_answered_kindly(
    architecture: str, size: str
) -> None:
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.query_params["architecture"] = architecture
    test.query_params["code_size"] = size
    test.run()
    assert "does not know (code_size)" in text_of(test)
    test.switch_page("pages/train.py").run()
    assert not test.exception
    assert test.session_state["visit"].code_size == ARCHITECTURES[architecture].code_size


@pytest.mark.usefixtures("runs")
def test_every_network_s_card_says_how_large_it_is() -> None:
    networks = cards(visited())
    assert len(networks.options) == len(TRAINABLE)
    for architecture, option in zip(TRAINABLE, networks.options, strict=True):
        network = plan(architecture, ARCHITECTURES[architecture].code_size)
        assert f"{network.parameters:,} parameters]" in option
        assert f"code {network.code_size:,}]" in option
        assert " → ".join(str(width) for width in network.widths()) in option


@pytest.mark.usefixtures("runs")
def test_the_chosen_card_says_the_code_that_was_chosen() -> None:
    test = visited()
    test.slider(key="bound_code_size").set_value(8).run()
    assert not test.exception
    assert cards(test).value == "plain"
    plain, *others = cards(test).options
    assert "13,336 parameters]" in plain
    assert "code 8]" in plain
    assert not any("code 8]" in other for other in others)
    cards(test).set_value("sparse").run()
    assert test.session_state["visit"].architecture == "sparse"
    assert "code 32]" in cards(test).options[0]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "1 second"),
        (1.2, "1 second"),
        (1.6, "2 seconds"),
        (89, "89 seconds"),
        (150, "2 minutes"),
        (7_199, "120 minutes"),
        (54_000, "15 hours"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert spoken_seconds(seconds) == words


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "it has 512 MB of memory, and a training takes 600 MB"), ("zh", "512 MB")],
)
def test_a_host_that_is_too_small_says_so_and_what_to_do(language: str, words: str) -> None:
    trainer().host = Host(512 * MEGABYTE)
    test = visited(language=language, architecture="conv")
    assert not test.exception
    assert words in text_of(test)
    assert not {"Train", "训练"} & {button.label for button in test.button}


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("query", [{}, {"run": "vae"}])
def test_nobody_is_told_to_press_a_button_that_a_small_host_has_not(query: dict[str, str]) -> None:
    asks = "press Train"
    test = visited(**query)
    assert asks in text_of(test) + html_of(test)
    trainer().host = Host(512 * MEGABYTE)
    test.run()
    assert not test.exception
    assert asks not in text_of(test) + html_of(test)
    assert next(header.value for header in test.header) == (
        "Variational" if query else "Does a bigger code help?"
    )
