"""The shipped models, measured again from the shipped files."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from aecore.autoencoder import INDEXED_IMAGES, Autoencoder, NeighbourIndex
from aecore.datasets import Floats, load_mnist, to_float
from aecore.filters import FILTERS, best_strength, denoise
from aecore.metrics import bce, knn_error, mse, trustworthiness
from aecore.networks import plan
from aecore.noise import add_noise
from aecore.runs import Run
from aecore.shipped import SHIPPED
from aecore.specs import MOST_PROLONGED
from aecore.worker.pretrain import ACTIVE, JUDGED_SIGMAS, PRETRAINED


@cache
def shipped(name: str) -> Autoencoder:
    return Autoencoder.load(PRETRAINED / name)


@cache
def digits() -> Floats:
    return to_float(load_mnist().test_images)


def clean_scores(name: str) -> tuple[float, float]:
    answers = shipped(name).reconstruct(digits())
    return bce(digits(), answers), mse(digits(), answers)


@pytest.mark.parametrize("name", SHIPPED)
def test_folder_is_whole_and_made_by_the_recipe(name: str) -> None:
    run = Run(PRETRAINED / name)
    run.verify()
    assert run.spec() == SHIPPED[name]
    assert run.status().state == "done"
    kept = set(run.epoch_numbers())
    everyone = set(range(1, SHIPPED[name].epochs + 1))
    assert {1, max(everyone)} <= kept <= everyone
    assert kept == everyone or len(everyone) > MOST_PROLONGED, "a file for each would be too many"
    assert not (run.folder / "checkpoint.npz").exists()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_figures_in_metrics_json_are_true(name: str) -> None:
    metrics = Run(PRETRAINED / name).metrics()
    images, sigma = digits(), SHIPPED[name].noise
    inputs = add_noise(images, "gaussian", sigma, SHIPPED[name].seed) if sigma else images
    answers = shipped(name).reconstruct(inputs)
    assert bce(images, answers) == pytest.approx(metrics["bce"], abs=2e-5)
    assert mse(images, answers) == pytest.approx(metrics["mse"], abs=2e-5)


@pytest.mark.parametrize("name", SHIPPED)
def test_nearest_codes_include_the_image_itself(name: str) -> None:
    index = NeighbourIndex.load(PRETRAINED / name)
    assert len(index.codes) == INDEXED_IMAGES
    codes = shipped(name).encode(to_float(load_mnist().train_images[:20]))
    found = [number in index.nearest(code, 20) for number, code in enumerate(codes)]
    assert np.mean(found) >= 0.9  # codes are kept in half precision


@pytest.mark.parametrize(("name", "highest"), [("plain", 0.0916), ("deep", 0.0837)])
def test_dense_models_reach_the_lessons_loss(name: str, highest: float) -> None:
    assert clean_scores(name)[0] <= highest


def test_deep_halves_the_error_of_pca() -> None:
    assert clean_scores("deep")[1] <= 0.0074


def test_convolutional_model() -> None:
    assert clean_scores("conv")[0] <= 0.0665


def test_denoising_model_at_its_own_noise() -> None:
    noisy = add_noise(digits(), "gaussian", 0.5, seed=11)
    assert bce(digits(), shipped("denoise").reconstruct(noisy)) <= 0.0970


def test_sparse_code_is_good_and_sparse() -> None:
    active = (shipped("sparse").encode(digits()) > ACTIVE).sum(axis=1).mean()
    assert clean_scores("sparse")[1] <= 0.010
    assert active <= shipped("sparse").code_size / 3


def test_variational_model_records_its_two_losses() -> None:
    run = Run(PRETRAINED / "vae")
    parts = run.epoch(SHIPPED["vae"].epochs).loss_parts
    assert set(parts) == {"reconstruction", "kl"}
    assert parts["kl"] > 0


def test_variational_codes_are_spread_like_the_prior() -> None:
    codes = shipped("vae").encode(digits())
    assert np.abs(codes.mean(axis=0)).max() < 0.3
    assert 0.7 < codes.std(axis=0).min() <= codes.std(axis=0).max() < 1.3


def test_samples_of_the_variational_model_look_like_digits() -> None:
    """Most samples have a clear nearest kind of digit, and as much ink as digits have."""
    from sklearn.neighbors import KNeighborsClassifier

    mnist = load_mnist()
    real = to_float(mnist.train_images[:10_000]).reshape(-1, 784)
    samples = shipped("vae").decode(
        np.random.default_rng(0).standard_normal((300, 2)).astype(np.float32)
    )
    ink = samples.mean(axis=(1, 2))
    votes = KNeighborsClassifier(5).fit(real, mnist.train_labels[:10_000])
    sure = votes.predict_proba(samples.reshape(-1, 784)).max(axis=1)
    assert 0.08 < ink.mean() < 0.18
    assert (sure >= 0.8).mean() > 0.7


@pytest.mark.parametrize(
    ("name", "highest"),
    [
        ("latent2d", 0.10),
        ("neighbours2d", 0.05),
    ],
)
def test_maps_keep_digits_of_a_kind_together(name: str, highest: float) -> None:
    mnist = load_mnist()
    known = shipped(name).encode(to_float(mnist.train_images))
    new = shipped(name).encode(digits())
    assert knn_error(known, mnist.train_labels, new, mnist.test_labels) <= highest


def test_latent2d_is_trustworthy() -> None:
    images = digits()[:5_000]
    assert trustworthiness(images, shipped("latent2d").encode(images)) >= 0.94


def test_neighbours_cost_little_reconstruction() -> None:
    assert clean_scores("neighbours2d")[1] <= 1.15 * clean_scores("latent2d")[1]


@cache
def at_noise(sigma: float) -> tuple[Floats, Floats]:
    """The test images with noise, and what the denoiser for all noises makes of them."""
    noisy = add_noise(digits(), "gaussian", sigma, seed=0)
    return noisy, shipped("denoise_any").reconstruct(noisy)


@pytest.mark.parametrize("sigma", JUDGED_SIGMAS)
def test_denoiser_for_all_noises_beats_everything_else(sigma: float) -> None:
    images = digits()
    noisy, cleaned = at_noise(sigma)
    answer = mse(images, cleaned)
    assert answer < mse(images, noisy)
    assert answer < mse(images, shipped("plain").reconstruct(noisy))
    for kind in FILTERS:
        filtered = denoise(noisy[:1_000], kind, best_strength(kind, "gaussian", sigma))
        assert answer < mse(images[:1_000], filtered)


@pytest.mark.parametrize(
    ("sigma", "highest"), [(0.5, 0.0125), (1.0, 0.0262), (2.0, 0.0485), (3.0, 0.0585)]
)
def test_denoiser_for_all_noises_reaches_its_figures(sigma: float, highest: float) -> None:
    assert mse(digits(), at_noise(sigma)[1]) <= highest


def test_denoiser_for_all_noises_keeps_details() -> None:
    assert bce(digits(), at_noise(0.4)[1]) <= 0.0870


def test_denoiser_for_all_noises_is_small_enough_for_the_browser() -> None:
    network = plan("denoise_any", SHIPPED["denoise_any"].code_size)
    assert 2 * network.parameters <= 2_000_000  # bytes, in half precision
    assert network.multiplications <= 12_000_000
