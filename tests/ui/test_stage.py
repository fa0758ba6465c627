"""Set the stage: each part of a page can be shown alone, and only what the page has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from aecore.ui.parts import HEADING, PARTS
from tests.conftest import PROJECT, settled

SIGNS = {
    "heading": '<p class=\\"lead',
    "digit_bar": "Which digit?",
    "cleaning": "Taking noise away",
    "two_maps": "Seeing many dimensions",
    "one_network": "Two networks in a row",
    "code_numbers": "Does one number of the code",
    "strangers": "black and white exchanged",
    "losses": "counts it",
    "kinds": "small filters that slide",
    "measured": "in the chapter",
    "invented": "A decoder can draw codes",
    "networks": "Which network?",
    "settings": "Batch size",
    "trained": "Or load one",
    "training": "What will it make of these?",
    "runs": "Runs to compare",
    "canvas": "Brush width",
    "became": "no model was trained on them",
    "noise": "Kind of noise",
    "models": "Models",
    "strip": "ink that is missing",
    "nearest": "whose codes are most like",
    "digit": "Which digit?",
    "level": "Kind of noise",
    "methods": "Classical filters",
    "attempts": "The frame marks the highest PSNR",
    "curves": "One digit proves little",
    "sigma3": "digit in the second picture",
    "slip": "forgets to scale",
    "network": '"Network"',
    "seen": "Which digit?",
    "mapped": '"Model"',
    "star": "Put your own digit",
    "duel": "A fair duel",
    "second_loss": "A reconstruction loss asks one thing",
}
"""A few words by which each part is known that the server writes."""

IN_A_COMPONENT = {
    "sum": "section.sum",
    "layers": ".picture",
    "unit": "section.unit",
    "hands": "section.touch",
    "keras": "section.code",
    "maps": ".maps",
    "walk": "section.walk",
}
"""The parts that lie in a component of the page, and where."""


STAGES = [page for page, parts in PARTS.items() if len(parts) > 1]


def opened(page: str, only: str, **query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.query_params.update({"only": only, **query})
    return test.switch_page(f"pages/{page}.py").run()


def said(test: AppTest) -> str:
    """All that the server put on the page, but for its frame."""
    return "\n".join(str(element.proto) for element in _leaves(test.main))


def _leaves(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        if getattr(child, "key", None) == "bound_language":
            continue
        yield child
        if hasattr(child, "children"):
            yield from _leaves(child)


@pytest.mark.parametrize("page", STAGES)
def test_a_part_alone_is_there_and_no_other(page: str) -> None:
    signs = {name: SIGNS[name] for name in PARTS[page] if name in SIGNS}
    for name in PARTS[page]:
        if name == HEADING:
            continue
        test = opened(page, name)
        assert not test.exception
        assert not test.warning
        assert {each for each, sign in signs.items() if sign in said(test)} == {name} & set(signs)
        assert "Show everything" in said(test)


@pytest.mark.parametrize("page", STAGES)
def test_a_whole_page_has_every_part(page: str) -> None:
    test = opened(page, "")
    missing = [name for name in PARTS[page] if name in SIGNS and SIGNS[name] not in said(test)]
    assert missing == []
    assert "Show everything" not in said(test)


def test_every_part_is_known_by_something() -> None:
    assert {name for parts in PARTS.values() for name in parts} == {*SIGNS, *IN_A_COMPONENT}


def test_no_two_pages_have_a_part_of_the_same_name() -> None:
    names = [name for parts in PARTS.values() for name in parts if name != HEADING]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("page", STAGES)
def test_a_page_asks_for_the_parts_of_its_table(page: str) -> None:
    tree = ast.parse((PROJECT / "pages" / f"{page}.py").read_text(encoding="utf-8"))
    asked = {
        argument.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id == "shows"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    assert asked == set(PARTS[page]) - {HEADING}


def test_a_stage_leaves_other_pages_whole_and_keeps_its_own() -> None:
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.query_params["only"] = "canvas,strip"
    test.run()
    assert SIGNS["kinds"] in said(test)
    test.switch_page("pages/denoise.py").run()
    assert SIGNS["slip"] in said(test)
    test.switch_page("pages/draw.py").run()
    assert SIGNS["nearest"] not in said(test)
    assert test.query_params["only"] == "canvas,strip"


def test_show_everything_shows_everything_on_this_page() -> None:
    test = opened("draw", "canvas,sigma3")
    next(button for button in test.button if "Show everything" in button.label).click().run()
    assert SIGNS["nearest"] in said(test)
    assert test.query_params["only"] == "sigma3"


@pytest.mark.parametrize("only", ["canvas,nonsense", "Canvas", "<script>", ",", "canvas,"])
def test_a_part_that_no_page_has_is_refused_in_one_sentence(only: str) -> None:
    test = opened("draw", only)
    assert not test.exception
    assert [each.value for each in test.warning if "does not know (only)" in each.value]
    known = only.startswith("canvas")  # what a lesson hid stays hidden
    assert (SIGNS["nearest"] in said(test)) is not known


def test_a_hidden_choice_stays_as_the_link_has_it() -> None:
    test = opened("denoise", "attempts", digit="4", models="plain", filters="", noise_level="1.0")
    assert "a handwritten 4 (test image 4)" in said(test)
    assert said(test).count("PSNR ") == 3  # the noisy image, one model, the sentence about frames
    test = opened("draw", "strip", source="drawing")
    assert "a handwritten 7 (test image 0)" in said(test)  # nothing drawn, and nowhere to draw


@pytest.mark.parametrize(
    ("path", "ready", "whole"), [("inside", ".lab-inside", 5), ("latent", ".lab-map", 2)]
)
def test_parts_of_a_component_are_shown_alone(
    lab_url: str, page: Page, path: str, ready: str, whole: int
) -> None:
    inside = {name: IN_A_COMPONENT[name] for name in PARTS[path] if name in IN_A_COMPONENT}
    assert len(inside) == whole
    for name, place in inside.items():
        page.goto(f"{lab_url}/{path}?only={name}")
        settled(page)
        expect(page.locator(f'{ready}[data-ready="true"]')).to_be_visible()
        expect(page.locator(place)).to_be_visible()
        assert [each for each in inside.values() if page.locator(each).is_visible()] == [place]
