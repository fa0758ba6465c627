"""A drawing becomes what MNIST would have made of it, whatever the brush, size and place."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from aecore.drawing import DrawingError, prepare, to_mnist

SEVEN = [(0.1, 0.1), (0.9, 0.05), (0.5, 0.55), (0.35, 1.0)]
ZERO = [(0.5 + 0.32 * np.cos(a), 0.5 + 0.5 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 40)]
ONE = [(0.5, 0.0), (0.5, 1.0)]


def draw(
    points: list[tuple[float, float]],
    *,
    brush: int = 16,
    side: int = 200,
    corner: tuple[int, int] = (40, 40),
    canvas: int = 280,
) -> NDArray[np.uint8]:
    """White strokes on opaque black, as the lab's canvas sends them."""
    image = Image.new("L", (canvas, canvas))
    pen = ImageDraw.Draw(image)
    path = [(corner[0] + side * x, corner[1] + side * y) for x, y in points]
    pen.line(path, fill=255, width=brush, joint="curve")
    for x, y in path:
        pen.ellipse([x - brush / 2, y - brush / 2, x + brush / 2, y + brush / 2], fill=255)
    rgba = np.full((canvas, canvas, 4), 255, np.uint8)
    rgba[..., :3] = np.asarray(image)[..., None]
    return rgba


def mnist_of(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    image = to_mnist(rgba)
    assert image is not None
    return image


def centre_of_mass(image: NDArray[np.float32]) -> tuple[float, float]:
    rows, columns = np.mgrid[:28, :28]
    return float((image * rows).sum() / image.sum()), float((image * columns).sum() / image.sum())


@pytest.mark.parametrize("points", [SEVEN, ZERO, ONE], ids=["seven", "zero", "one"])
@pytest.mark.parametrize("brush", [3, 8, 16, 30])
def test_ink_fills_mnists_box_around_mnists_centre(
    points: list[tuple[float, float]], brush: int
) -> None:
    image = mnist_of(draw(points, brush=brush))
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert image.min() == 0
    assert 0.95 < image.max() <= 1
    rows, columns = np.nonzero(image)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    assert np.abs(np.array(centre_of_mass(image)) - 14).max() <= 0.51


def likeness(image: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Correlation, the better for moving one image by a pixel: centring is by whole pixels."""
    moves = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    moved = [np.roll(other, move, axis=(0, 1)) for move in moves]
    return max(float(np.corrcoef(image.ravel(), candidate.ravel())[0, 1]) for candidate in moved)


@pytest.mark.parametrize("points", [SEVEN, ZERO], ids=["seven", "zero"])
def test_every_brush_and_size_gives_nearly_the_same_image(
    points: list[tuple[float, float]],
) -> None:
    usual = mnist_of(draw(points))
    others = [
        draw(points, brush=3, side=260, corner=(5, 5)),
        draw(points, brush=30),
        draw(points, brush=6, side=50, corner=(5, 220)),
        draw(points, brush=40, side=800, corner=(100, 100), canvas=1000),
    ]
    for other in others:
        image = mnist_of(other)
        assert abs(image.mean() - usual.mean()) < 0.02
        assert likeness(usual, image) > 0.93


def test_mean_ink_is_near_mnists() -> None:
    inks = [
        mnist_of(draw(points, brush=brush)).mean()
        for points in (SEVEN, ZERO, ONE)
        for brush in (3, 12, 30)
    ]
    assert 0.09 < np.mean(inks) < 0.16


def test_the_shape_is_kept() -> None:
    rows, columns = np.nonzero(mnist_of(draw(ONE)))
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 <= 5
    wide = mnist_of(draw([(y, x) for x, y in ONE]))
    assert np.ptp(np.nonzero(wide)[1]) + 1 == 20


def test_edges_are_antialiased() -> None:
    image = mnist_of(draw(SEVEN))
    grey = ((image > 0.02) & (image < 0.98)).sum() / (image > 0).sum()
    assert 0.3 < grey < 0.8  # MNIST: 0.6


def test_ink_of_any_colour_on_a_transparent_canvas() -> None:
    opaque = draw(SEVEN)
    expected = mnist_of(opaque)
    for colour in [(255, 255, 255), (0, 0, 0), (200, 30, 60)]:
        see_through = np.zeros_like(opaque)
        see_through[..., :3] = colour
        see_through[..., 3] = opaque[..., 0]
        np.testing.assert_allclose(mnist_of(see_through), expected, atol=0.02)


def test_blank_canvases_give_none() -> None:
    opaque_black = np.zeros((280, 280, 4), np.uint8)
    opaque_black[..., 3] = 255
    assert to_mnist(opaque_black) is None
    assert to_mnist(np.zeros((280, 280, 4), np.uint8)) is None
    assert to_mnist(np.zeros((0, 0, 4), np.uint8)) is None
    assert to_mnist(np.zeros((0, 7, 4), np.uint8)) is None


def test_one_dot_stays_a_dot() -> None:
    image = mnist_of(draw([(0.5, 0.5), (0.5, 0.5)], brush=20))
    rows, columns = np.nonzero(image)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 4
    assert mnist_of(pixel()).sum() > 0


def pixel() -> NDArray[np.uint8]:
    rgba = np.zeros((280, 280, 4), np.uint8)
    rgba[3, 277] = 255
    return rgba


def test_a_solid_canvas_becomes_a_solid_square() -> None:
    image = mnist_of(np.full((280, 280, 4), 255, np.uint8))
    assert image[4:24, 4:24].min() == 1
    assert image.sum() == 400


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 3), (4,), (2, 28, 28, 4), ()])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DrawingError, match="h, w, 4"):
        to_mnist(np.zeros(shape, np.uint8))


def test_other_types_are_refused() -> None:
    with pytest.raises(DrawingError, match="numbers"):
        to_mnist(np.zeros((5, 5, 4), "U3"))
    with pytest.raises(DrawingError, match="numbers"):
        to_mnist(np.zeros((5, 5, 4), object))


def test_not_a_number_and_infinity_do_not_spread() -> None:
    rgba = draw(SEVEN).astype(np.float64)
    rgba[:20, :20, :3] = np.nan
    rgba[0, 0] = -np.inf
    rgba[..., 3] = 255
    np.testing.assert_allclose(mnist_of(rgba), mnist_of(draw(SEVEN)), atol=1e-6)


def test_huge_and_long_arrays_take_bounded_time() -> None:
    started = time.perf_counter()
    huge = np.broadcast_to(np.uint8(255), (60_000, 60_000, 4))  # takes no memory of its own
    assert mnist_of(huge).sum() == 400
    assert to_mnist(np.broadcast_to(np.uint8(255), (1, 10_000_000, 4))) is not None
    assert time.perf_counter() - started < 10


def test_scribbles_over_everything_still_give_an_image() -> None:
    places = np.random.default_rng(0).random((3_000, 2))
    image = mnist_of(draw([(x, y) for x, y in places], brush=2))
    assert np.isfinite(image).all()
    assert 0 <= image.min() < image.max() <= 1


def test_the_steps_lead_to_the_image() -> None:
    steps = prepare(draw(SEVEN, side=60))
    assert steps is not None
    assert max(steps.cropped.shape) == 160
    assert max(steps.fitted.shape) == 20
    assert steps.fitted.sum() == pytest.approx(steps.image.sum())
