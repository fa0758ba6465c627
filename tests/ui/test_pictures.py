"""Arrays as pictures that a browser can show."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from aecore.datasets import Bytes
from aecore.ui.pictures import png_uri, scatter


def read(uri: str) -> Bytes:
    file = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(file)))


def test_a_picture_comes_back_pixel_for_pixel() -> None:
    random = np.random.default_rng(0)
    for shape in ((28, 28), (28, 28, 3), (120, 40), (12, 14)):
        pixels = random.integers(0, 256, shape, np.uint8)
        assert np.array_equal(read(png_uri(pixels)), pixels)


def test_pictures_of_equal_bytes_but_other_shape_differ() -> None:
    pixels = np.arange(24, dtype=np.uint8)
    assert png_uri(pixels.reshape(4, 6)) != png_uri(pixels.reshape(6, 4))


def test_names_of_classes_that_lie_together_stay_apart() -> None:
    """White letters are as many as if each class lay alone: no name hides another."""
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(3, dtype=np.uint8), 200)
    crowd = random.normal(0, 1, (600, 2)).astype(np.float32)
    far = np.repeat(np.array([[-9, 0], [0, 9], [9, 0]], np.float32), 200, axis=0)
    together, alone = (
        np.all(scatter(p, labels) == 255, axis=2).sum() for p in (crowd, crowd + far)
    )
    assert together > 0.95 * alone


def test_points_far_outside_are_left_out_rather_than_moved_to_the_edge() -> None:
    random = np.random.default_rng(0)
    points = random.normal(0, 1, (2_000, 2)).astype(np.float32)
    points[0] = (50, 50)
    drawn = scatter(points, np.zeros(2_000, np.uint8))[..., 3] > 0
    assert not drawn[:8, -8:].any()
