"""The curves that ship are those of what ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from aecore.autoencoder import Autoencoder
from aecore.curves import measured_curves
from aecore.curves.measured_curves import (
    BY_HEART,
    NOTHING,
    TEST_IMAGES,
    best_filter,
    judged_images,
    know_by_heart,
    measured_curve,
)
from aecore.curves.noise_curves import Denoiser, curve_levels
from aecore.datasets import Floats
from aecore.filters import FILTERS
from aecore.metrics import psnr
from aecore.noise import NOISE_KINDS, NoiseKind, add_noise
from aecore.projections import load_pca
from aecore.runs import RunStore

STORE = RunStore(Path(measured_curves.__file__).parents[2] / "pretrained")


def denoiser_of(name: str) -> Denoiser:
    model = Autoencoder.load(STORE.get(name).folder)
    return lambda noisy, _level: model.reconstruct(noisy)


def measured_at(denoiser: Denoiser, kind: NoiseKind, step: int) -> float:
    """PSNR at one step of the curve, by hand."""
    images = judged_images()
    level = curve_levels(kind)[step]
    cleaned: Floats = denoiser(add_noise(images, kind, level, seed=0), level)
    return psnr(images, cleaned)


@pytest.mark.parametrize("name", STORE.names())
@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_every_shipped_model_has_its_curves(name: str, kind: NoiseKind) -> None:
    curve = measured_curve(name, kind, STORE.get(name).version())
    assert curve is not None, "run: python -m aecore.curves.measured_curves"
    assert len(curve) == len(curve_levels(kind))


@pytest.mark.parametrize("name", STORE.names())
def test_the_curves_are_what_the_models_do(name: str) -> None:
    curve = measured_curve(name, "gaussian", STORE.get(name).version())
    assert curve is not None
    again = measured_at(denoiser_of(name), "gaussian", 4)
    assert curve[4] == pytest.approx(again, abs=0.01)


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_the_curves_of_filters_pca_and_nothing(kind: NoiseKind) -> None:
    assert len(judged_images()) == TEST_IMAGES
    pca = load_pca().keeping(32)
    methods: dict[str, Denoiser] = {
        NOTHING: lambda noisy, _level: noisy,
        "pca": lambda noisy, _level: pca.reconstruct(noisy),
        **{name: best_filter(name, kind) for name in FILTERS},
    }
    for name, denoiser in methods.items():
        curve = measured_curve(name, kind)
        assert curve is not None
        assert curve[2] == pytest.approx(measured_at(denoiser, kind, 2), abs=0.01)


def test_knowing_all_digits_by_heart_wins_in_strong_noise_and_loses_in_weak_noise() -> None:
    by_heart = measured_curve(BY_HEART, "gaussian")
    assert by_heart is not None
    assert by_heart[-1] == pytest.approx(measured_at(know_by_heart, "gaussian", -1), abs=0.01)
    versions = [(name, STORE.get(name).version()) for name in STORE.names()]
    curves = [measured_curve(name, "gaussian", version) or [] for name, version in versions]
    levels = curve_levels("gaussian")
    best = {level: max(curve[i] for curve in curves) for i, level in enumerate(levels)}
    for level, value in zip(levels, by_heart, strict=True):
        assert (value > best[level]) is (level >= 1.5)
    assert all(measured_curve(BY_HEART, kind) is None for kind in NOISE_KINDS[1:])


def test_another_version_of_a_model_has_no_curve_yet() -> None:
    assert measured_curve("plain", "gaussian", "another") is None
    assert measured_curve("of a visitor", "gaussian", "whatever") is None


def test_a_missing_or_damaged_file_means_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in (None, "{", "[]", '{"plain@1": 3}'):
        file = tmp_path / "curves.json"
        if content is not None:
            file.write_text(content, encoding="utf-8")
        monkeypatch.setattr(measured_curves, "CURVES_FILE", file)
        measured_curves._shipped.cache_clear()
        assert measured_curve("plain", "gaussian", "1") is None
    monkeypatch.undo()
    measured_curves._shipped.cache_clear()
