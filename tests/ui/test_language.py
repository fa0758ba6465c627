"""Every sentence has its Chinese, with the same placeholders, compiled."""

from __future__ import annotations

import ast
import string
from collections.abc import Sequence

import pytest

from aecore.ui.predictions import _written
from aecore.ui.questions import QUESTION
from aecore.ui.strip import _code_caption
from tests.messages import LANGUAGES, PROJECT, collect, compiled, po_file, read, written


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


def _is_collected(call: ast.Call) -> bool:
    sentence = call.args[0]
    collected = {_forms(message.id)[0] for message in collect()}
    return isinstance(sentence, ast.Constant) and sentence.value in collected


def test_of_one_thing_nobody_speaks_as_of_many() -> None:
    assert _code_caption((1,)) == "code: 1 number"
    assert _code_caption((32,)) == "code: 32 numbers"
    written = [_written(QUESTION["same_five"].kind, number) for number in (0, 1, 2)]
    assert written == ["0 rows", "1 row", "2 rows"]
