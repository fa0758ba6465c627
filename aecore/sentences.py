"""Sentences of any language in a row; `joined` in `aecore/ui/sentences.js` is its twin."""

from __future__ import annotations


def joined(*sentences: str) -> str:
    """The sentences one after the other; Chinese leaves no space between them."""
    text, *others = sentences
    for sentence in others:
        text += sentence if text.endswith(("。", "？", "！")) else f" {sentence}"
    return text
