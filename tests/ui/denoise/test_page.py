"""The page Denoise by AppTest: the same noise for all, numbers under each, a chart for all."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from aecore.curves.noise_curves import curve_levels
from aecore.filters import FILTERS
from aecore.noise import NOISE_KINDS
from aecore.runs import MODEL_FILES, Run, Status
from aecore.specs import TrainingSpec
from aecore.takehome.figures import Curves
from aecore.ui.denoise import methods
from aecore.ui.models import PRETRAINED
from aecore.ui.questions import QUESTION
from tests.ui.draw.test_page import SEVEN, html, message, picture, press, send, sentences, visit
from tests.ui.seen import everything_seen
from tests.ui.test_predictions import opened


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file("../../../app.py", default_timeout=120)
    app.session_state["visit"] = everything_seen()
    return app.run().switch_page("pages/denoise.py").run()


def titles(page: AppTest) -> list[str]:
    gallery = next(e.proto.body for e in page.get("html") if 'class="attempts"' in e.proto.body)
    return re.findall(r"<figcaption><b>([^<]*)</b>", gallery)


def numbers(page: AppTest) -> list[tuple[float, float]]:
    found = re.findall(
        r"PSNR <span>([0-9.]+)</span> dB<br>SSIM <span>(-?[0-9.]+)</span>", html(page)
    )
    return [(float(decibels), float(similarity)) for decibels, similarity in found]


def chart(page: AppTest) -> str:
    """The chart's specification and its data, as text."""
    proto = page.get("vega_lite_chart")[0].proto
    tables = [pa.ipc.open_stream(each.data.data).read_all().to_pylist() for each in proto.datasets]
    return proto.spec + json.dumps(tables)


def test_everyone_gets_the_same_noisy_image_and_two_numbers(page: AppTest) -> None:
    assert not page.exception
    assert not sentences(page)
    models = len(visit(page).models)
    assert models >= 2
    assert len(titles(page)) == 2 + models + len(FILTERS)
    assert titles(page)[:2] == ["Clean", "With noise"]
    assert len(numbers(page)) == 1 + models + len(FILTERS)
    noisy, median = numbers(page)[0], numbers(page)[1 + models]
    assert median[0] > noisy[0]


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_every_kind_of_noise(page: AppTest, kind: str) -> None:
    next(g for g in page.get("button_group") if g.key == "bound_noise_kind").set_value(kind).run()
    assert not page.exception
    assert not sentences(page)
    assert visit(page).noise_kind == kind
    assert visit(page).noise_level > 0
    assert len(numbers(page)) >= 5


def test_the_chart_shows_every_method_and_where_the_visitor_is(page: AppTest) -> None:
    page.slider(key="bound_noise_level").set_value(1.0).run()
    spec = chart(page)
    for title in titles(page)[2:]:
        assert f'"method": {json.dumps(title)}' in spec
    assert '"method": "Nothing done"' in spec
    assert '"method": "All digits by heart"' in spec
    assert '"you are here"' in spec
    assert '{"level": 1.0, "word"' in spec


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_nobody_waits_for_the_curves_of_what_ships(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def measured_on_the_way(*_: object) -> list[float]:
        raise AssertionError("a curve was measured while a visitor waited")

    monkeypatch.setattr(methods, "measure", measured_on_the_way)
    st.cache_data.clear()
    next(g for g in page.get("button_group") if g.key == "bound_noise_kind").set_value(kind).run()
    assert not page.exception
    assert '"method": "Nothing done"' in chart(page)
    knows_by_heart = kind == "gaussian"
    assert ('"method": "All digits by heart"' in chart(page)) is knows_by_heart
    assert any("by heart" in each.value for each in page.caption) is knows_by_heart


def test_a_curve_that_did_not_ship_is_measured(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = chart(page)
    monkeypatch.setattr(methods, "measured_curve", lambda *_: None)
    st.cache_data.clear()
    for group in page.get("button_group"):
        if group.key in ("bound_filters", "bound_models"):
            group.set_value([]).run()
    assert not page.exception
    again = re.findall(r'"psnr": ([0-9.]+), "method": "Nothing done"', chart(page))
    before = re.findall(r'"psnr": ([0-9.]+), "method": "Nothing done"', shipped)
    assert [float(value) for value in again[:11]] == pytest.approx(
        [float(value) for value in before[:11]], abs=0.01
    )


def denoiser(runs: Path, noise: float) -> str:
    """A finished run of the network for all noises, as if trained with noise up to that."""
    spec = TrainingSpec("denoise_any", code_size=288, noise=noise, noise_varies=True)
    run = Run(runs / spec.key)
    run.write_spec(spec)
    for file in MODEL_FILES:
        shutil.copy(PRETRAINED.get("denoise_any").folder / file, run.folder)
    run.write_status(Status("done"))
    run.seal()
    return run.name


def test_what_a_network_was_trained_on_is_marked_and_the_marks_explained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AELAB_RUNS", str(tmp_path))
    monkeypatch.setattr(methods, "measure", lambda _denoiser, kind: [9.0] * len(curve_levels(kind)))
    made: list[Curves] = []
    monkeypatch.setattr(
        "aecore.ui.takehome.figures.figure_links", lambda _name, figure, **_: made.append(figure)
    )

    def marks(*names: str) -> tuple[list[float | None], list[bool], str]:
        app = AppTest.from_file("../../../app.py", default_timeout=120)
        app.session_state["visit"] = replace(everything_seen(), models=names, filters=())
        app.session_state["figure_psnr"] = True
        app.run().switch_page("pages/denoise.py").run()
        assert not app.exception
        curves = made[-1].curves[2:]  # after doing nothing and knowing all by heart
        places = [curve.diamond[0] if curve.diamond else None for curve in curves]
        return places, [curve.thick for curve in curves], made[-1].note

    clean, noisy = denoiser(tmp_path, 0.0), denoiser(tmp_path, 0.5)
    diamond, thick = "Diamond: the σ it was trained on.", "Thick line: trained on every σ from 0"
    assert marks(clean) == ([None], [False], "")
    assert marks("denoise") == ([0.5], [False], diamond)
    assert marks(noisy) == ([0.5], [True], f"{thick} to its diamond.")
    assert marks("denoise", "denoise_any") == (
        [0.5, 3.0],
        [False, True],
        f"{diamond} {thick} to its diamond.",
    )


def test_another_draw_changes_the_noise_and_no_noise_is_no_fault(page: AppTest) -> None:
    first = numbers(page)
    press(page, "Another draw")
    assert numbers(page) != first
    page.slider(key="bound_noise_level").set_value(0.0).run()
    assert not page.exception
    assert "PSNR <span>∞</span> dB" in html(page)


def test_filters_and_models_can_be_unticked(page: AppTest) -> None:
    assert any("The frame marks" in caption.value for caption in page.caption)
    for group in page.get("button_group"):
        if group.key in ("bound_filters", "bound_models"):
            group.set_value([]).run()
    assert not page.exception
    assert titles(page) == ["Clean", "With noise"]
    assert sentences(page) == ["Tick a model or a filter to see its answer."]
    assert not any("The frame marks" in caption.value for caption in page.caption)  # there is none
    page.session_state["visit"] = replace(page.session_state["visit"], predictions={})
    page.run()
    assert len(numbers(page)) == 1  # nobody is asked, so nothing is hidden


@pytest.mark.parametrize(
    "query",
    [
        {"models": "plain", "filters": ""},  # nothing to choose from
        {"models": "plain", "noise_level": "0"},  # every filter leaves a clean digit as it is
    ],
)
def test_nobody_is_asked_which_is_nearest_where_there_is_not_one(query: dict[str, str]) -> None:
    app = opened("denoise", **query)
    assert not app.exception
    assert f"**{QUESTION['by_eye'].text}**" not in [each.value for each in app.markdown]
    assert "PSNR ?" not in html(app)
    assert 'best"' not in html(app)
    assert not any("The frame marks" in caption.value for caption in app.caption)
    visit(app).models, visit(app).noise_level = ("plain", "deep"), 0.5
    app.run()
    assert f"**{QUESTION['by_eye'].text}**" in [each.value for each in app.markdown]
    assert "PSNR ?" in html(app)


def test_without_a_drawing_it_says_so_and_shows_a_test_digit(page: AppTest) -> None:
    next(g for g in page.get("button_group") if g.key == "bound_source").set_value("drawing").run()
    assert not page.exception
    assert len(sentences(page)) == 1
    assert "not drawn anything yet" in sentences(page)[0]
    assert len(numbers(page)) >= 5


def test_the_visitors_own_drawing() -> None:
    app = AppTest.from_file("../../../app.py", default_timeout=120).run()
    app.switch_page("pages/draw.py").run()
    send(app, message(picture(SEVEN)))
    app.switch_page("pages/denoise.py").run()
    assert not app.exception
    assert "your drawing: With noise" in html(app)


def test_students_meet_the_chapters_discovery_and_its_slip(page: AppTest) -> None:
    text = " ".join(element.value for element in page.markdown)
    assert "0.2517" in text
    assert "0.2625" in text
    assert "N(3, 10)" in text
    assert "N(3, 10) on 0–255" in html(page)
    assert "mean image" in html(page)
