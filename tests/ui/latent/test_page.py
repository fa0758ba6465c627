import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aecore.datasets import load_mnist
from aecore.runs import MODEL_FILES, Epoch, Run, RunError, State, Status
from aecore.specs import TrainingSpec
from aecore.ui import models
from aecore.ui.latent.duel import score_of
from aecore.ui.remembered import Remembered

PROJECT = Path(__file__).parents[3]


def open_page(**query: str) -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run().switch_page("pages/latent.py").run()


def words_of(at: AppTest) -> str:
    """All that stands on the page, st.html's markup included."""
    return " ".join(
        str(getattr(element, "value", "") or getattr(element.proto, "body", ""))
        for element in at.main
        if hasattr(element, "proto")
    )


def test_page_opens_with_a_model_of_two_numbers_and_the_duel() -> None:
    at = open_page()
    assert not at.exception
    assert at.title[0].value == "Latent space"
    assert at.selectbox[0].value == "latent2d"
    assert at.header[0].value == "A fair duel"
    assert not at.warning


def test_duel_asks_for_a_prediction_before_it_shows_its_numbers() -> None:
    at = open_page()
    assert "Trustworthiness" not in words_of(at)
    next(group for group in at.button_group if group.key == "said_duel").set_value("PCA").run()
    assert not at.exception
    assert "<dt>You said</dt><dd>PCA</dd>" in words_of(at)
    assert "<dt>It is</dt><dd>t-SNE</dd>" in words_of(at)
    assert "Trustworthiness" in words_of(at)


@pytest.mark.parametrize(
    ("only", "question", "measured"),
    [("duel", "duel", "Trustworthiness"), ("second_loss", "second_loss", "5-NN error goes from")],
)
def test_a_section_shown_alone_speaks_of_nothing_above_it(
    only: str, question: str, measured: str
) -> None:
    at = open_page(only=only)
    at.button(key=f"show_{question}").click().run()
    assert measured in words_of(at)
    assert "above" not in words_of(at)


def test_what_the_second_loss_adds_is_shown_when_asked() -> None:
    at = open_page()
    assert "5-NN error goes from" not in words_of(at)
    show = [button for button in at.button if button.label == "Just show me"]
    show[-1].click().run()
    assert not at.exception
    assert "5-NN error goes from" in words_of(at)
    assert "Choose it above" in words_of(at)


def test_longer_codes_are_offered_after_those_of_two_numbers() -> None:
    at = open_page()
    sizes = [models.run_of(name).spec().code_size for name in models.model_names() if name != "pca"]
    options = at.selectbox[0].options
    short = sizes.count(2)
    assert not any("through PCA" in option for option in options[:short])
    assert all("through PCA" in option for option in options[short:])
    at.selectbox[0].select_index(short).run()
    assert not at.exception


def test_an_unknown_model_in_the_link_falls_back() -> None:
    at = open_page(map_model="nosuchmodel", cloud_noise="nan")
    assert not at.exception
    assert at.selectbox[0].value == "latent2d"
    assert any("is not on this server" in warning.value for warning in at.warning)
    at.run()
    assert not any("is not on this server" in warning.value for warning in at.warning)


def test_a_run_whose_spec_is_damaged_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "0123456789abcdef"
    folder.mkdir()
    for name in ("spec.json", "checksums.json"):
        (folder / name).write_text("not json")
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    at = open_page(run=folder.name, map_model=folder.name)
    assert not at.exception
    assert at.selectbox[0].value == "latent2d"
    assert at.header[-1].value == "What a second loss adds"


def test_a_damaged_model_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "latent2d"
    folder.mkdir()
    for file in models.PRETRAINED.get("latent2d").folder.glob("*.*"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "decoder.onnx").write_bytes(b"not a network")
    monkeypatch.setattr(models, "PRETRAINED", models.RunStore(tmp_path))
    at = open_page()
    assert not at.exception
    assert "cannot be opened" in at.warning[0].value


def test_without_any_model_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(models, "PRETRAINED", models.RunStore(tmp_path))
    at = open_page()
    assert not at.exception
    assert "no model to map" in at.info[0].value


def test_noise_and_digit_are_kept_in_the_link() -> None:
    at = open_page()
    at.slider[0].set_value(0.5).run()
    assert not at.exception
    assert at.query_params["cloud_noise"] in ("0.5", ["0.5"])


def test_test_set_has_the_first_pins() -> None:
    assert load_mnist().test_labels[[4, 1]].tolist() == [4, 2]


def test_asking_for_the_score_of_a_model_that_is_just_being_sealed_is_no_crash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    run = Run(tmp_path / "half")
    run.write_spec(TrainingSpec("latent2d", 2))
    with pytest.raises(RunError):
        score_of("half")


def epochs_of_a_run(folder: Path, spec: TrainingSpec, state: State) -> Run:
    """A folder as a worker leaves it before its model is whole."""
    run = Run(folder / spec.key)
    run.write_spec(spec)
    digits = np.zeros((10, 28, 28), np.uint8)
    codes = np.random.default_rng(0).standard_normal((300, 2)).astype(np.float16)
    run.write_epoch(Epoch(1, 0.2, 0.2, 1.0, digits, codes))
    run.write_status(Status(state, epoch=1))
    return run


@pytest.mark.parametrize("state", ["running", "keeping"])
def test_a_run_is_watched_until_its_model_is_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: State
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    run = epochs_of_a_run(tmp_path, TrainingSpec("latent2d", 2, images=1_000), state)
    at = open_page(run=run.name, map_model=run.name)
    assert not at.exception
    assert not at.warning
    assert at.selectbox[0].value == run.name


def test_a_code_of_one_number_needs_no_pca(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    run = epochs_of_a_run(tmp_path, TrainingSpec("plain", 1), "running")
    options = open_page(run=run.name).selectbox[0].options
    [own] = [option for option in options if option.startswith("Plain, code 1")]
    assert own.endswith(f"run {run.name[:4]}")


def title_on_the_map(at: AppTest) -> str:
    """What the visitor's browser reads above the model's map."""
    [sent] = [
        element.proto.bytes
        for element in at.main
        if getattr(getattr(element, "proto", None), "component_name", "") == "latent_map"
    ]
    header = json.loads(sent[4 : 4 + int.from_bytes(sent[:4], "little")])
    return str(header["maps"][0]["title"])


def test_a_map_is_called_his_own_only_before_whoever_asked_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    run = epochs_of_a_run(tmp_path, TrainingSpec("latent2d", 2, seed=4), "running")
    titles = []
    for asked in ({run.name}, set()):
        at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        at.query_params["map_model"] = run.name
        at.session_state["remembered"] = Remembered(asked=asked)
        at.run().switch_page("pages/latent.py").run()
        assert not at.exception
        titles.append(title_on_the_map(at))
    assert titles == ["Yours: Deep, 2-D code, code 2", "Deep, 2-D code, code 2"]


def test_older_runs_and_the_one_in_the_link_are_offered_each_by_its_own_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    names = []
    for seed in (1, 2, 3):
        run = epochs_of_a_run(tmp_path, TrainingSpec("latent2d", 2, seed=seed), "done")
        for file in MODEL_FILES:
            shutil.copy(models.PRETRAINED.get("latent2d").folder / file, run.folder)
        run.seal()
        names.append(run.name)
    newest, older, neighbours = names
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    at.query_params["run"] = newest
    at.query_params["map_model"] = neighbours
    at.session_state["asked_runs"] = [older, newest]
    at.run().switch_page("pages/latent.py").run()
    assert not at.exception
    assert not at.warning
    assert at.selectbox[0].value == neighbours
    own = [
        option for option in at.selectbox[0].options if option.startswith("Deep, 2-D code, code 2")
    ]
    assert sorted(option[-4:] for option in own) == sorted(name[:4] for name in names)
    at.selectbox[0].set_value("latent2d").run()
    assert set(own) <= set(at.selectbox[0].options)  # also that of the link, to come back to
