"""The latent map of one model: places of test digits, and what the decoder draws between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aecore.autoencoder import Autoencoder
from aecore.datasets import Bytes, Floats, Mnist, to_float
from aecore.maps.plane import Box, Plane
from aecore.maps.regions import Regions, density, regions
from aecore.maps.spritesheet import SpriteSheet, tiled, webp
from aecore.noise import NoiseKind, add_noise
from aecore.projections import Pca
from aecore.runs import Run, RunError

POINTS = 5_000
"""Test digits on a map."""

CLOUD = 30
"""Noises under which a drawing is encoded."""

ATLAS_COLUMNS = 100
"""Digits in a row of the atlas."""

_VOTERS = 4_000
_LONGEST_FILM = 60


@dataclass(frozen=True)
class LinearDecoder:
    """PCA's decoder in three pictures: mean + x * first + y * second, clipped to [0, 1].

    images  float32 (3, 28, 28): mean image, first and second component
    """

    images: Floats

    @classmethod
    def of(cls, pca: Pca) -> LinearDecoder:
        images = np.concatenate([pca.mean[None], pca.components[:2]])
        return cls(images.reshape(3, 28, 28).astype(np.float32))


@dataclass(frozen=True)
class LatentMap:
    """A map of codes.

    plane    between codes and places
    places   float32 (POINTS, 2): of the first test digits
    box      the rectangle the sheet and the rasters cover: every digit lies in it
    home     the rectangle to look at first: a few far digits may lie outside
    decoder  what a browser needs to paint any place of `box`
    """

    plane: Plane
    places: Floats
    box: Box
    home: Box
    density: Bytes
    regions: Regions
    decoder: SpriteSheet | LinearDecoder


def map_of(model: Autoencoder | Pca, neighbours: Floats | None, data: Mnist) -> LatentMap:
    """The map of `model`, with decision regions voted by the first training images.

    `neighbours` are codes `(n, code_size)` of the first n training images, if known already;
    else 4,000 are encoded here. PCA is mapped by its first two components.
    """
    encoder = model.keeping(2) if isinstance(model, Pca) else model
    codes = encoder.encode(to_float(data.test_images[:POINTS]))
    if neighbours is None or neighbours.shape[1] != codes.shape[1]:
        neighbours = encoder.encode(to_float(data.train_images[:_VOTERS]))
    plane = Plane.through(codes)
    places, voters = plane.place(codes), plane.place(neighbours)
    box = Box.around(places).squared()  # a map stands in a square: paint all of it
    if isinstance(model, Pca):
        decoder: SpriteSheet | LinearDecoder = LinearDecoder.of(model)
    else:
        decoder = SpriteSheet.of(lambda at: model.decode(plane.code_at(at)), places, box)
    return LatentMap(
        plane=plane,
        places=places,
        box=box,
        home=Box.around(places, leave_out=0.002),
        density=density(places, box),
        regions=regions(voters, data.train_labels[: len(voters)], box),
        decoder=decoder,
    )


def noise_cloud(
    model: Autoencoder | Pca,
    plane: Plane,
    image: Floats,
    *,
    kind: NoiseKind,
    level: float,
    seed: int,
) -> Floats:
    """Where one image `(28, 28)` goes under CLOUD different noises: places `(CLOUD, 2)`."""
    copies = np.repeat(image[None], CLOUD, axis=0)
    return plane.place(model.encode(add_noise(copies, kind, level, seed)))


def digit_atlas(images: Bytes) -> bytes:
    """Digits uint8 `(n, 28, 28)` as one lossless WebP picture, 100 in a row, 16 shades of grey.

    Fewer shades than MNIST's 256 cannot be seen at this size and halve the picture's bytes.
    """
    shades = (np.round(images / 17) * 17).astype(np.uint8)
    rows = -(-len(shades) // ATLAS_COLUMNS)
    sheet = np.zeros((rows * ATLAS_COLUMNS, 28, 28), np.uint8)
    sheet[: len(shades)] = shades
    return webp(tiled(sheet.reshape(rows, ATLAS_COLUMNS, 28, 28)), lossless=True)


@dataclass(frozen=True)
class Frame:
    """Where digits were after one epoch: places `(n, 2)` of the first n test digits."""

    epoch: int
    places: Floats


def film(run: Run, plane: Plane | None = None, *, newest: int | None = None) -> list[Frame]:
    """The maps of a run's epochs in order, at most 60 of them, the last always among them.

    `plane` is the map's; a run that is still training has none yet, and its last epoch's codes
    give one. `newest` asks for that many of the last epochs only. Damaged epochs are left out.
    """
    numbers = run.epoch_numbers()
    numbers = numbers[-newest:] if newest else _thinned(numbers)
    frames: list[Frame] = []
    for number in reversed(numbers):
        try:
            codes = run.epoch(number).codes.astype(np.float32)
        except RunError:  # half-written or damaged: the other epochs still make a film
            continue
        if not np.isfinite(codes).all() or len(codes) < 2:
            continue
        plane = plane or Plane.through(codes)
        frames.append(Frame(number, plane.place(codes[:POINTS])))
    return frames[::-1]


def _thinned(numbers: list[int]) -> list[int]:
    if len(numbers) <= _LONGEST_FILM:
        return numbers
    kept = np.linspace(0, len(numbers) - 1, _LONGEST_FILM).round().astype(int)
    return [numbers[index] for index in kept]
