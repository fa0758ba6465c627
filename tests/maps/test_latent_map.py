import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aecore.datasets import load_mnist, to_float
from aecore.maps.latent_map import (
    CLOUD,
    POINTS,
    LatentMap,
    LinearDecoder,
    digit_atlas,
    film,
    map_of,
    noise_cloud,
)
from aecore.maps.plane import Plane
from aecore.projections import load_pca
from aecore.runs import Epoch, Run
from aecore.ui.latent.map_view.payload import fractions, map_sections, pack


@pytest.fixture(scope="module")
def chart() -> LatentMap:
    return map_of(load_pca(), None, load_mnist())


def test_pcas_map_is_its_first_two_components_and_decodes_exactly(chart: LatentMap) -> None:
    pca = load_pca().keeping(2)
    images = to_float(load_mnist().test_images[:POINTS])
    np.testing.assert_allclose(chart.places, pca.encode(images), atol=1e-4)
    assert isinstance(chart.decoder, LinearDecoder)
    mean, first, second = chart.decoder.images
    x, y = chart.places[7]
    expected = pca.decode(chart.places[7:8])[0]
    np.testing.assert_allclose(np.clip(mean + x * first + y * second, 0, 1), expected, atol=1e-5)


def test_box_holds_every_digit(chart: LatentMap) -> None:
    box = chart.box
    assert (chart.places > (box.left, box.bottom)).all()
    assert (chart.places < (box.right, box.top)).all()


def test_cloud_grows_with_the_noise_and_repeats_with_its_seed(chart: LatentMap) -> None:
    pca = load_pca().keeping(2)
    image = to_float(load_mnist().test_images[:1])[0]
    clouds = [
        noise_cloud(pca, chart.plane, image, kind="gaussian", level=level, seed=1)
        for level in (0.0, 0.2, 1.0, 1.0)
    ]
    spreads = [float(cloud.std(axis=0).mean()) for cloud in clouds]
    assert clouds[0].shape == (CLOUD, 2)
    assert spreads[0] < 1e-5 < spreads[1] < spreads[2]
    np.testing.assert_array_equal(clouds[2], clouds[3])


def test_atlas_shows_each_digit_in_its_place() -> None:
    images = load_mnist().test_images[:130]
    sheet = np.asarray(Image.open(io.BytesIO(digit_atlas(images))).convert("L"))
    assert sheet.shape == (2 * 28, 100 * 28)
    np.testing.assert_allclose(sheet[28:56, 28:56], images[101].astype(int), atol=9)
    assert not sheet[28:, 30 * 28 :].any()


def write_epoch(run: Run, number: int, codes: object) -> None:
    ten = np.zeros((10, 28, 28), np.uint8)
    run.write_epoch(Epoch(number, 0.2, 0.2, 1.0, ten, np.asarray(codes, np.float16)))


def test_film_has_the_epochs_in_order_and_leaves_out_damaged_ones(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for number in (1, 2, 3):
        write_epoch(run, number, np.full((5, 2), number) + np.eye(5, 2))
    (tmp_path / "epochs" / "0002.npz").write_bytes(b"half a file")
    frames = film(run)
    assert [frame.epoch for frame in frames] == [1, 3]
    np.testing.assert_allclose(frames[1].places, np.full((5, 2), 3) + np.eye(5, 2))
    assert [frame.epoch for frame in film(run, newest=1)] == [3]


def test_long_training_is_thinned_but_keeps_its_first_and_last_epoch(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for number in range(1, 151):
        write_epoch(run, number, np.eye(3, 2))
    epochs = [frame.epoch for frame in film(run)]
    assert (len(epochs), epochs[0], epochs[-1]) == (60, 1, 150)


def test_epochs_of_longer_codes_go_through_the_given_plane(tmp_path: Path) -> None:
    codes = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float16)
    run = Run(tmp_path)
    write_epoch(run, 1, codes)
    plane = Plane.through(codes.astype(np.float32) * (1, 1, 9, 9, 1, 1))
    (frame,) = film(run, plane)
    np.testing.assert_allclose(frame.places, plane.place(codes.astype(np.float32)), atol=1e-5)


def test_a_message_can_be_read_back(chart: LatentMap) -> None:
    message = pack({"title": "PCA é"}, map_sections(1, chart))
    (length,) = struct.unpack("<I", message[:4])
    header = json.loads(message[4 : 4 + length])
    offset, size = header["sections"]["1.places"]
    assert header["title"] == "PCA é"
    assert (length % 4, offset % 4) == (0, 0)
    steps = np.frombuffer(message, "<u2", size // 2, 4 + length + offset).reshape(-1, 2)
    np.testing.assert_array_equal(steps, fractions(chart.places, chart.box))
    low = np.array([chart.box.left, chart.box.bottom])
    width = np.array([chart.box.right, chart.box.top]) - low
    np.testing.assert_allclose(low + steps / 65_535 * width, chart.places, atol=width.max() / 1e5)
