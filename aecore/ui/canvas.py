"""The drawing canvas: kept across pages, and nothing the browser says about it is trusted."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image, UnidentifiedImageError
from streamlit.delta_generator import DeltaGenerator

from aecore.bounds import PNG_BYTES, PNG_SIDE, STROKES, STROKES_JSON
from aecore.datasets import Bytes
from aecore.drawing import Preparation, prepare
from aecore.sketch import Stroke, pack, paint, thinned, unpack
from aecore.ui.digits import ChosenDigit, chosen_digit
from aecore.ui.engine.keyboard import pen_keys
from aecore.ui.language import _
from aecore.ui.pictures import png
from aecore.ui.state import bound, mirror, visit

SIDE = 280
"""Pixels per side of the canvas: ten times MNIST's, and narrow enough for a phone."""

_ALIKE = 8.0
"""Of 255: how far a sketch may be from the drawing in the mean. Edges cost 3; a moved line, 40."""


_NO_STROKES = (IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What reading the canvas's lines raises when they are none."""

_invitation = st.components.v2.component(
    "invitation",
    html="<p></p>",
    css="p { margin: 0; color: #cfcfcf; font-size: 1.15rem; text-align: center; }",
    js=(Path(__file__).parent / "invitation.js").read_text(encoding="utf-8"),
)


class CanvasError(ValueError):
    """What the browser sent is not a picture of this canvas."""


@dataclass(frozen=True)
class Drawing:
    """A drawing as the canvas sent it.

    png          the picture, to see whether the next message is a new one
    strokes      what the canvas needs to draw it again; None if that would be too much
    preparation  what MNIST makes of it; None when the canvas is empty
    sketch       its strokes in the few characters that the link holds; "" if that cannot be
    """

    png: bytes
    strokes: dict[str, Any] | None
    preparation: Preparation | None
    sketch: str


def read_drawing(png: bytes, strokes: object) -> Drawing:
    """Check and prepare what the canvas sent. Raises CanvasError for anything but a small PNG."""
    checked, pixels = _checked_strokes(strokes), _pixels(png)
    return Drawing(png, checked, prepare(pixels), _sketch_of(checked, pixels))


def draw_again(sketch: str) -> Drawing:
    """The drawing that a link holds."""
    strokes = _enlarged(unpack(sketch))
    pixels = paint(strokes, SIDE)
    return Drawing(png(pixels), _as_objects(strokes), prepare(_white_on_black(pixels)), sketch)


def without_last_stroke(drawing: Drawing) -> Drawing | None:
    """What is left of a drawing when its last stroke is taken back; None if that is nothing.

    Its picture is near what the canvas will send, which draws smoother curves.
    """
    left = drawing.strokes["objects"][:-1] if drawing.strokes else []
    if not left:
        return None
    try:
        pixels = _white_on_black(paint(_enlarged(_strokes_of(left)), SIDE))
    except _NO_STROKES:
        return None
    strokes = {"objects": left}
    return Drawing(png(pixels[..., 0]), strokes, prepare(pixels), _sketch_of(strokes, pixels))


def _enlarged(strokes: list[Stroke]) -> list[Stroke]:
    """A sketch's strokes, in pixels of the canvas."""
    scale = SIDE / 255
    return [
        Stroke(
            round(stroke.width * scale),
            tuple((round(x * scale), round(y * scale)) for x, y in stroke.points),
        )
        for stroke in strokes
    ]


def _as_objects(strokes: list[Stroke]) -> dict[str, Any]:
    """Strokes as the canvas wants them for `initial_drawing`."""
    look = {
        "type": "Path",
        "fill": None,
        "stroke": "#ffffff",
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }
    return {
        "objects": [
            {
                **look,
                "strokeWidth": stroke.width,
                "path": [["L" if at else "M", x, y] for at, (x, y) in enumerate(stroke.points)],
            }
            for stroke in strokes
        ]
    }


def _white_on_black(pixels: Bytes) -> Bytes:
    return np.dstack([pixels, pixels, pixels, np.full_like(pixels, 255)])


def _sketch_of(strokes: dict[str, Any] | None, pixels: Bytes) -> str:
    """The strokes packed, if they look like the picture: not if one was moved or turned."""
    if strokes is None:
        return ""
    try:
        sketch = pack(_strokes_of(strokes["objects"]))
        if not sketch:
            return ""
        same = paint(unpack(sketch), 255)
    except _NO_STROKES:
        return ""
    drawn = np.asarray(Image.fromarray(pixels[..., 0]).resize(same.shape), np.float32)
    return sketch if float(np.abs(drawn - same).mean()) <= _ALIKE else ""


def _strokes_of(objects: list[dict[str, Any]]) -> list[Stroke]:
    """The canvas's lines as the strokes of a sketch."""
    scale = 255 / SIDE
    return [
        Stroke(
            round(each["strokeWidth"] * scale),
            thinned([(scale * point[-2], scale * point[-1]) for point in each["path"]]),
        )
        for each in objects
    ]


def _pixels(png: bytes) -> Bytes:
    """A PNG file as uint8 `(h, w, 4)`; a screen with fine pixels sends several for each of ours."""
    if len(png) > PNG_BYTES:
        raise CanvasError("the file is too large")
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            if max(image.size) > PNG_SIDE:
                raise CanvasError("the picture is too large")
            finer = max(max(image.size) // SIDE, 1)
            return np.asarray(image.convert("RGBA").reduce(finer))
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise CanvasError("the file is not a PNG picture") from error


def _checked_strokes(strokes: object) -> dict[str, Any] | None:
    """The lines of a drawing for `initial_drawing`, or None when they are too many or not lines."""
    objects = strokes.get("objects") if isinstance(strokes, dict) else None
    if not isinstance(objects, list) or len(objects) > STROKES:
        return None
    if not all(isinstance(each, dict) and each.get("type") in ("path", "Path") for each in objects):
        return None
    try:
        length = len(json.dumps(objects, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return None
    return {"objects": objects} if length <= STROKES_JSON else None


def drawing_canvas() -> DeltaGenerator:
    """The canvas with its brush and its Clear button; what is drawn goes to `visit().drawing`.

    Returns the row of its buttons, so that a page can put more beside Clear.
    """
    from streamlit_drawable_canvas import st_canvas  # works only inside a running app

    st.slider(_("Brush width, pixels"), width=SIDE, **bound("brush"))
    key = f"canvas_{st.session_state.setdefault('canvas_number', 0)}"
    if key not in st.session_state:  # the canvas is new on the page: give it the drawing back
        kept = visit().drawing
        st.session_state["canvas_start"] = kept.strokes if kept else None
    with st.container(key="paper", gap=None):
        invitation = st.empty()
        try:
            result = st_canvas(
                stroke_width=visit().brush,
                stroke_color="#ffffff",
                background_color="#000000",
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
        except (AttributeError, KeyError, TypeError, ValueError):
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
    """Make the drawing again when the link holds another than the visitor's, as after a reload."""
    kept: Drawing | None = visit().drawing
    if visit().sketch != (kept.sketch if kept else ""):
        visit().drawing = draw_again(visit().sketch) if visit().sketch else None
        st.session_state["canvas_number"] = st.session_state.get("canvas_number", 0) + 1


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


def looked_at() -> ChosenDigit | None:
    """The visitor's drawing or the test digit, as chosen; None when the canvas is empty."""
    if visit().source == "digit":
        return chosen_digit()
    drawing: Drawing | None = visit().drawing
    if drawing is None or drawing.preparation is None:
        return None
    return ChosenDigit(drawing.preparation.image, None, _("your drawing"))


def source_switch() -> None:
    """The control that chooses between the visitor's drawing and a test digit."""
    titles = {"drawing": _("My drawing"), "digit": _("A test digit")}
    st.segmented_control(
        _("Look at"),
        required=True,
        format_func=titles.__getitem__,
        **bound("source"),
    )
