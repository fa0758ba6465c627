"""One network that learns by reconstructing: the compiled training step (worker only).

Networks with a second loss are kinds of it, in `aecore.worker.second_losses` and
`aecore.worker.map_learners`; `aecore.worker.learners` knows which network learns how.

Two arrangements, chosen by measurement. Dense nets: XLA compiles the loop over many batches as a
whole, which spares the overhead of a hundred small operations a batch. Convolutional nets: XLA's
convolutions are slower than TensorFlow's own, so they run without it, and in the order of
`aecore.worker.convolution_rewrites`. (bfloat16 was slower on processors without AMX.) Where memory
is short, dense nets do without XLA, too: its compiler takes 200 MB.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aecore.datasets import Bytes, Floats, load_mnist, to_float
from aecore.networks import plan
from aecore.specs import TrainingSpec
from aecore.worker import convolution_rewrites
from aecore.worker.adam import Adam
from aecore.worker.keras_networks import Networks, build
from aecore.worker.memory import is_short_of_memory

ROWS = 64
"""At most this many batches in one compiled call; fewer are run where batches are slow."""

WEAK_NOISE_UNTIL = 0.62
"""Share of a training's steps after which strong noise is drawn more often than weak noise."""

_EVALUATED = {False: 500, True: 50}
"""Images that are answered together, by dense and by convolutional networks: those keep 32 maps
of each image, 100 kB, and four times that while they enlarge them."""

_TAKE_TURNS = 32
"""Images of a batch that a convolutional network learns from together."""

Arrays = dict[str, NDArray[Any]]

Images = Bytes | Floats
"""Grey values as bytes 0-255, or as float32 in [0, 1]."""


@lru_cache(maxsize=1)
def _training_images() -> tf.Tensor:
    """The very memory of the 60,000 images: a constant would hold it twice more."""
    images = load_mnist().train_images
    images.flags.writeable = True  # DLPack lends no read-only arrays; nothing here writes to it
    with tf.init_scope():  # even when first asked for while a step is being compiled
        lent = tf.experimental.dlpack.from_dlpack(images.__dlpack__())
    images.flags.writeable = False
    return lent


def images_at(indices: tf.Tensor) -> tf.Tensor:
    """The training images of these indices, `(n, 28, 28)` in [0, 1]."""
    return tf.cast(tf.gather(_training_images(), indices), tf.float32) / 255.0


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    indices  which of the training images
    targets  the images `(batch, 28, 28)` in [0, 1]; inputs  the same with noise
    keys     two integers, different in every step: the seed of whatever is drawn
    """

    indices: tf.Tensor
    targets: tf.Tensor
    inputs: tf.Tensor
    keys: tf.Tensor

    def part(self, start: tf.Tensor, end: tf.Tensor) -> Batch:
        """Only the images from `start` until before `end`."""
        return Batch(
            self.indices[start:end], self.targets[start:end], self.inputs[start:end], self.keys
        )


class Learner:
    """Networks, their optimiser, and the compiled step for both."""

    def __init__(
        self,
        architecture: str,
        code_size: int,
        batch_size: int,
        *,
        noisy: bool,
        noise_varies: bool,
    ) -> None:
        self.networks: Networks = build(plan(architecture, code_size))
        self.batch_size = batch_size
        self._noisy, self._noise_varies = noisy, noise_varies
        self._variables = [variable.value for variable in self.networks.variables]
        self._adam = Adam(self._variables)
        self.step = 0
        is_convolutional = self.networks.plan.convolutional
        self._at_once = _EVALUATED[is_convolutional]
        compiled_whole = not is_convolutional and not is_short_of_memory()
        self._run = tf.function(self._run_rows, jit_compile=compiled_whole)
        self._loss_of = tf.function(self._evaluate, reduce_retracing=True)
        self._coded = tf.function(self.codes_of, reduce_retracing=True)
        self._reconstructed = tf.function(self._answer, reduce_retracing=True)

    def start(self, spec: TrainingSpec) -> None:
        """Forget everything; draw new weights from the spec's seed."""
        self._spec = spec
        self._steps_in_all = spec.epochs * math.ceil(spec.images / self.batch_size)
        fresh = build(self.networks.plan, spec.seed)
        self.networks.set_weights(fresh.weights())
        self._adam.start()
        self.step = 0

    def state(self) -> Arrays:
        """All that is needed to go on from here."""
        weights = {f"weight_{i}": each.numpy() for i, each in enumerate(self._variables)}
        return {"step": np.array(self.step)} | weights | self._adam.state()

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `state` answered. Raises KeyError or ValueError if it does not fit."""
        for i, variable in enumerate(self._variables):
            variable.assign(arrays[f"weight_{i}"])
        self._adam.restore(arrays)
        self.step = int(arrays["step"])

    def learn(self, rows: NDArray[np.int32], rates: Floats) -> dict[str, float]:
        """Train on batches of image indices `(n, batch_size)`, n up to ROWS.

        `rates` are the n learning rates. Returns the sums over the batches of the loss's parts.
        """
        count = len(rows)
        padded = np.zeros((ROWS, self.batch_size), np.int32)
        padded[:count] = rows
        padded_rates = np.zeros(ROWS, np.float32)
        padded_rates[:count] = rates
        sums = self._run(
            tf.constant(padded),
            tf.constant(padded_rates),
            tf.constant(count),
            tf.constant(self.step),
            tf.constant(self._spec.seed),
            tf.constant(self._spec.noise, tf.float32),
            tf.constant(round(WEAK_NOISE_UNTIL * self._steps_in_all)),
        )
        self.step += count
        return {name: float(value) for name, value in sums.items()}

    def _run_rows(  # noqa: PLR0917 - TensorFlow calls it with tensors by position
        self,
        rows: tf.Tensor,
        rates: tf.Tensor,
        count: tf.Tensor,
        step: tf.Tensor,
        seed: tf.Tensor,
        noise: tf.Tensor,
        weak_until: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        sums = {name: tf.constant(0.0) for name in self.part_names}
        row = tf.constant(0)
        while row < count:  # not tf.range(count): XLA would compile anew for every count
            number = step + row
            targets = images_at(rows[row])
            keys = tf.stack([seed, number])
            weak = number < weak_until
            inputs = self._corrupt(targets, keys, noise, weak) if self._noisy else targets
            batch = Batch(rows[row], targets, inputs, keys)
            parts = self._descend(batch, rates[row], tf.cast(number + 1, tf.float32))
            sums = {name: sums[name] + parts[name] for name in sums}
            row += 1
        return sums

    def _descend(self, batch: Batch, rate: tf.Tensor, t: tf.Tensor) -> dict[str, tf.Tensor]:
        """One step of Adam on one batch."""
        if self.networks.plan.convolutional:
            parts, gradients = self._gradients_in_turns(batch)
        else:
            parts, gradients = self._gradients(batch)
        self._adam.descend(gradients, rate, t)
        return parts

    def _gradients(self, batch: Batch) -> tuple[dict[str, tf.Tensor], list[tf.Tensor]]:
        """The parts of a batch's loss, and the gradients of their sum."""
        with tf.GradientTape() as tape:
            parts = self._losses(batch)
            total = tf.add_n(list(parts.values()))
        return parts, tape.gradient(total, self._variables)

    def _gradients_in_turns(self, batch: Batch) -> tuple[dict[str, tf.Tensor], list[tf.Tensor]]:
        """The same, a few images after the other: what is kept of each for its gradient is large.

        The mean of a batch is that of its parts, weighted by their sizes; so is its gradient.
        """
        sums = {name: tf.constant(0.0) for name in self.part_names}
        gradients = [tf.zeros(variable.shape) for variable in self._variables]
        start = tf.constant(0)
        while start < self.batch_size:
            end = tf.minimum(start + _TAKE_TURNS, self.batch_size)
            share = tf.cast(end - start, tf.float32) / self.batch_size
            few, found = self._gradients(batch.part(start, end))
            sums = {name: sums[name] + share * few[name] for name in sums}
            gradients = [total + share * each for total, each in zip(gradients, found)]  # noqa: B905
            start = end
        return sums, gradients

    def _corrupt(
        self, images: tf.Tensor, keys: tf.Tensor, noise: tf.Tensor, weak: tf.Tensor
    ) -> tf.Tensor:
        """Add N(0, sigma), clipped to [0, 1]; sigma is `noise` or, per image, up to `noise`."""
        if self._noise_varies:
            noise = sigmas_up_to(noise, self.batch_size, keys + 1, weak)
        return tf.clip_by_value(
            images + noise * tf.random.stateless_normal(images.shape, keys), 0.0, 1.0
        )

    @property
    def part_names(self) -> list[str]:
        """The parts of the loss; the first one is what every network is compared by."""
        return ["reconstruction"]

    def _losses(self, batch: Batch) -> dict[str, tf.Tensor]:
        """The loss's parts, to be added up: here only binary cross-entropy, in nats per pixel."""
        codes = self.codes_of(batch.inputs)
        return {"reconstruction": cross_entropy(batch.targets, self.logits_of(codes))}

    def codes_of(self, images: tf.Tensor) -> tf.Tensor:
        """Codes of a batch `(n, 28, 28)`, in the quickest arrangement for learning."""
        network = self.networks
        if network.plan.convolutional:
            return convolution_rewrites.apply(
                network.plan.encoder, network.encoder.trainable_variables, images
            )
        return network.encoder(images)

    def logits_of(self, codes: tf.Tensor) -> tf.Tensor:
        """Logits `(n, 28, 28)` of the reconstructions, in the quickest arrangement."""
        network = self.networks
        if network.plan.convolutional:
            return convolution_rewrites.apply(
                network.plan.decoder, network.decoder.trainable_variables, codes
            )
        return network.logits(codes)

    def _evaluate(self, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        return cross_entropy(targets, self.logits_of(self.codes_of(inputs)))

    def validation_losses(self, inputs: Images, targets: Images) -> Iterator[float]:
        """Binary cross-entropy per pixel of equal parts of the images, one part after another."""
        for start in range(0, len(inputs), self._at_once):
            part = slice(start, start + self._at_once)
            given, wanted = as_floats(inputs[part]), as_floats(targets[part])
            yield float(self._loss_of(tf.constant(given), tf.constant(wanted)))

    def encode(self, images: Images) -> Floats:
        """Codes of images `(n, 28, 28)`."""
        return self._in_parts(self._coded, images)

    def reconstruct(self, images: Images) -> Floats:
        """Reconstructions of images `(n, 28, 28)`."""
        return self._in_parts(self._reconstructed, images)

    def _answer(self, images: tf.Tensor) -> tf.Tensor:
        return tf.sigmoid(self.logits_of(self.codes_of(images)))

    def _in_parts(self, network: Callable[[tf.Tensor], tf.Tensor], images: Images) -> Floats:
        size = self._at_once
        parts = (as_floats(images[i : i + size]) for i in range(0, len(images), size))
        return np.concatenate([network(tf.constant(part)).numpy() for part in parts])


def sigmas_up_to(noise: tf.Tensor, count: int, keys: tf.Tensor, weak: tf.Tensor) -> tf.Tensor:
    """Draw `count` levels of noise `(count, 1, 1)` from 0 to `noise`.

    While `weak`, half of them lie below 0.35 of it, later half lie above 0.59 of it: details are
    learnt from weak noise, and what strong noise leaves to be learnt takes small steps at the end.
    """
    exponent = tf.where(weak, 1.5, 0.75)
    return noise * tf.random.stateless_uniform([count, 1, 1], keys) ** exponent


def as_floats(images: Images) -> Floats:
    """Images in [0, 1], whichever way they are held; bytes take a quarter of the memory."""
    if images.dtype == np.uint8:
        return to_float(np.asarray(images, np.uint8))
    return np.asarray(images, np.float32)


def cross_entropy(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Mean binary cross-entropy per pixel, in nats."""
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits))
