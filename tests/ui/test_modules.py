"""The lab's JavaScript: served once, by an address that changes with it, wherever the lab lies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from aecore.ui.modules import module, script, scripts
from tests.conftest import serving, settled

UI = Path(__file__).parents[2] / "aecore" / "ui"


def test_every_component_fetches_a_script_that_is_served() -> None:
    components = [file for file in UI.rglob("*.js") if "export default" in file.read_text("utf-8")]
    served = scripts()
    assert len(served) == len(components) > 8
    for file in components:
        [address] = [each for each in served if each in module(file)]
        assert served[address].decode() == script(file)


def test_another_script_has_another_address(tmp_path: Path) -> None:
    file = tmp_path / "part.js"
    file.write_text("export default () => 1;\n", encoding="utf-8")
    before = module(file)
    assert module(file) == before
    file.write_text("export default () => 2;\n", encoding="utf-8")
    assert module(file) != before


def test_modules_are_joined_each_once_and_before_its_users(tmp_path: Path) -> None:
    (tmp_path / "part.js").write_text(
        'import { one } from "./one.js";\nimport { two } from "./two.js";\n'
        "export default () => one + two;\n"
    )
    (tmp_path / "two.js").write_text(
        'import { one } from "./one.js";\nexport const two = one + one;\n'
    )
    (tmp_path / "one.js").write_text("export const one = 1;\n")
    lines = [line for line in script(tmp_path / "part.js").splitlines() if line]
    assert lines == [
        "const one = 1;",
        "const two = one + one;",
        "export default () => one + two;",
    ]
    (tmp_path / "two.js").write_text("const one = 3;\nexport const two = one + one;\n")
    with pytest.raises(ValueError, match=r"one is declared in (one|two)\.js"):
        script(tmp_path / "part.js")


def test_a_script_that_does_not_arrive_is_asked_for_again(page: Page, lab_url: str) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
        else:
            route.abort()

    page.route("**/static/lab/live.*", answer)
    page.goto(lab_url)
    page.wait_for_function("performance.getEntriesByName('live-strip-ready').length")
    assert len(asked) == 3


def test_what_is_touched_before_its_script_arrives_comes_alive_with_it(
    page: Page, lab_url: str
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/static/lab/(inside|picture)\."), hold)
    page.goto(f"{lab_url}/inside")
    settled(page)
    opening = page.locator(".lab-inside .opening")
    assert opening.evaluate("p => getComputedStyle(p, '::after').content") == '"Opening …"'
    page.get_by_role("radio", name="4", exact=True).click()
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="Sparse").click()
    expect(page).to_have_url(re.compile("digit=4.*inside_model=sparse"))
    settled(page)
    assert len(held) == 2
    for route in held:
        route.continue_()
    expect(page.locator(".lab-inside")).to_have_attribute("data-ready", "true")
    seen = page.locator(".lab-inside .sum .seen")
    expect(seen).to_have_attribute("aria-label", re.compile("handwritten 4"))


def test_a_part_without_its_script_yet_shows_nothing_that_has_no_words(
    page: Page, lab_url: str
) -> None:
    page.route(re.compile(r"/static/lab/(latent_map|code_board)\."), lambda _route: None)
    for path, part in (("latent?language=zh", ".lab-map"), ("", ".code-board")):
        page.goto(f"{lab_url}/{path}")
        settled(page)
        page.locator(part).wait_for(state="attached")
        for touchable in page.locator(f"{part} :is(input, button, canvas)").all():
            expect(touchable).not_to_be_visible()
        words = page.locator(f"{part} .opening")
        for word in words.all():
            assert word.evaluate("p => getComputedStyle(p, '::after').content") == '"正在打开……"'


def test_a_lab_below_a_path_of_a_larger_site_is_alive(page: Page, tmp_path: Path) -> None:
    """With its scripts and its weights, on the first page and on one below."""
    with serving(tmp_path, STREAMLIT_SERVER_BASE_URL_PATH="lab") as address:
        for path in ("", "draw"):
            page.goto(f"{address}/{path}")
            settled(page)
            page.wait_for_function("performance.getEntriesByName('live-strip-ready').length")
            expect(page.locator(".strip .trouble")).to_have_count(0)
