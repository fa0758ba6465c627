import io

import numpy as np
import pytest
from PIL import Image

from aecore.autoencoder import Autoencoder
from aecore.datasets import Floats, load_mnist, to_float
from aecore.maps.latent_map import POINTS
from aecore.maps.plane import Box, Plane
from aecore.maps.spritesheet import Decode, SpriteSheet
from aecore.ui.models import PRETRAINED

BOX = Box(-2, -1, 3, 4)


def bilinear_decoder(places: Floats) -> Floats:
    """Images that are exactly bilinear in the place: blending must make no error on them."""
    x, y = places[:, :1], places[:, 1:]
    pattern = np.linspace(0, 1, 784)[None]
    flat = 0.3 + 0.05 * x * pattern + 0.04 * y * (1 - pattern) + 0.01 * x * y
    return flat.reshape(-1, 28, 28).astype(np.float32)


def blend_errors(sheet: SpriteSheet, decode: Decode, places: Floats) -> Floats:
    """Mean absolute difference per pixel (0 to 1) between blended and decoded images, by place."""
    return np.abs(sheet.paint(places) - decode(places)).mean(axis=(1, 2))


def as_a_browser_sees_it(sheet: SpriteSheet) -> SpriteSheet:
    """The sheet after the picture's lossy compression."""
    with Image.open(io.BytesIO(sheet.to_webp())) as picture:
        pixels = np.asarray(picture.convert("L"))
    images = pixels.reshape(len(sheet.ys), 28, len(sheet.xs), 28).swapaxes(1, 2)
    return SpriteSheet(sheet.xs, sheet.ys, np.ascontiguousarray(images))


@pytest.fixture
def places() -> Floats:
    random = np.random.default_rng(1)
    crowd = 0.1 * random.standard_normal((900, 2))
    return np.concatenate([crowd, random.uniform((-2, -1), (3, 4), (100, 2))]).astype(np.float32)


def test_blending_a_bilinear_decoder_is_exact_up_to_a_byte(places: Floats) -> None:
    sheet = SpriteSheet.of(bilinear_decoder, places, BOX, side=8)
    assert blend_errors(sheet, bilinear_decoder, places).max() < 1 / 255


def test_paint_agrees_with_the_sum_over_four_corners(places: Floats) -> None:
    sheet = SpriteSheet.of(bilinear_decoder, places, BOX, side=6)
    for x, y in [(0.31, 1.7), (-1.99, 3.99), (2.5, -0.5)]:
        column = int(np.flatnonzero(sheet.xs <= x)[-1])
        row = int(np.flatnonzero(sheet.ys <= y)[-1])
        across = (x - sheet.xs[column]) / (sheet.xs[column + 1] - sheet.xs[column])
        up = (y - sheet.ys[row]) / (sheet.ys[row + 1] - sheet.ys[row])
        corners = sheet.images[row : row + 2, column : column + 2].astype(float) / 255
        weights = np.outer([1 - up, up], [1 - across, across])
        expected = (corners * weights[..., None, None]).sum(axis=(0, 1))
        painted = sheet.paint(np.array([[x, y]], np.float32))[0]
        np.testing.assert_allclose(painted, expected, atol=1e-4)


def test_outside_the_sheet_its_border_is_painted(places: Floats) -> None:
    sheet = SpriteSheet.of(bilinear_decoder, places, BOX, side=6)
    outside, border = sheet.paint(np.array([[99, 1], [3, 1]], np.float32))
    np.testing.assert_array_equal(outside, border)


def test_lines_are_closer_where_the_digits_are(places: Floats) -> None:
    def restless_in_the_crowd(at: Floats) -> Floats:
        ring = 0.5 + 0.5 * np.sin(12 * np.exp(-np.square(at).sum(axis=1) / 0.02))
        return np.broadcast_to(ring[:, None, None], (len(at), 28, 28)).astype(np.float32)

    sheet = SpriteSheet.of(restless_in_the_crowd, places, BOX, side=32)
    gaps = np.diff(sheet.xs)
    crowd = np.abs(sheet.xs[:-1]) < 0.15
    assert gaps[crowd].mean() < 0.5 * gaps[~crowd].mean()
    assert (sheet.xs[0], sheet.xs[-1]) == (BOX.left, BOX.right)


def test_compressed_sheet_of_a_shipped_model_is_close_to_true_decoding() -> None:
    model = Autoencoder.load(PRETRAINED.get("latent2d").folder)
    places = model.encode(to_float(load_mnist().test_images[:POINTS]))
    plane, box = Plane.through(places), Box.around(places).squared()

    def decode(at: Floats) -> Floats:
        return model.decode(plane.code_at(at))

    sheet = SpriteSheet.of(decode, places, box)
    assert len(sheet.to_webp()) < 800_000
    received = as_a_browser_sees_it(sheet)
    random = np.random.default_rng(7)
    anywhere = random.uniform((box.left, box.bottom), (box.right, box.top), (1_000, 2))
    for where in (places[:1_000], anywhere.astype(np.float32)):
        errors = blend_errors(received, decode, where)
        assert errors.mean() < 0.010
        assert errors.max() < 0.035
