"""Every sentence has its Chinese, with the same placeholders, compiled."""

from __future__ import annotations

import string

import pytest

from tests.messages import LANGUAGES, collect, compiled, po_file, read


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
