"""The denoiser that learns nothing and forgets nothing: it knows every training digit by heart.

Of a noisy picture it asks how well each digit it knows explains it, and answers with the mean of
all of them, weighted so (Bayes' rule, with the digits it knows for all there are). For the true
distribution of digits that mean is the answer of least squared error; strong noise blurs the
difference between 60,000 digits and all, so there hardly anything can do better.
"""

from __future__ import annotations

import numpy as np
import scipy

from aecore.datasets import Floats


def recall(noisy: Floats, sigma: float, known: Floats) -> Floats:
    """The posterior mean `(n, 28, 28)` of noisy images, if each known digit is equally likely.

    noisy  `(n, 28, 28)`: with noise N(0, sigma), then clipped to [0, 1]; sigma > 0
    known  `(k, 28, 28)` in [0, 1]
    """
    seen, digits = noisy.reshape(len(noisy), -1), known.reshape(len(known), -1)
    black, white = seen <= 0, seen >= 1
    # A pixel that was not clipped tells its value; a clipped one only that it lay beyond.
    between = np.float32(1) - black - white
    evidence = black @ _log_probability(-digits / sigma)
    evidence += white @ _log_probability((digits - 1) / sigma)
    evidence += ((between * seen) @ digits.T - between @ (digits.T**2) / 2) / sigma**2
    weights = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    answer: Floats = (weights @ digits).reshape(noisy.shape).astype(np.float32)
    return answer


def _log_probability(bounds: Floats) -> Floats:
    """The logarithm of the chance that N(0, 1) lies below each bound `(k, p)`, as `(p, k)`."""
    logarithms: Floats = scipy.special.log_ndtr(bounds).astype(np.float32)
    return logarithms.T
