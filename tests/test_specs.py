"""What may be asked of a training, and that equal wishes have equal keys."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from aecore.networks import ARCHITECTURES, plan
from aecore.settings import Span
from aecore.specs import SETTINGS, SpecError, TrainingSpec

PLAIN = TrainingSpec("plain")


@pytest.mark.parametrize("name", SETTINGS)
def test_values_outside_the_bounds_are_refused_by_name(name: str) -> None:
    bounds = SETTINGS[name].accepted
    kind = type(getattr(PLAIN, name))
    for value in (bounds.lowest - 1, bounds.highest + 1, -1e9, 1e9):
        with pytest.raises(SpecError) as refused:
            replace(PLAIN, **{name: kind(value)})
        assert refused.value.field == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("epochs", "5"),
        ("epochs", 10**9),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("noise", -0.1),
        ("noise", None),
        ("architecture", "../../etc/passwd"),
        ("schedule", "sometimes"),
        ("noise_varies", 1),
        ("dataset", "faces"),
    ],
)
def test_rubbish_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(SpecError) as refused:
        replace(PLAIN, **{name: value})
    assert refused.value.field == name


@pytest.mark.parametrize("name", SETTINGS)
def test_all_that_pages_offer_is_accepted(name: str) -> None:
    offered = SETTINGS[name].offered
    values = (offered.lowest, offered.highest) if isinstance(offered, Span) else offered
    for value in (SETTINGS[name].default, *values):
        assert getattr(replace(PLAIN, **{name: value}), name) == value


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_takes_its_own_code_sizes_only(name: str) -> None:
    architecture = ARCHITECTURES[name]
    sizes = architecture.allowed_code_sizes
    for size in (sizes.lowest, architecture.code_size, sizes.highest):
        assert TrainingSpec(name, code_size=int(size)).code_size == size
        assert plan(name, int(size)).code_size == size
    for size in (0, sizes.lowest - 1, sizes.highest + 1, 2.5, True):
        with pytest.raises(SpecError) as refused:
            TrainingSpec(name, code_size=size)  # type: ignore[arg-type]
        assert refused.value.field == "code_size"


def test_equal_wishes_have_equal_keys() -> None:
    assert replace(PLAIN, noise=1).key == replace(PLAIN, noise=1.0).key


def test_every_setting_changes_the_key() -> None:
    changes: dict[str, Any] = {
        "architecture": "deep",
        "code_size": 16,
        "noise": 0.5,
        "noise_varies": True,
        "images": 5_000,
        "epochs": 3,
        "batch_size": 64,
        "learning_rate": 0.01,
        "schedule": "cosine",
        "seed": 7,
    }
    keys = {replace(PLAIN, **{name: value}).key for name, value in changes.items()}
    assert len(keys | {PLAIN.key}) == len(changes) + 1


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_training_can_be_prolonged_unless_something_is_spread_over_it(name: str) -> None:
    spec = TrainingSpec(name, code_size=ARCHITECTURES[name].code_size)
    assert spec.can_be_prolonged == (name != "latent2d")
    assert not replace(spec, noise=0.5, noise_varies=True).can_be_prolonged
    assert not replace(spec, schedule="cosine").can_be_prolonged


def test_a_spec_survives_json() -> None:
    spec = TrainingSpec("vae", code_size=2, noise=0.25, epochs=3, schedule="cosine")
    assert TrainingSpec.from_dict(spec.to_dict()) == spec


@pytest.mark.parametrize("settings", [None, [], {}, {"architecture": "plain", "surprise": 1}])
def test_other_json_is_refused(settings: object) -> None:
    with pytest.raises(SpecError):
        TrainingSpec.from_dict(settings)
