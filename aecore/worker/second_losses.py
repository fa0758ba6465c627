"""Networks that shall do more than reconstruct: variational and sparse codes (worker only)."""

from __future__ import annotations

import tensorflow as tf

from aecore.worker.learner import Batch, Learner, cross_entropy


class VariationalLearner(Learner):
    """`vae`: codes are drawn at random, and kept near N(0, 1); Kingma & Welling (2014)."""

    @property
    def part_names(self) -> list[str]:
        return ["reconstruction", "kl"]

    def _losses(self, batch: Batch) -> dict[str, tf.Tensor]:
        """The loss's parts, in nats per pixel.

        reconstruction  binary cross-entropy
        kl              divergence of the codes from N(0, 1)
        """
        head = self.networks.log_variance
        if head is None:
            raise ValueError("this network has no variances")
        codes, log_variance = self.codes_of(batch.inputs), head(batch.inputs)
        divergence = tf.square(codes) + tf.exp(log_variance) - log_variance - 1
        draw = tf.random.stateless_normal(codes.shape, batch.keys + 2)
        drawn = codes + tf.exp(0.5 * log_variance) * draw
        return {
            "reconstruction": cross_entropy(batch.targets, self.logits_of(drawn)),
            "kl": 0.5 * tf.reduce_mean(tf.reduce_sum(divergence, axis=1)) / 784,
        }


class SparseLearner(Learner):
    """`sparse`: every number of the code that is not 0 costs a little."""

    @property
    def part_names(self) -> list[str]:
        return ["reconstruction", "sparsity"]

    def _losses(self, batch: Batch) -> dict[str, tf.Tensor]:
        """The loss's parts.

        reconstruction  binary cross-entropy, in nats per pixel
        sparsity        the L1 norm of the code, weighted
        """
        codes = self.codes_of(batch.inputs)
        activity = tf.reduce_mean(tf.reduce_sum(tf.abs(codes), axis=1))
        return {
            "reconstruction": cross_entropy(batch.targets, self.logits_of(codes)),
            "sparsity": self.networks.plan.encoder[-1].activity_l1 * activity,
        }
