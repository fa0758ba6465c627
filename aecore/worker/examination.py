"""What a network is judged by: test images that it never learns from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Bytes, example_digits, load_mnist, to_float
from aecore.metrics import bce, mean_psnr, mse
from aecore.noise import add_noise
from aecore.specs import TrainingSpec

if TYPE_CHECKING:
    from aecore.worker.learner import Images, Learner

_CODES_PER_EPOCH = 16_000
_MEASURED = 1_000


@dataclass(frozen=True)
class Examination:
    """The images of one training's tests. Inputs are noisy if the training is; targets never.

    inputs, targets  for the validation loss: taken evenly from all 10,000, and no more than an
                     epoch has training images, since testing must not cost more than it teaches
    digits           the ten that are shown after every epoch
    """

    spec: TrainingSpec
    inputs: Images
    targets: Bytes
    digits: Images

    @classmethod
    def of(cls, spec: TrainingSpec) -> Examination:
        mnist = load_mnist()
        step = math.ceil(10_000 / min(10_000, spec.images))
        targets = mnist.test_images[::step]
        digits = mnist.test_images[example_digits(mnist)]
        return cls(spec, _noisy(spec, targets), targets, _noisy(spec, digits))

    def training_images(self) -> tuple[Images, Bytes]:
        """As many of the training images: inputs and targets, to compare the losses."""
        targets = load_mnist().train_images[: len(self.targets)]
        return _noisy(self.spec, targets), targets

    def ten_digits(self, learner: Learner) -> Bytes:
        """The ten digits as they come back, `(10, 28, 28)`."""
        return np.round(learner.reconstruct(self.digits) * 255).astype(np.uint8)

    def codes(self, learner: Learner) -> NDArray[np.float16]:
        """The codes of the first test images, `(n, code_size)`: as many as fit into 32 kB."""
        count = min(5_000, _CODES_PER_EPOCH // self.spec.code_size)
        return learner.encode(load_mnist().test_images[:count]).astype(np.float16)

    def scores(self, learner: Learner) -> dict[str, float]:
        """BCE, MSE and PSNR over all 10,000 test images.

        They are measured on equal parts of them, to spare memory.
        """
        images = load_mnist().test_images
        noisy = _noisy(self.spec, images)
        measured = []
        for start in range(0, len(images), _MEASURED):
            part = slice(start, start + _MEASURED)
            targets, answers = to_float(images[part]), learner.reconstruct(noisy[part])
            measured.append(
                (bce(targets, answers), mse(targets, answers), mean_psnr(targets, answers))
            )
        means = np.mean(measured, axis=0)
        return {name: float(mean) for name, mean in zip(("bce", "mse", "psnr"), means, strict=True)}


def _noisy(spec: TrainingSpec, images: Bytes) -> Images:
    return add_noise(to_float(images), "gaussian", spec.noise, spec.seed) if spec.noise else images
