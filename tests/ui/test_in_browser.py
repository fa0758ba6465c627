"""What every page has in common, in a real browser: deep links, languages, phone, rubbish links."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, WebSocketRoute, expect

from aecore.ui.preloading import DRAWN_EVERYWHERE
from tests.conftest import serving, settled
from tests.wire import Wire

_SAID = "element => getComputedStyle(element, '::after').content"

_WATCH_FOR_A_RUN = """() => {
  window.hasRun = new Promise((resolve) => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector(".stApp[data-test-script-state=running]")) return;
      observer.disconnect();
      resolve();
    }).observe(document.body, { subtree: true, attributes: true });
  });
}"""
_CONNECTION = "document.querySelector('.stApp').dataset.testConnectionState"

PAGES = ("", "train", "draw", "denoise", "inside", "latent")

_WHEN_SCRIPTS_WERE_ASKED_FOR = """() => performance.getEntriesByType('resource').map((each) =>
  [each.name.split('/').at(-1).split('.')[0], each.startTime])"""


def test_the_very_first_visit_may_be_a_deep_link(tmp_path: Path, page: Page) -> None:
    with serving(tmp_path) as address:
        with Wire(address.removeprefix("http://"), "draw") as first:
            answers = [answer.WhichOneof("type") for answer in first.run()]
        assert answers.count("new_session") == 1  # the script ran once, nothing was thrown away
        page.goto(f"{address}/draw")
        settled(page)
        asked = dict(page.evaluate(_WHEN_SCRIPTS_WERE_ASKED_FOR))
        painted = page.evaluate("performance.getEntriesByType('paint')[0].startTime")
        for name in DRAWN_EVERYWHERE:
            assert asked[name] < painted, f"{name} came after the frame"
        expect(page.get_by_test_id("stTopNav")).to_contain_text("Latent space")
        expect(page.get_by_test_id("stSidebar")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_contain_text("handwriting")


def test_every_page_opens_with_a_heading_and_fits_a_phone(lab_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for path in PAGES:
        page.goto(f"{lab_url}/{path}")
        settled(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        main = page.get_by_test_id("stMain")
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0, path


def test_the_menu_of_a_phone_says_what_it_is_and_closes(lab_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(lab_url)
    settled(page)
    menu = page.get_by_role("button", name="Pages", exact=True)
    assert menu.evaluate("b => getComputedStyle(b, '::after').content") == '"Pages"'
    menu.click()
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name="Draw")).to_be_in_viewport()
    page.get_by_role("button", name="Close the menu").click()
    expect(menu).to_be_visible()
    expect(page.get_by_role("radio", name="English")).to_be_checked()


def test_a_page_answers_to_its_name_however_it_is_spelt(lab_url: str, page: Page) -> None:
    for spelt, path, heading in [
        ("learn", "", "What is an autoencoder?"),
        ("LEARN/", "", "What is an autoencoder?"),
        ("draw/", "draw", "Your handwriting"),
        ("Draw", "draw", "Your handwriting"),
        ("Train", "train", "Watch a network learn"),
    ]:
        page.goto(f"{lab_url}/{spelt}?digit=4&epochs=0")
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        settled(page)
        expect(page).to_have_url(f"{lab_url}/{path}?digit=4")
        expect(page.get_by_text("does not know (epochs)")).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_pictures_have_alternative_text_and_another_digit_changes_them_and_the_link(
    lab_url: str, page: Page
) -> None:
    page.goto(lab_url)
    settled(page)
    expect(page.get_by_alt_text("Input: a handwritten 7 (test image 0)").first).to_be_visible()
    assert page.locator("img:not([alt])").count() == 0
    page.get_by_role("radio", name="4", exact=True).click()
    expect(page.get_by_alt_text("Input: a handwritten 4 (test image 4)").first).to_be_visible()
    expect(page).to_have_url(f"{lab_url}/?digit=4")
    expect(page.get_by_alt_text("Input: a handwritten 7 (test image 0)")).to_have_count(0)


def test_the_chosen_digit_is_marked_on_every_page(lab_url: str, page: Page) -> None:
    page.goto(lab_url)
    settled(page)
    page.get_by_role("radio", name="3", exact=True).click()
    expect(page).to_have_url(re.compile("digit="))
    settled(page)
    for name in ("Inside", "Learn"):
        page.get_by_test_id("stTopNav").get_by_role("link", name=name).click()
        three = page.get_by_role("radio", name="3", exact=True).first
        expect(page.get_by_test_id("stTopNav").get_by_role("link", name=name)).to_have_attribute(
            "aria-current", "page"
        )
        settled(page)
        expect(three).to_be_checked()


def test_a_double_click_on_a_digit_chooses_it(lab_url: str, page: Page) -> None:
    page.goto(lab_url)
    settled(page)
    four = page.get_by_role("radio", name="4", exact=True)
    four.dblclick()
    expect(page.get_by_alt_text("Input: a handwritten 4 (test image 4)").first).to_be_visible()
    expect(four).to_be_checked()


def test_back_takes_choices_back_as_far_as_the_first(lab_url: str, page: Page) -> None:
    page.goto(lab_url)
    settled(page)
    for digit in ("4", "3"):
        page.get_by_role("radio", name=digit, exact=True).click()
        expect(page.get_by_alt_text(f"Input: a handwritten {digit}").first).to_be_visible()
        expect(page).to_have_url(re.compile("digit="))
        settled(page)
    page.go_back()
    expect(page.get_by_alt_text("Input: a handwritten 4").first).to_be_visible()
    settled(page)
    page.go_back()
    expect(page.get_by_alt_text("Input: a handwritten 7").first).to_be_visible()
    settled(page)
    page.go_forward()
    expect(page.get_by_alt_text("Input: a handwritten 4").first).to_be_visible()


def test_another_page_keeps_what_was_chosen(lab_url: str, page: Page) -> None:
    page.goto(lab_url)
    settled(page)
    page.get_by_role("radio", name="4", exact=True).click()
    expect(page).to_have_url(re.compile("digit=4"))
    page.get_by_test_id("stTopNav").get_by_role("link", name="Denoise").click()
    expect(page).to_have_url(re.compile("denoise.*digit=4"))
    expect(page.get_by_alt_text("a handwritten 4 (test image 4): With noise")).to_be_visible()


def test_the_language_changes_everywhere_and_stays(lab_url: str, page: Page) -> None:
    page.goto(lab_url)
    settled(page)
    expect(page).to_have_title("Learn · Autoencoder Lab")
    page.get_by_role("radio", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("自编码器")
    expect(page).to_have_title("学习 · 自编码器实验室")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_test_id("stTopNav").get_by_role("link").nth(3).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("噪")
    expect(page).to_have_url(re.compile("language=zh"))
    expect(page).to_have_title("去噪 · 自编码器实验室")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("radio", name="English").click()
    expect(page).to_have_title("Denoise · Autoencoder Lab")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def ways_to_the_server(page: Page) -> list[WebSocketRoute]:
    """The page's connections, as they are made: to be cut."""
    ways: list[WebSocketRoute] = []

    def through(way: WebSocketRoute) -> None:
        way.connect_to_server()
        ways.append(way)

    page.route_web_socket(lambda _url: True, through)
    return ways


def test_a_server_that_is_silent_is_told_of_in_the_visitors_language(
    lab_url: str, page: Page
) -> None:
    ways = ways_to_the_server(page)
    page.goto(f"{lab_url}/teaching?language=zh")
    settled(page)
    page.route("**/_stcore/health", lambda route: route.abort())
    ways[0].close()
    dialog = page.get_by_role("dialog")
    title, words = dialog.locator("[slot=title]"), dialog.locator("[slot=title] + div")
    expect(words).not_to_contain_text("Streamlit", use_inner_text=True)
    assert title.evaluate(_SAID) == '"连接断开"'
    assert "服务器没有回应" in words.evaluate(_SAID)
    page.unroute("**/_stcore/health")
    expect(dialog).to_have_count(0)
    settled(page)
    page.get_by_role("button", name="分享").click()
    assert title.evaluate(_SAID) == "none"  # a dialog of the lab's own is left as it is


def test_what_is_touched_after_a_cut_counts_though_the_session_is_gone(
    tmp_path: Path, page: Page
) -> None:
    ways = ways_to_the_server(page)
    with serving(tmp_path, STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="0") as address:
        page.goto(f"{address}/inside")
        settled(page)
        page.evaluate(_WATCH_FOR_A_RUN)
        ways[0].close()
        page.wait_for_function(f"{_CONNECTION} !== 'CONNECTED'")
        page.wait_for_function(f"{_CONNECTION} === 'CONNECTED'")
        page.evaluate("() => window.hasRun")
        settled(page)
        page.get_by_role("button", name="Just show me").first.click()
        expect(page.locator(".st-key-predicted_terms .verdict")).to_contain_text("It is")


def test_a_tampered_link_gets_one_sentence(lab_url: str, page: Page) -> None:
    for query in (
        "noise_level=nan",
        "noise_level=1e309",
        "digit=１２",
        "digit=99999999999999999999",
        "map_model=../../etc/passwd",
        "run=" + "a" * 5_000,
        "noise_kind=%3Cscript%3E",
    ):
        page.goto(f"{lab_url}/denoise?{query}")
        settled(page)
        expect(page.get_by_text("The link held something this lab does not know")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_table_becomes_blocks_on_a_phone(lab_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(lab_url)
    settled(page)
    table = page.locator(".plain-table")
    assert table.evaluate("t => t.scrollWidth - t.parentElement.clientWidth") <= 0
    deep = table.get_by_role("row").filter(has_text="Deep")
    cell = deep.locator("td", has_text="222,384")
    assert cell.evaluate("c => getComputedStyle(c, '::before').content") == '"parameters"'
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(table.get_by_role("columnheader", name="parameters")).to_be_visible()
