"""Tables that a phone can show: there each row becomes a block, and each cell says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aecore.ui.page import show_html


def show_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of text under `heads`; a row's first cell names it. Cells are HTML."""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in heads)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(map(_cell, heads[1:], cells))}</tr>'
        for name, *cells in rows
    )
    show_html(
        f'<div class="scroll"><table class="plain-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(head: str, content: str) -> str:
    return f'<td data-label="{escape(head)}"><span>{content}</span></td>'
