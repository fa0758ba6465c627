"""The drawing canvas on a page: kept across pages, undone, cleared, restored from a link."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.ui.drawings import SIDE, Drawing, draw_again, read_drawing, without_last_stroke
from aecore.ui.engine.keyboard import pen_keys
from aecore.ui.language import _
from aecore.ui.modules import module
from aecore.ui.state import bound, mirror, visit

_invitation = st.components.v2.component(
    "invitation",
    html="<p></p>",
    css="p { margin: 0; color: #cfcfcf; font-size: 1.15rem; text-align: center; }",
    js=module(Path(__file__).parent / "invitation.js"),
)

_CANVAS = re.compile(r"-canvas_([0-9]{1,9})$")
"""What Streamlit calls a canvas of this page: its key stands at the end."""

_NO_DRAWING = (AttributeError, KeyError, TypeError, ValueError)
"""What reading the canvas's message raises when it is none."""


def drawing_canvas() -> DeltaGenerator:
    """The canvas with its brush and its Clear button; what is drawn goes to `visit().drawing`.

    Returns the row of its buttons, so that a page can put more beside Clear.
    """
    from streamlit_drawable_canvas import st_canvas  # works only inside a running app

    st.slider(_("Brush width, pixels"), width=SIDE, **bound("brush"))
    key = f"canvas_{st.session_state['canvas_number']}"
    if key not in st.session_state:  # the canvas is new on the page: give it the drawing back
        kept = visit().drawing
        st.session_state["canvas_start"] = kept.strokes if kept else None
        st.session_state["canvas_paper"] = kept.png if kept and _is_full(kept) else None
    with st.container(key="paper", gap=None):
        invitation = st.empty()
        try:
            result = st_canvas(
                stroke_width=visit().brush,
                stroke_color="#ffffff",
                background_color="#000000",
                background_image=st.session_state["canvas_paper"],  # of strokes too many to keep
                height=SIDE,
                width=SIDE,
                # Not what it holds now: a canvas that is given its own strokes loses the next one.
                initial_drawing=st.session_state["canvas_start"],
                return_image_data=True,
                disabled=_is_full(visit().drawing),
                key=key,
            )
            pen_keys()
            _take(result.image_bytes, result.json_data)
        except _NO_DRAWING:
            st.warning(
                _("The canvas sent something that is not a drawing. Press Clear and draw again.")
            )
        if visit().drawing is None or visit().drawing.preparation is None:
            with invitation:
                _invitation(data=[_("Draw a digit here")], key="invitation")
    buttons = st.container(horizontal=True, gap="small", key="easel_tools")
    buttons.button(
        _("Undo"),
        icon=":material/undo:",
        key="undo_stroke",
        on_click=_undo,
        disabled=not _can_be_undone(visit().drawing),
    )
    buttons.button(_("Clear"), icon=":material/delete:", on_click=_clear)
    _comment(visit().drawing)
    return buttons


def _take(png: bytes | None, strokes: object) -> None:
    """Keep what the canvas sent, if it is new, and look at it from now on."""
    kept = visit().drawing
    if png is None or (kept is not None and kept.png == png):
        return
    drawing = read_drawing(png, strokes)
    visit().drawing, visit().sketch = drawing, drawing.sketch
    if drawing.preparation is not None:
        visit().source = "drawing"
    mirror()


def _can_be_undone(drawing: Drawing | None) -> bool:
    return drawing is not None and drawing.strokes is not None and bool(drawing.strokes["objects"])


def _undo() -> None:
    """Take the last stroke back: a new canvas shows the others."""
    kept: Drawing | None = visit().drawing
    if kept is not None and _can_be_undone(kept):
        _replace(without_last_stroke(kept))


def _clear() -> None:
    _replace(None)


def _replace(drawing: Drawing | None) -> None:
    visit().drawing, visit().sketch = drawing, drawing.sketch if drawing else ""
    st.session_state["canvas_number"] += 1
    mirror()


def restore_drawing() -> None:
    """Make the drawing again when the link holds another than the visitor's, as after a reload.

    Where the session has just begun, and yet its page has a canvas, the server was started anew:
    then the canvas holds strokes of which the link does not know.
    """
    if "canvas_number" not in st.session_state:
        st.session_state["canvas_number"], left = _left_on_the_page()
        if left is not None:
            if left.sketch != visit().sketch and left.preparation is not None:
                visit().source = "drawing"
            visit().drawing, visit().sketch = left, left.sketch
    kept: Drawing | None = visit().drawing
    if visit().sketch != (kept.sketch if kept else ""):
        visit().drawing = draw_again(visit().sketch) if visit().sketch else None
        st.session_state["canvas_number"] += 1


def _left_on_the_page() -> tuple[int, Drawing | None]:
    """The number that the next canvas gets, and what was drawn on the one before this session."""
    context = get_script_run_ctx()
    for state in context.session_state.get_widget_states() if context is not None else ():
        if found := _CANVAS.search(state.id):
            from streamlit_drawable_canvas import CanvasResult  # works only inside a running app

            with suppress(*_NO_DRAWING, RecursionError):
                sent = json.loads(state.json_value)["drawing"]
                result = CanvasResult(sent["raw"], sent["data"], return_image_data=True)
                return int(found[1]) + 1, read_drawing(result.image_bytes, result.json_data)
            return int(found[1]) + 1, None
    return 0, None


def _comment(drawing: Drawing | None) -> None:
    """One sentence about a drawing that is special."""
    if drawing is None or drawing.preparation is None:
        return
    if drawing.preparation.is_blob:
        st.info(
            _(
                "That is a dot or a solid patch, without any line. Try it all the same: which "
                "digit does each model make of it?"
            )
        )
    if _is_full(drawing):
        st.info(
            _(
                "The canvas is full: too many strokes to keep more. Press Clear before you draw "
                "again. The picture stays until then."
            )
        )


def _is_full(drawing: Drawing | None) -> bool:
    """Whether there are too many strokes for more of them to be sent."""
    return drawing is not None and drawing.strokes is None
