"""What a browser may send for a drawing, and what is made of it."""

from __future__ import annotations

import io
import struct
import zlib
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from aecore.sketch import unpack
from aecore.ui.drawings import CanvasError, draw_again, read_drawing, without_last_stroke


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def seven() -> bytes:
    image = Image.new("RGBA", (280, 280), "black")
    ImageDraw.Draw(image).line([(60, 60), (220, 60), (120, 230)], fill="white", width=18)
    return png(np.asarray(image))


def stroke() -> dict[str, object]:
    return {"type": "Path", "path": [["M", 1, 1], ["L", 9, 9]], "strokeWidth": 18}


def test_a_drawing_is_prepared_and_its_strokes_kept() -> None:
    drawing = read_drawing(seven(), {"version": "6", "objects": [stroke()], "background": "red"})
    assert drawing.preparation is not None
    assert not drawing.preparation.is_blob
    assert drawing.strokes == {"objects": [stroke()]}


def test_a_hand_so_quick_that_the_canvas_saw_few_points_keeps_its_corners_in_the_link() -> None:
    corners = [(20.0, 20.0), (20.0, 260.0), (260.0, 260.0)]
    seen = [*np.linspace(corners[0], corners[1], 4), *np.linspace(corners[1], corners[2], 4)[1:]]
    path: list[list[str | float]] = [["M", *seen[0]]]
    line = [seen[0]]
    for point, following in pairwise(seen):  # as the canvas's pencil draws from point to point
        middle = (point + following) / 2
        path.append(["Q", *point, *middle])
        shares = np.linspace(0, 1, 20)[:, None]
        start = line[-1]
        line += list(
            (1 - shares) ** 2 * start + 2 * shares * (1 - shares) * point + shares**2 * middle
        )
    path.append(["L", *seen[-1]])
    image = Image.new("RGBA", (280, 280), "black")
    ImageDraw.Draw(image).line([tuple(point) for point in line], "white", 18, "curve")
    strokes = [stroke() | {"path": path}]
    drawing = read_drawing(png(np.asarray(image)), {"objects": strokes})
    again = draw_again(drawing.sketch)
    with Image.open(io.BytesIO(again.png)) as painted:
        difference = np.asarray(painted, np.float32) - np.asarray(image.convert("L"))
    assert np.abs(difference).mean() < 4  # their edges alone cost 3


def test_taking_a_stroke_back_leaves_the_others() -> None:
    kept, last = stroke(), stroke() | {"path": [["M", 9, 200], ["L", 250, 200]]}
    drawing = read_drawing(seven(), {"objects": [kept, last]})
    once = without_last_stroke(drawing)
    assert once is not None
    assert once.strokes == {"objects": [kept]}
    assert once.preparation is not None
    assert len(unpack(once.sketch)) == 1
    assert without_last_stroke(once) is None


def test_blank_dot_and_solid() -> None:
    black = np.zeros((280, 280, 4), np.uint8)
    black[..., 3] = 255
    assert read_drawing(png(black), {"objects": []}).preparation is None
    dot = black.copy()
    dot[100:118, 100:118] = 255
    solid = np.full_like(black, 255)
    for pixels in (dot, solid):
        preparation = read_drawing(png(pixels), {"objects": []}).preparation
        assert preparation is not None
        assert preparation.is_blob


def bomb(side: int) -> bytes:
    """A valid, tiny PNG that claims to be `side` x `side`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        seven()[: len(seven()) // 2],
        b"GIF89a" + bytes(50),
        bytes(3_000_000),
        bomb(1_200),
        bomb(30_000),
        bomb(2**31 - 1),
        bomb(0),
    ],
    ids=["empty", "text", "cut off", "gif", "long", "large", "huge", "absurd", "no size"],
)
def test_anything_but_a_picture_of_the_canvas_is_refused(content: bytes) -> None:
    with pytest.raises(CanvasError):
        read_drawing(content, {"objects": []})


@pytest.mark.parametrize(
    "strokes",
    [
        None,
        [],
        "objects",
        {"objects": None},
        {"objects": ["stroke"]},
        {"objects": [{"type": "Image", "src": "http://example.org/x.png"}]},
        {"objects": [{**stroke(), "left": float("nan")}]},
        {"objects": [stroke()] * 5_000},
        {"objects": [{**stroke(), "path": [["L", 1, 1]] * 400_000}]},
    ],
    ids=["none", "list", "text", "no objects", "no dict", "image", "nan", "many", "long"],
)
def test_strokes_that_cannot_be_drawn_again_are_dropped_but_the_picture_is_kept(
    strokes: object,
) -> None:
    drawing = read_drawing(seven(), strokes)
    assert drawing.strokes is None
    assert drawing.preparation is not None
