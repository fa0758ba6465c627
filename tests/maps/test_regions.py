import numpy as np

from aecore.maps.plane import Box
from aecore.maps.regions import density, regions

BOX = Box(0, 0, 1, 1)


def test_density_is_highest_in_the_crowd_and_its_first_row_is_at_the_bottom() -> None:
    crowd = np.full((500, 2), (0.2, 0.1), np.float32)
    lonely = np.array([[0.8, 0.9]], np.float32)
    raster = density(np.concatenate([crowd, lonely]), BOX, side=50)
    assert np.unravel_index(raster.argmax(), raster.shape) == (5, 10)
    assert raster.max() == 255
    assert 0 < raster[45, 40] < 50
    assert raster[25, 25] == 0


def test_regions_agree_with_counting_neighbours_one_by_one() -> None:
    random = np.random.default_rng(5)
    places = random.random((200, 2)).astype(np.float32)
    labels = random.choice(np.array([1, 4, 7], np.uint8), 200)
    found = regions(places, labels, BOX, neighbours=7, side=12)
    for cell, place in enumerate(BOX.grid(12)):
        nearest = np.square(places - place).sum(axis=1).argsort()[:7]
        votes = np.bincount(labels[nearest], minlength=10)
        row, column = divmod(cell, 12)
        assert votes[found.winners[row, column]] == votes.max()
        assert found.shares[row, column] == round(255 * votes.max() / 7)
