"""What the address may hold, and that it comes back as it was."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from aecore.guarded.bounds import LINK_VALUE
from aecore.networks import ARCHITECTURES
from aecore.noise import NOISE_KINDS
from aecore.shipped import SHIPPED
from aecore.ui.palette import LINE_COLOURS
from aecore.ui.state import (
    IN_URL,
    MOST_OWN,
    UnknownNamesError,
    Visit,
    in_address,
    parsed,
    written,
)
from tests.random_walk import allowed, with_own_runs


@pytest.mark.parametrize("name", IN_URL)
def test_every_value_of_a_field_comes_back_from_the_address(name: str) -> None:
    chance = random.Random(1)  # noqa: S311
    for _time in range(200):
        visit = Visit(
            noise_kind=chance.choice(NOISE_KINDS), architecture=chance.choice(list(ARCHITECTURES))
        )
        value = allowed(name, visit.domain(name), chance)
        assert parsed(written(value), visit.domain(name)) == value


@pytest.mark.parametrize("name", IN_URL)
def test_the_usual_value_of_a_field_is_allowed(name: str) -> None:
    for kind in NOISE_KINDS:
        for architecture in ARCHITECTURES:
            visit = Visit(noise_kind=kind, architecture=architecture)
            usual = visit.usual(name)
            if usual not in ("", ()):  # nothing chosen: such a field is left out
                assert parsed(written(usual), visit.domain(name)) == usual


def test_a_field_stands_behind_the_one_that_decides_what_it_may_hold() -> None:
    assert IN_URL.index("noise_kind") < IN_URL.index("noise_level") < IN_URL.index("draw_noise")
    assert IN_URL.index("architecture") < IN_URL.index("code_size")


def test_no_more_runs_are_compared_than_there_are_colours() -> None:
    names = ",".join(f"run{number}" for number in range(14))
    assert len(parsed(names, Visit().domain("compared"))) == len(LINE_COLOURS)


@pytest.mark.parametrize(
    ("name", "text", "known"),
    [
        ("models", "plain,No such,deep", ("plain", "deep")),
        ("models", "plain,,plain,deep", ("plain", "deep")),
        ("compared", "Nobody's", ()),
        ("filters", "gaussian,bilateral,median", ("median", "gaussian")),
        ("only", "strip,stripe,canvas", ("canvas", "strip")),
    ],
)
def test_of_a_list_only_what_is_unknown_is_refused(
    name: str, text: str, known: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownNamesError) as refused:
        parsed(text, Visit().domain(name))
    assert refused.value.known == known
    if known:
        assert parsed(",".join(known), Visit().domain(name)) == known


def test_a_model_that_a_link_names_twice_is_there_once() -> None:
    assert parsed("plain,deep,plain", Visit().domain("compared")) == ("plain", "deep")


def test_a_link_holds_every_model_that_can_be_ticked() -> None:
    ticked = (*SHIPPED, "pca", *(f"{number:016x}" for number in range(MOST_OWN)))
    assert parsed(written(ticked), Visit().domain("models")) == ticked
    assert len(written(ticked)) < LINK_VALUE


@pytest.mark.parametrize(("browser", "told"), [("en", {"zh"}), ("zh", {"en", "zh"})])
def test_a_language_that_was_chosen_outlives_a_reload(
    monkeypatch: pytest.MonkeyPatch, browser: str, told: set[str]
) -> None:
    monkeypatch.setattr("aecore.ui.state._browser_language", lambda: browser)
    addresses = {language: in_address(Visit(language=language)) for language in ("en", "zh")}
    assert {language for language, address in addresses.items() if address} == told
    for language, address in addresses.items():
        assert address.get("language", browser) == language


def test_random_links_meet_no_traceback(tmp_path: Path) -> None:
    assert with_own_runs(30, seed=2, runs=tmp_path) == []
