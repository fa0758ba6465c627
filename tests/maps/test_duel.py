import numpy as np
import pytest
from sklearn.manifold import trustworthiness as sklearn_trustworthiness

from aecore.datasets import DatasetError, Floats, load_mnist, to_float
from aecore.maps import duel
from aecore.metrics import leave_one_out_error
from aecore.projections import load_pca


@pytest.fixture
def places() -> Floats:
    return np.random.default_rng(2).standard_normal((120, 2)).astype(np.float32)


@pytest.mark.parametrize("neighbours", [1, 5])
def test_leave_one_out_error_agrees_with_brute_force(places: Floats, neighbours: int) -> None:
    labels = np.random.default_rng(4).integers(0, 3, 120).astype(np.uint8)
    wrong = 0
    for index, place in enumerate(places):
        distances = np.square(places - place).sum(axis=1)
        distances[index] = np.inf
        votes = np.bincount(labels[distances.argsort()[:neighbours]], minlength=10)
        wrong += int(votes.argmax() != labels[index])
    assert leave_one_out_error(places, labels, neighbours) == wrong / 120


def brute_trustworthiness(images: Floats, places: Floats, k: int) -> float:
    """Venna and Kaski (2001), written out."""
    flat, count = images.reshape(len(images), -1), len(images)
    penalty = 0
    for i in range(count):
        by_image = [j for j in np.square(flat - flat[i]).sum(axis=1).argsort() if j != i]
        by_place = [j for j in np.square(places - places[i]).sum(axis=1).argsort() if j != i]
        penalty += sum(by_image.index(j) + 1 - k for j in by_place[:k] if by_image.index(j) + 1 > k)
    return 1 - 2 * penalty / (count * k * (2 * count - 3 * k - 1))


def test_score_agrees_with_the_papers_formula_and_with_scikit_learn(places: Floats) -> None:
    images = to_float(load_mnist().test_images[:120])
    labels = load_mnist().test_labels[:120]
    score = duel.score("x", images, labels, places, images * 0.5)
    k = duel.NEIGHBOURS
    assert score.trustworthiness == pytest.approx(brute_trustworthiness(images, places, k))
    flat = images.reshape(120, -1)
    theirs = sklearn_trustworthiness(flat, places, n_neighbors=k)
    assert score.trustworthiness == pytest.approx(theirs)
    assert score.continuity == pytest.approx(sklearn_trustworthiness(places, flat, n_neighbors=k))
    assert score.mse == pytest.approx(float(np.square(images * 0.5).mean()), rel=1e-5)
    assert score.places_new


def test_shipped_scores_of_pca_are_those_measured_now() -> None:
    shipped = next(score for score in duel.rivals() if score.method == "PCA")
    now = duel.score_model(load_pca().keeping(2))
    assert now.error_5 == pytest.approx(shipped.error_5, abs=0.002)
    assert now.trustworthiness == pytest.approx(shipped.trustworthiness, abs=0.002)
    assert now.mse == pytest.approx(shipped.mse, abs=1e-4)


def test_only_t_sne_cannot_place_new_digits() -> None:
    assert [score.method for score in duel.rivals() if not score.places_new] == ["t-SNE"]


def test_a_damaged_file_of_scores_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = tmp_path_factory.mktemp("data") / "rivals.json"
    broken.write_text("[{}]")
    monkeypatch.setattr(duel, "RIVALS_FILE", broken)
    duel.rivals.cache_clear()
    with pytest.raises(DatasetError, match=r"rivals\.json"):
        duel.rivals()
    duel.rivals.cache_clear()
