"""The fair duel of two-dimensional maps: PCA, kernel PCA, t-SNE, Isomap and the lab's models.

Every method maps the same 2,000 test digits and is scored on those places alone, in the same
way. t-SNE cannot place new digits, so it is fitted to the very digits it is scored on; all
others were fitted to training digits. The rivals never change, so their scores ship as
`data/rivals.json`; `python -m aecore.maps.duel` computes them anew (half a minute on two cores).

UMAP is left out: its package brings a just-in-time compiler of 100 MB for one line of a table.
Isomap, also a neighbour-graph method, comes with scikit-learn.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aecore.autoencoder import Autoencoder
from aecore.datasets import SHOWN, DatasetError, Floats, load_mnist, to_float
from aecore.maps.plane import Plane
from aecore.metrics import continuity, leave_one_out_error, mse, trustworthiness
from aecore.projections import Pca, load_pca

RIVALS_FILE = Path(__file__).parents[1] / "data" / "rivals.json"

SCORED = 2_000
"""The duel is fought over the first 2,000 test digits."""

NEIGHBOURS = 12
"""Neighbours looked at by trustworthiness and continuity."""

_FITTED = 2_000
"""Training digits that kernel PCA and Isomap are fitted to; both grow with the square."""


@dataclass(frozen=True)
class Score:
    """What one map of the 2,000 test digits is worth.

    error_1, error_5  share of digits whose 1 or 5 nearest others on the map vote for a wrong
                      class (each digit is left out of its own vote)
    trustworthiness   neighbours on the map were neighbours among the images, 0 to 1
    continuity        neighbours among the images stayed neighbours on the map, 0 to 1
    mse               mean squared error per pixel of the images decoded from the two numbers;
                      None when the method cannot decode
    places_new        whether it can place a digit that it was not fitted to
    """

    method: str
    error_1: float
    error_5: float
    trustworthiness: float
    continuity: float
    mse: float | None
    places_new: bool


def score(
    method: str, images: Floats, labels: NDArray[np.uint8], places: Floats, decoded: Floats | None
) -> Score:
    """Score a map of images `(n, 28, 28)` at places `(n, 2)`.

    `decoded` are the images `(n, 28, 28)` that the method draws from those places, or None.
    """
    return Score(
        method,
        error_1=leave_one_out_error(places, labels, 1),
        error_5=leave_one_out_error(places, labels, 5),
        trustworthiness=trustworthiness(images, places, NEIGHBOURS),
        continuity=continuity(images, places, NEIGHBOURS),
        mse=None if decoded is None else mse(images, decoded),
        places_new=method not in CANNOT_PLACE_NEW,
    )


CANNOT_PLACE_NEW = ("t-SNE",)


def score_model(model: Autoencoder | Pca) -> Score:
    """The score of a model's map; a longer code is first cut to two principal components."""
    images, labels = _battlefield()
    codes = model.encode(images)
    plane = Plane.through(codes)
    places = plane.place(codes)
    return score("model", images, labels, places, model.decode(plane.code_at(places)))


@cache
def rivals() -> tuple[Score, ...]:
    """The shipped scores of PCA, kernel PCA, Isomap and t-SNE.

    Raises DatasetError if their file is missing or damaged.
    """
    try:
        rows = json.loads(RIVALS_FILE.read_text(encoding="utf-8"))
        names = [field.name for field in fields(Score)]
        return tuple(Score(**{name: row[name] for name in names}) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError("is missing or damaged", file=RIVALS_FILE.name) from error


def fight() -> list[Score]:
    """Fit the rivals and score them."""
    from sklearn.decomposition import KernelPCA
    from sklearn.manifold import TSNE, Isomap

    images, labels = _battlefield()
    flat = images.reshape(SCORED, 784)
    fitted = to_float(load_mnist(SHOWN).train_images[:_FITTED]).reshape(_FITTED, 784)

    pca = load_pca().keeping(2)
    places = pca.encode(images)
    scores = [score("PCA", images, labels, places, pca.decode(places))]

    # The width of the kernel is the usual 1 / (numbers per image x their variance).
    width = 1 / (784 * float(fitted.var()))
    kernel = KernelPCA(2, kernel="rbf", gamma=width, fit_inverse_transform=True, random_state=0)
    places = kernel.fit(fitted).transform(flat)
    decoded = np.clip(kernel.inverse_transform(places), 0, 1).reshape(-1, 28, 28)
    scores.append(score("kernel PCA", images, labels, places, decoded))

    places = Isomap(n_neighbors=NEIGHBOURS, n_components=2).fit(fitted).transform(flat)
    scores.append(score("Isomap", images, labels, places, None))

    places = TSNE(2, perplexity=30, init="pca", random_state=0).fit_transform(flat)
    scores.append(score("t-SNE", images, labels, places, None))
    return scores


def _battlefield() -> tuple[Floats, NDArray[np.uint8]]:
    data = load_mnist(SHOWN)
    return to_float(data.test_images[:SCORED]), data.test_labels[:SCORED]


def main() -> None:
    rows = [asdict(result) for result in fight()]
    RIVALS_FILE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
