"""What the server sends after a change on Draw: neither the canvas in use nor any script."""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.wire import Wire, elements


def is_canvas(element: object) -> bool:
    kind = element.WhichOneof("type")  # type: ignore[attr-defined]
    return "canvas" in getattr(getattr(element, kind), "id", "")


def slider_and_fragment(answers: list[ForwardMsg], key: str) -> tuple[str, str]:
    (found,) = [
        (each.delta.new_element.slider.id, each.delta.fragment_id)
        for each in answers
        if each.WhichOneof("type") == "delta"
        and each.delta.new_element.WhichOneof("type") == "slider"
        and key in each.delta.new_element.slider.id
    ]
    return found


def test_noise_sends_the_rows_and_not_the_canvas(lab_url: str) -> None:
    with Wire(lab_url.removeprefix("http://"), "draw") as visitor:
        opened = visitor.run(query="source=digit&models=plain")
        assert any(map(is_canvas, elements(opened)))
        slider, fragment = slider_and_fragment(opened, "draw_noise")
        moved = WidgetState(id=slider)
        moved.double_array_value.data.append(0.5)
        answers = visitor.run(moved, query="source=digit&models=plain", fragment=fragment)
    assert any("strip-stage seen" in each.html.body for each in elements(answers))
    assert not any(map(is_canvas, elements(answers)))
    (rows,) = [
        each.bidi_component
        for each in elements(answers)
        if each.WhichOneof("type") == "bidi_component" and "live" in each.bidi_component.id
    ]
    assert len(rows.js_content) < 1_000, "its script came again"
    (icon,) = {
        each.page_config_changed.favicon for each in opened if each.page_config_changed.favicon
    }
    assert icon.startswith("data:image/png"), "a browser would ask for it after every change"
