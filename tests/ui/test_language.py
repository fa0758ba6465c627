"""Every sentence has its Chinese, with the same placeholders, compiled."""

from __future__ import annotations

import ast
import string

import pytest

from tests.messages import LANGUAGES, PROJECT, collect, compiled, po_file, read, written


def _placeholders(text: str) -> set[str]:
    return {name.split(":")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    catalogue = read(language)
    sentences = [message.id for message in collect() if message.id]
    assert len(sentences) > 100, "the collector lost its sources"
    missing = [text for text in sentences if not (catalogue.get(text) and catalogue[text].string)]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language: str) -> None:
    wrong = [
        message.id
        for message in read(language)
        if message.id and _placeholders(message.id) != _placeholders(message.string)
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
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_"
        if not _is_collected(call)
    ]
    assert hidden == []


def _is_collected(call: ast.Call) -> bool:
    sentence = call.args[0]
    return isinstance(sentence, ast.Constant) and sentence.value in {m.id for m in collect()}
