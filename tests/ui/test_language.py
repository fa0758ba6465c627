"""Every sentence has its Chinese, with the same placeholders, compiled."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser
from streamlit.testing.v1 import AppTest

from aecore.sentences import joined
from aecore.ui.modules import script
from aecore.ui.predictions import written_answer
from aecore.ui.questions import QUESTION
from aecore.ui.routes import ASIDE, PAGES
from aecore.ui.strip import _code_caption
from tests.messages import LANGUAGES, PROJECT, collect, compiled, po_file, read, written
from tests.ui.seen import everything_seen

JAVASCRIPT = '{ type: "text/javascript" }'


def _placeholders(text: str) -> frozenset[str]:
    names = (name for _, name, _, _ in string.Formatter().parse(text))
    return frozenset(name.split(":")[0] for name in names if name)


def _forms(text: str | Sequence[str]) -> list[str]:
    """A sentence, or both that there are for one thing and for many; translations alike."""
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    catalogue = read(language)
    sentences = [message.id for message in collect() if message.id]
    assert len(sentences) > 100, "the collector lost its sources"
    translated = {text: each.string for text in sentences if (each := catalogue.get(text))}
    missing = [text for text in sentences if not all(_forms(translated.get(text, "")))]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language: str) -> None:
    wrong = [
        message.id
        for message in read(language)
        if message.id
        if len({*map(_placeholders, [*_forms(message.id), *_forms(message.string)])}) > 1
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_fresh(language: str) -> None:
    assert po_file(language).with_suffix(".mo").read_bytes() == compiled(read(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_head_of_the_catalogue_is_filled_in(language: str) -> None:
    head = po_file(language).read_text(encoding="utf-8").split("\n\n")[0]
    assert "Autoencoder Lab" in head
    blanks = ("PROJECT", "ORGANIZATION", "AUTHOR", "FULL NAME", "EMAIL", "YEAR", "LL@", "fuzzy")
    assert [blank for blank in blanks if blank in head] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_writing_the_catalogue_again_changes_nothing(language: str) -> None:
    assert written(read(language)) == po_file(language).read_bytes()


def test_no_sentence_hides_from_the_collector() -> None:
    """Babel does not look into f-strings: a sentence in one would never be translated."""
    hidden = [
        f"{file.name}:{node.lineno}"
        for folder in ("pages", "aecore/ui")
        for file in (PROJECT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in ("_", "ngettext")
        if not _is_collected(call)
    ]
    assert hidden == []


def _shown(test: AppTest) -> list[str]:
    """All text of a page, without its tags."""
    kinds = ("markdown", "caption", "info", "warning", "html", "button", "checkbox", "selectbox")
    texts = [getattr(each, "value", "") for kind in kinds for each in test.get(kind)]
    labels = [getattr(each, "label", "") for kind in kinds for each in test.get(kind)]
    whole = [text for text in (*texts, *labels) if isinstance(text, str) and "<style>" not in text]
    return [re.sub(r"</?(b|i|em|strong|span)\b[^>]*>|\*\*", "", text) for text in whole]


@pytest.mark.parametrize("page", [*PAGES, *ASIDE])
def test_chinese_leaves_no_space_behind_its_marks(page: str) -> None:
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.session_state["visit"] = everything_seen()
    test.query_params["language"] = "zh"
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception
    shown = _shown(test)
    assert any("。" in text for text in shown)
    marks = r".{0,12}(?:[。？！，：；、] (?=[^\s|])|(?<=[\u4e00-\u9fff])[:;,] ).{0,12}"
    assert [found for text in shown for found in re.findall(marks, text)] == []


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        (["One.", "Two.", "Three."], "One. Two. Three."),
        (["一。", "二？", "三。"], "一。二？三。"),
        (["一。"], "一。"),
    ],
)
def test_sentences_are_joined_as_their_language_does(
    sentences: list[str], text: str, browser: Browser
) -> None:
    """In Python and in the browser alike."""
    assert joined(*sentences) == text
    page = browser.new_page()
    source = script(PROJECT / "aecore/ui/sentences.js")
    twin = f"import(URL.createObjectURL(new Blob([{json.dumps(source)}], {JAVASCRIPT})))"
    assert page.evaluate(f"async (each) => (await {twin}).joined(each)", sentences) == text
    page.close()


def _is_collected(call: ast.Call) -> bool:
    sentence = call.args[0]
    collected = {_forms(message.id)[0] for message in collect()}
    return isinstance(sentence, ast.Constant) and sentence.value in collected


def test_of_one_thing_nobody_speaks_as_of_many() -> None:
    assert _code_caption((1,)) == "code: 1 number"
    assert _code_caption((32,)) == "code: 32 numbers"
    written = [written_answer(QUESTION["same_five"].kind, number) for number in (0, 1, 2)]
    assert written == ["0 rows", "1 row", "2 rows"]
