import numpy as np
import pytest
from sklearn.decomposition import PCA

from aecore.datasets import Floats
from aecore.maps.plane import Box, Plane


@pytest.fixture
def codes() -> Floats:
    random = np.random.default_rng(3)
    spread = np.array([5, 3, 1, 0.5, 0.1])
    return (random.standard_normal((400, 5)) * spread + 2).astype(np.float32)


def test_code_of_two_numbers_is_its_own_place(codes: Floats) -> None:
    plane = Plane.through(codes[:, :2])
    assert plane.is_the_code
    np.testing.assert_array_equal(plane.place(codes[:, :2]), codes[:, :2])
    np.testing.assert_array_equal(plane.code_at(codes[:, :2]), codes[:, :2])
    assert plane.share == 1


def test_a_code_of_one_number_is_a_place_on_a_line(codes: Floats) -> None:
    plane = Plane.through(codes[:, :1])
    places = plane.place(codes[:, :1])
    np.testing.assert_array_equal(places[:, 0], codes[:, 0])
    assert not places[:, 1].any()
    np.testing.assert_array_equal(plane.code_at(places), codes[:, :1])
    assert plane.share == 1


def test_longer_codes_lie_where_scikit_learns_pca_puts_them(codes: Floats) -> None:
    plane = Plane.through(codes)
    theirs = PCA(2).fit(codes)
    expected = theirs.transform(codes)
    ours = plane.place(codes)
    signs = np.sign((ours * expected).sum(axis=0))
    np.testing.assert_allclose(ours * signs, expected, atol=1e-3)
    assert plane.share == pytest.approx(theirs.explained_variance_ratio_.sum(), abs=1e-5)
    assert not plane.is_the_code


def test_place_and_code_at_undo_each_other_in_the_plane(codes: Floats) -> None:
    plane = Plane.through(codes)
    places = np.array([[0, 0], [1.5, -2]], np.float32)
    np.testing.assert_allclose(plane.place(plane.code_at(places)), places, atol=1e-5)


def test_equal_codes_still_have_a_plane() -> None:
    plane = Plane.through(np.ones((10, 4), np.float32))
    assert np.isfinite(plane.place(np.ones((1, 4), np.float32))).all()


def test_box_leaves_out_the_asked_share() -> None:
    places = np.stack([np.arange(101.0)] * 2, axis=1).astype(np.float32)
    assert Box.around(places, margin=0) == Box(0, 0, 100, 100)
    assert Box.around(places, margin=0, leave_out=0.1) == pytest.approx(Box(10, 10, 90, 90))
    assert Box.around(places[:1]).right > Box.around(places[:1]).left


def test_grid_runs_row_by_row_from_below() -> None:
    grid = Box(0, 10, 2, 12).grid(2)
    np.testing.assert_allclose(grid, [[0.5, 10.5], [1.5, 10.5], [0.5, 11.5], [1.5, 11.5]])


def test_squared_box_keeps_its_middle_and_its_longer_side() -> None:
    assert Box(0, 0, 4, 2).squared() == Box(0, -1, 4, 3)
    assert Box(0, 0, 2, 4).squared() == Box(-1, 0, 3, 4)
