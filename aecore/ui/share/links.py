"""Links to the page as the visitor sees it, and what they become: a QR code, an embedded page."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from html import escape
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from aecore.ui.routes import current_page
from aecore.ui.share.network import host_for_others, is_this_computer
from aecore.ui.state import Visit, in_address

_LARGEST_QR = 25
"""The QR code's version: 117 x 117 squares. A phone in the last row reads no finer one."""


def link_to(chosen: Visit) -> str:
    """The absolute address of the page that is shown, with all that was chosen and the language.

    Others can follow it, too, if the lab knows how they find it.
    """
    here = _as_others_find_it(urlsplit(st.context.url or ""))
    query = {"language": chosen.language} | in_address(chosen)
    return urlunsplit(here._replace(query=urlencode(query, safe=","), fragment=""))


def without_drawing(chosen: Visit) -> Visit:
    """The same choices, looking at the test digit."""
    return replace(chosen, sketch="", source="digit")


def lab_address() -> str:
    """The absolute address of the lab's first page, with `/` at its end."""
    here = urlsplit(st.context.url or "")
    path = here.path.rstrip("/")
    if path.endswith(f"/{current_page()}"):
        path = path.rpartition("/")[0]
    return urlunsplit((here.scheme, here.netloc, f"{path}/", "", ""))


def lab_address_for_others() -> str:
    """The same as others find it, if the lab knows how."""
    return urlunsplit(_as_others_find_it(urlsplit(lab_address())))


def _as_others_find_it(address: SplitResult) -> SplitResult:
    host = host_for_others() if is_this_computer(address.hostname or "") else None
    if host is None:
        return address
    name = f"[{host}]" if ":" in host else host
    return address._replace(netloc=f"{name}:{address.port}" if address.port else name)


def is_opened_on_this_computer() -> bool:
    """Whether the visitor's own address of the lab is one that nobody else can follow."""
    return leads_to_this_computer_alone(st.context.url or "")


def leads_to_this_computer_alone(link: str) -> bool:
    """Whether nobody else can follow the link."""
    return is_this_computer(urlsplit(link).hostname or "")


def embedding(link: str, title: str) -> str:
    """The HTML that shows the page within another, without the lab's frame."""
    return (
        f'<iframe src="{escape(link)}&amp;embed=true" title="{escape(title)}" '
        'width="100%" height="720" style="border: 0" allow="clipboard-write"></iframe>'
    )


@lru_cache(maxsize=64)
def qr_code(link: str) -> str | None:
    """The link as a QR code: an SVG's data URI, black on white with a margin of 4 squares.

    None for a link that is too long to be read from a lecture hall's screen.
    """
    try:
        code = segno.make_qr(link, error="l", boost_error=True)
    except segno.DataOverflowError:
        return None
    if int(code.version) > _LARGEST_QR:
        return None
    return code.svg_data_uri(scale=8, border=4, dark="#000", light="#fff")
