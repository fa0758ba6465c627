"""The page Draw by AppTest: drawings good and bad, test digits, noise, models."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from aecore.ui.questions import QUESTION
from aecore.ui.state import Visit
from tests.ui.seen import everything_seen


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file("../../../app.py", default_timeout=60)
    app.session_state["visit"] = everything_seen()
    return app.run().switch_page("pages/draw.py").run()


def picture(*lines: list[tuple[int, int]], width: int = 18, paper: str = "black") -> Image.Image:
    image = Image.new("RGBA", (280, 280), paper)
    for line in lines:
        ImageDraw.Draw(image).line(line, fill="white", width=width)
    return image


SEVEN = [(60, 60), (220, 60), (120, 230)]


def message(image: Image.Image, strokes: int = 1) -> dict[str, Any]:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    stroke = {"type": "Path", "path": [["M", 1, 1], ["L", 9, 9]]}
    return {
        "drawing": {
            "raw": {"objects": [stroke] * strokes},
            "data": "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode(),
        }
    }


def send(page: AppTest, sent: object, canvas: int = 0) -> AppTest:
    page.session_state[f"canvas_{canvas}"] = sent
    return page.run()


def visit(page: AppTest) -> Visit:
    found: Visit = page.session_state["visit"]
    return found


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def sentences(page: AppTest) -> list[str]:
    return [element.value for element in (*page.info, *page.warning, *page.error)]


def rows(page: AppTest) -> int:
    return html(page).count('class="strip-row"')


def press(page: AppTest, label: str) -> AppTest:
    button = next(button for button in page.button if button.label == label)
    return button.click().run()


def test_it_opens_with_a_test_digit_through_the_usual_models(page: AppTest) -> None:
    assert not page.exception
    assert not sentences(page)
    assert rows(page) == len(visit(page).models) >= 2
    assert "pca" in visit(page).models
    assert html(page).count('class="neighbours-line"') == rows(page)


def test_whoever_hears_the_page_is_told_how_many_numbers_a_code_has(page: AppTest) -> None:
    code_of = "Code of a handwritten 7 (test image 0) in the model"
    assert f"{code_of} Plain: 32 numbers" in html(page)
    assert f"{code_of} Convolutional: 1568 numbers" in html(page)


def test_a_drawing_is_prepared_and_goes_through_every_ticked_model(page: AppTest) -> None:
    send(page, message(picture(SEVEN)))
    assert not page.exception
    assert visit(page).source == "drawing"
    assert visit(page).drawing.preparation.image.mean() == pytest.approx(0.11, abs=0.03)
    assert html(page).count("<figure><span>") == 3  # crop, fit, centre
    assert "Reconstruction of your drawing by the model PCA" in html(page)
    assert rows(page) >= 2


def test_the_neighbours_of_a_drawn_7_are_7s(page: AppTest) -> None:
    send(page, message(picture([(70, 60), (210, 60), (130, 230)])))
    line = html(page).split('class="neighbours-line"')[-1]
    assert "PCA" in line
    assert line.count(", a 7") >= 4


def test_noise_is_added_to_what_the_models_see(page: AppTest) -> None:
    assert "with noise" not in html(page)
    page.slider(key="bound_draw_noise").set_value(0.5).run()
    assert not page.exception
    first = html(page)
    assert "with noise" in first
    press(page, "Another draw")
    assert html(page) != first
    assert visit(page).noise_seed == 1


def test_a_test_digit_for_whoever_cannot_draw(page: AppTest) -> None:
    send(page, message(picture(SEVEN)))
    press(page, "Random digit")
    assert visit(page).source == "digit"
    assert "your drawing" not in html(page)
    assert visit(page).drawing is not None  # and the drawing is not lost


def test_clear_empties_the_canvas_and_the_next_drawing_counts(page: AppTest) -> None:
    send(page, message(picture(SEVEN)))
    press(page, "Clear")
    assert visit(page).drawing is None
    assert any("canvas is empty" in sentence for sentence in sentences(page))
    send(page, message(picture([(140, 40), (140, 240)])), canvas=1)
    assert not sentences(page)
    assert rows(page) >= 2


def test_the_drawing_survives_a_visit_to_another_page(page: AppTest) -> None:
    send(page, message(picture(SEVEN)))
    kept = visit(page).drawing
    page.switch_page("pages/denoise.py").run()
    page.switch_page("pages/draw.py").run()
    assert visit(page).drawing is kept
    assert page.session_state["canvas_start"] == kept.strokes
    assert "Reconstruction of your drawing" in html(page)


def drawn_seven() -> dict[str, Any]:
    """What the canvas sends for a 7, its strokes as Fabric writes them."""
    sent = message(picture(SEVEN))
    path = [["M", *SEVEN[0]], *(["L", *point] for point in SEVEN[1:])]
    sent["drawing"]["raw"]["objects"] = [{"type": "Path", "strokeWidth": 18, "path": path}]
    return sent


def test_a_reload_keeps_the_drawing(page: AppTest) -> None:
    send(page, drawn_seven())
    again = AppTest.from_file("../../../app.py", default_timeout=60)
    again.query_params.update(page.query_params)
    again.run().switch_page("pages/draw.py").run()
    assert not again.exception
    assert not sentences(again)
    assert "Reconstruction of your drawing" in html(again)
    before, after = visit(page).drawing, visit(again).drawing
    assert np.abs(before.preparation.image - after.preparation.image).mean() < 0.01
    assert len(again.session_state["canvas_start"]["objects"]) == 1


def test_clear_takes_the_drawing_out_of_the_link(page: AppTest) -> None:
    send(page, drawn_seven())
    assert "sketch" in page.query_params
    press(page, "Clear")
    assert "sketch" not in page.query_params


def test_a_stroke_that_was_moved_is_not_kept_in_the_wrong_place(page: AppTest) -> None:
    sent = drawn_seven()
    for step in sent["drawing"]["raw"]["objects"][0]["path"]:
        step[-1] += 30
    send(page, sent)
    assert visit(page).drawing.preparation is not None
    assert "sketch" not in page.query_params


def test_a_tampered_drawing_in_the_link_gets_one_sentence() -> None:
    app = AppTest.from_file("../../../app.py", default_timeout=60)
    app.query_params["sketch"] = "AAAA"
    app.query_params["source"] = "drawing"
    app.run()
    assert any("does not know (sketch)" in sentence for sentence in sentences(app))
    app.switch_page("pages/draw.py").run()
    assert not app.exception


def test_the_canvas_is_not_fed_its_own_strokes_while_drawing(page: AppTest) -> None:
    send(page, message(picture(SEVEN)))
    assert page.session_state["canvas_start"] is None
    send(page, message(picture(SEVEN, [(90, 150), (180, 150)]), strokes=2))
    assert page.session_state["canvas_start"] is None


def test_no_model_ticked(page: AppTest) -> None:
    page.get("button_group")[-1].set_value([]).run()
    assert not page.exception
    assert sentences(page) == ["Tick a model to see its answer."]
    assert visit(page).models == ()


def test_nobody_is_asked_which_of_one_model_keeps_most() -> None:
    app = AppTest.from_file("../../../app.py", default_timeout=60)
    app.query_params["models"] = "plain"
    app.run().switch_page("pages/draw.py").run()
    questions = [each.value for each in app.markdown]
    assert f"**{QUESTION['keeps_most'].text}**" not in questions
    assert f"**{QUESTION['same_five'].text}**" in questions
    assert "MSE <b>" in html(app)
    visit(app).models = ("plain", "deep")
    assert f"**{QUESTION['keeps_most'].text}**" in [each.value for each in app.run().markdown]
    assert "MSE <b>" not in html(app)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (message(picture([(130, 140), (150, 140)], width=20)), "dot or a solid patch"),
        (message(picture(paper="white")), "dot or a solid patch"),
        (message(picture(SEVEN), strokes=4_000), "too many strokes"),
        ({"drawing": {"raw": {}, "data": "data:image/png;base64,AAAA"}}, "not a drawing"),
        ({"drawing": {"raw": {}, "data": "nonsense"}}, "not a drawing"),
        ({"drawing": {"raw": {}, "data": 7}}, "not a drawing"),
        ({"drawing": "nonsense"}, "not a drawing"),
        (message(Image.new("RGBA", (9_000, 9_000))), "not a drawing"),
        ({"drawing": None, "backgroundFit": {"x": 1}}, "not a drawing"),
    ],
    ids=[
        "dot", "solid", "thousands of strokes", "no png", "no uri", "number", "text", "huge", "fit",
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence_and_the_page_goes_on(
    page: AppTest, sent: object, sentence: str
) -> None:
    send(page, sent)
    assert not page.exception
    assert len(sentences(page)) == 1
    assert sentence in sentences(page)[0]
    assert rows(page) >= 2
    page.slider(key="bound_draw_noise").set_value(0.3).run()
    assert "with noise" in html(page)


def test_a_blank_canvas_says_so_and_keeps_the_controls(page: AppTest) -> None:
    send(page, message(picture(SEVEN)))
    send(page, message(picture(), strokes=0))
    assert not page.exception
    assert sentences(page) == ["The canvas is empty. Draw a digit on it, or take a test digit."]
    press(page, "Random digit")
    assert rows(page) >= 2


def test_a_malformed_message_does_not_lose_the_drawing(page: AppTest) -> None:
    send(page, message(picture(SEVEN)))
    kept = visit(page).drawing
    send(page, {"drawing": {"raw": None, "data": "nonsense"}})
    assert visit(page).drawing is kept
    assert "Reconstruction of your drawing" in html(page)


def test_thousands_of_strokes_still_give_an_answer(page: AppTest) -> None:
    places = np.random.default_rng(0).integers(0, 280, (3_000, 2))
    scribble = [(int(x), int(y)) for x, y in places]
    send(page, message(picture(scribble, width=2), strokes=3_000))
    assert not page.exception
    assert rows(page) >= 2
    assert paper(page) is None
    page.switch_page("pages/denoise.py").run()
    page.switch_page("pages/draw.py").run()  # the strokes are lost, the picture is not
    assert paper(page) == base64.b64encode(visit(page).drawing.png).decode()
    press(page, "Clear")
    assert paper(page) is None


def paper(page: AppTest) -> str | None:
    """The picture under the canvas's strokes, a PNG in Base64."""
    shown = " ".join(str(element.proto) for element in page.get("bidi_component"))
    found = re.search(r"backgroundImageURL.{1,9}data:image/png;base64,([A-Za-z0-9+/=]+)", shown)
    return found[1] if found else None


def test_unknown_models_in_the_link_are_named() -> None:
    app = AppTest.from_file("../../../app.py", default_timeout=60)
    app.query_params["models"] = "plain,nosuchmodel,<b>no name</b>,deep"
    app.run()
    assert any("does not know (models)" in sentence for sentence in sentences(app))
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    assert any("nosuchmodel" in sentence for sentence in sentences(app))
    assert visit(app).models == ("plain", "deep")
