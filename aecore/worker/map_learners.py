"""How the two-dimensional maps are learnt: by search, and with neighbours (worker only).

Both train the same layers, and neither sees a label. Both encoders get every image moved by up to
a pixel, so that their maps also hold for digits they never saw.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from aecore.specs import TrainingSpec
from aecore.worker.learner import Batch, Learner, cross_entropy, images_at
from aecore.worker.neighbours import NEIGHBOURS, training_neighbours

MOVED = 1
"""Pixels."""


class SearchingLearner(Learner):
    """`latent2d`: reconstruction only, with a search for the best place on the map.

    Gradients move a code only a little, so a seven that starts among the nines never finds the
    sevens. Here every image first looks over the whole map, a square from -1 to 1: the place
    whose decoded image is nearest to it is where the decoder learns it, and where the encoder
    is drawn to. This is the method of auxiliary coordinates (Carreira-Perpinan & Wang 2014).
    Noise on the places, strong at first and then fading, makes neighbouring places draw similar
    digits, as in a self-organising map (Kohonen 1982). In the second part of the training the
    decoder learns from the encoder's own codes, as in any autoencoder.

    The loss is that of the image as it is, but the encoder gets it moved by up to a pixel: it
    learns to place digits that it never saw. Without that, 5-NN error was 16.8 instead of
    11.6 % (both after 80 epochs; 200 give 9.5 %).
    """

    SEARCHED = 0.45  # share of the training in which the decoder learns at the places found
    GRID = 32
    RELUCTANCE = 30.0  # nats per image that a place must gain to lie one unit further away
    FIRST_NOISE, LAST_NOISE = 0.3, 0.015
    PULL, LATER_PULL = 1.0, 0.3

    def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401 - as Learner
        super().__init__(*arguments, **settings)
        self._steps = tf.Variable(1.0, trainable=False)
        axis = np.arange(self.GRID, dtype=np.float32)
        self._corners = tf.constant(np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2))

    def start(self, spec: TrainingSpec) -> None:
        super().start(spec)
        self._steps.assign(self._steps_in_all)

    @property
    def part_names(self) -> list[str]:
        return ["reconstruction", "search"]

    def _losses(self, batch: Batch) -> dict[str, tf.Tensor]:
        """The loss's parts.

        reconstruction  binary cross-entropy per pixel
        search          mean distance between the encoder's code and the best place, weighted
        """
        done = tf.cast(batch.keys[1], tf.float32) / self._steps
        searching = tf.cast(done < self.SEARCHED, tf.float32)
        fading = tf.minimum(done / self.SEARCHED, 1.0)
        noise = self.FIRST_NOISE * (self.LAST_NOISE / self.FIRST_NOISE) ** fading
        codes = self.codes_of(moved(batch.inputs, batch.keys + 8))
        places = tf.stop_gradient(self._best_places(batch, codes))
        learnt_at = searching * places + (1.0 - searching) * codes
        learnt_at += noise * tf.random.stateless_normal(codes.shape, batch.keys + 2)
        distance = tf.sqrt(tf.reduce_sum(tf.square(codes - places), axis=1) + 1e-4)
        pull = searching * self.PULL + (1.0 - searching) * self.LATER_PULL
        return {
            "reconstruction": cross_entropy(batch.targets, self.logits_of(learnt_at)),
            "search": pull * tf.reduce_mean(distance),
        }

    def _best_places(self, batch: Batch, codes: tf.Tensor) -> tf.Tensor:
        """Of one random place in each cell of a grid, the one that reconstructs an image best.

        The cross-entropy of an image x under logits l is the sum of log(1 + exp l) - x l: one
        matrix product compares all images with all places.
        """
        jitter = tf.random.stateless_uniform(self._corners.shape, batch.keys + 3)
        places = (self._corners + jitter) / self.GRID * 2.0 - 1.0
        logits = tf.reshape(self.logits_of(places), (-1, 784))
        images = tf.reshape(batch.targets, (-1, 784))
        nats = tf.reduce_sum(tf.nn.softplus(logits), axis=1) - tf.matmul(
            images, logits, transpose_b=True
        )
        away = tf.norm(codes[:, None] - places[None] + 1e-6, axis=2)
        return tf.gather(places, tf.argmin(nats + self.RELUCTANCE * away, axis=1))


class NeighbourLearner(Learner):
    """`neighbours2d`: reconstruction, and a second loss that keeps neighbours together.

    Every image is paired with one of its nearest training images. Its code shall be nearer to
    its partner's than to the codes of all other partners in the batch: the InfoNC-t-SNE loss
    (Damrich, Böhm, Hamprecht & Kobak 2023), with t-SNE's heavy-tailed similarity 1 / (1 + d²).
    """

    WEIGHT = 0.018
    SCALE = 5.0  # distances are multiplied by this before they are compared

    def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401 - as Learner
        super().__init__(*arguments, **settings)
        zeros = tf.zeros((60_000, NEIGHBOURS), tf.int32)
        self._neighbours = tf.Variable(zeros, trainable=False)

    def start(self, spec: TrainingSpec) -> None:
        super().start(spec)
        if spec.brought:  # it is only measured, and the search takes a minute
            return
        neighbours = training_neighbours(spec.images)
        padded = np.zeros((60_000, NEIGHBOURS), np.int32)
        padded[: len(neighbours)] = neighbours
        self._neighbours.assign(padded)

    @property
    def part_names(self) -> list[str]:
        return ["reconstruction", "neighbours"]

    def _losses(self, batch: Batch) -> dict[str, tf.Tensor]:
        """The loss's parts.

        reconstruction  binary cross-entropy per pixel
        neighbours      InfoNC-t-SNE in nats per image, weighted
        """
        choice = tf.random.stateless_uniform(
            [self.batch_size, 1], batch.keys + 2, 0, NEIGHBOURS, tf.int32
        )
        own = tf.gather(self._neighbours, batch.indices)
        partners = images_at(tf.gather(own, choice, axis=1, batch_dims=1)[:, 0])
        images = moved(tf.concat([batch.inputs, partners], axis=0), batch.keys + 3)
        codes = self.codes_of(images)
        mine, theirs = codes[: self.batch_size], codes[self.batch_size :]
        away = tf.reduce_sum(tf.square(mine[:, None] - theirs[None]), axis=2)
        similarity = -tf.math.log1p(self.SCALE**2 * away)
        chance = tf.linalg.diag_part(similarity) - tf.reduce_logsumexp(similarity, axis=1)
        return {
            "reconstruction": cross_entropy(batch.targets, self.logits_of(mine)),
            "neighbours": -self.WEIGHT * tf.reduce_mean(chance),
        }


def moved(images: tf.Tensor, keys: tf.Tensor) -> tf.Tensor:
    """Each image `(n, 28, 28)` moved by up to MOVED pixels down and across, as `keys` draw it."""
    count, side = images.shape[0], 28 + 2 * MOVED
    edge = [[0, 0], [MOVED, MOVED], [MOVED, MOVED]]
    padded = tf.reshape(tf.pad(images, edge), (count, side * side))
    moves = tf.random.stateless_uniform([count, 2], keys, 0, side - 27, tf.int32)
    rows = moves[:, 0, None, None] + tf.range(28)[None, :, None]
    columns = moves[:, 1, None, None] + tf.range(28)[None, None, :]
    places = tf.reshape(rows * side + columns, (count, 784))
    return tf.reshape(tf.gather(padded, places, axis=1, batch_dims=1), (count, 28, 28))
