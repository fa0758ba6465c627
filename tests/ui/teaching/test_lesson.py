"""The lesson: every link of it is accepted; what is printed has its pages in both languages."""

from __future__ import annotations

import gettext
import re
from pathlib import Path
from unicodedata import normalize
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from aecore.shipped import SHIPPED
from aecore.ui.language import LOCALE_FOLDER
from aecore.ui.parts import PARTS
from aecore.ui.routes import PAGES
from aecore.ui.state import IN_URL, Visit, parsed
from aecore.ui.teaching.answer_sheet import answer_sheet
from aecore.ui.teaching.exercises import EXERCISES
from aecore.ui.teaching.lesson import LESSONS, WRITTEN_FOR
from aecore.ui.teaching.worksheet import worksheet
from tests.conftest import PROJECT, settled

TEXTS = {language: file.read_text(encoding="utf-8") for language, file in LESSONS.items()}


def links(text: str) -> list[str]:
    return re.findall(r"\]\((http[^)]+)\)", text)


def headings(text: str) -> list[str]:
    return re.findall(r"^#+", text, flags=re.MULTILINE)


def squeezed(text: str) -> str:
    """A PDF knows glyphs, not how wide a comma was meant to be, nor where words end."""
    return "".join(normalize("NFKC", text).split())


def test_both_languages_have_the_same_links_and_headings() -> None:
    assert len(links(TEXTS["en"])) > 8
    assert links(TEXTS["en"]) == links(TEXTS["zh"])
    assert headings(TEXTS["en"]) == headings(TEXTS["zh"])


@pytest.mark.parametrize(
    ("file", "says", "means"),
    [
        (PROJECT / "README.md", "chapter of a course", "the chapter"),
        (LESSONS["en"], "chapter of a course", "the chapter"),
        (LESSONS["zh"], "一门课程的一章教材", "教材"),
    ],
)
def test_a_reader_learns_which_chapter_is_meant_before_it_is_spoken_of(
    file: Path, says: str, means: str
) -> None:
    before, said, _after = file.read_text(encoding="utf-8").partition(says)
    assert said
    assert means not in before.lower()


@pytest.mark.parametrize("link", dict.fromkeys(links(TEXTS["en"])))
def test_the_lab_accepts_every_link(link: str) -> None:
    assert link.startswith(WRITTEN_FOR)
    page = urlsplit(link).path.strip("/") or next(iter(PAGES))
    query = dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))
    visit = Visit()
    assert set(query) <= set(IN_URL)
    for name in IN_URL:
        if name in query:
            setattr(visit, name, parsed(query[name], visit.domain(name)))
    assert visit.only
    assert set(visit.only) <= set(PARTS[page])
    assert {*visit.models, visit.map_model} <= {*SHIPPED, "pca"}


@pytest.mark.parametrize("language", LESSONS)
def test_the_lab_shows_the_lesson(language: str) -> None:
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.query_params.update({"language": language, "only": "canvas"})
    test.switch_page("pages/teaching.py").run()
    assert not test.exception
    shown = "".join(each.value for each in test.markdown)
    assert shown.count("only=") == shown.count(f"&language={language})")
    assert shown.count("only=") == len(links(TEXTS[language]))
    assert WRITTEN_FOR not in shown


@pytest.mark.parametrize("lifted", [False, True])
def test_the_answers_lie_under_a_lid(lifted: bool) -> None:  # noqa: FBT001
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.session_state["answers"] = lifted
    test.switch_page("pages/teaching.py").run()
    assert not test.exception
    answer = "t-SNE"
    assert any(answer in markup.value for markup in test.get("html")) == lifted


@pytest.mark.parametrize("language", LESSONS)
@pytest.mark.parametrize("sheets", [2, 1], ids=["worksheet", "answers"])
def test_what_is_printed_fits_its_pages_of_a4(
    sheets: int, language: str, browser: Browser, tmp_path: Path
) -> None:
    printed = worksheet(language, "http://lab.school:8501/")
    page = browser.new_page()
    page.set_content(printed if sheets == 2 else answer_sheet(language))
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    pages = PdfReader(tmp_path / "sheet.pdf").pages
    a4 = [210, 297]
    sizes = [[round(float(side) / 72 * 25.4) for side in each.mediabox[2:]] for each in pages]
    assert sizes == [a4] * sheets
    cut = "[...document.querySelectorAll('section')].map(e => e.scrollHeight > e.clientHeight)"
    assert page.evaluate(cut) == [False] * sheets
    assert page.locator("img[alt=''], svg[aria-label='']").count() == 0
    words = gettext.translation("lab", LOCALE_FOLDER, languages=[language], fallback=True).gettext
    text = squeezed("".join(each.extract_text() for each in pages))
    assert [ask for ask in EXERCISES.values() if squeezed(words(ask))[:12] not in text] == []
    page.close()


def test_share_leads_to_the_lesson_and_a_link_of_it_sets_the_stage(
    lab_url: str, page: Page
) -> None:
    page.goto(f"{lab_url}/denoise")
    settled(page)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("link", name="A lesson of 45 minutes").click()
    station = page.get_by_role("link", name="Five answers and their losses")
    link = f"{lab_url}/?digit=0&only=digit_bar,losses&language=en"
    assert station.get_attribute("href") == link
    with page.expect_download() as download:
        page.get_by_role("button", name="Worksheet").click()
    assert "My prediction" in Path(download.value.path()).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LESSONS)
def test_no_mark_of_emphasis_is_left_standing(lab_url: str, page: Page, language: str) -> None:
    """Behind a Chinese colon, with no space after it, Markdown takes an asterisk for what it is."""
    page.goto(f"{lab_url}/teaching?language={language}")
    settled(page)
    lesson = page.locator(".st-key-lesson")
    expect(lesson.get_by_role("table")).to_be_visible()
    expect(lesson).not_to_contain_text("*")
