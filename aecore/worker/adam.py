"""Adam (Kingma & Ba 2015), one fused operation a variable, with the learning rate as a tensor.

Keras's own optimiser keeps its rate in a variable and its step count to itself; this one takes
both with every step, so that many steps fit into one compiled loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-7


class Adam:
    """The running means of gradients and of their squares, for a list of variables."""

    def __init__(self, variables: Sequence[tf.Variable]) -> None:
        self._variables = variables
        self._means = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in variables]
        self._squares = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in variables]

    def start(self) -> None:
        """Forget all gradients."""
        for slot in (*self._means, *self._squares):
            slot.assign(tf.zeros(slot.shape))

    def descend(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor, step: tf.Tensor) -> None:
        """Adjust the variables. `step` is 1.0 for the first step, 2.0 for the second."""
        slots = zip(self._variables, self._means, self._squares, gradients, strict=True)
        for variable, mean, square, gradient in slots:
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=mean.handle,
                v=square.handle,
                beta1_power=tf.pow(_BETA1, step),
                beta2_power=tf.pow(_BETA2, step),
                lr=rate,
                beta1=_BETA1,
                beta2=_BETA2,
                epsilon=_EPSILON,
                grad=gradient,
            )

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Copies of the running means, by name."""
        return {name: slot.numpy() for name, slot in self._named()}

    def restore(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Go on from what `state` answered. Raises KeyError or ValueError if it does not fit."""
        for name, slot in self._named():
            slot.assign(arrays[name])

    def _named(self) -> list[tuple[str, tf.Variable]]:
        named = {"mean": self._means, "square": self._squares}
        return [
            (f"{name}_{i}", slot) for name, slots in named.items() for i, slot in enumerate(slots)
        ]
