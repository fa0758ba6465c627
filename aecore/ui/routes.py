"""Which page an address means, however its name is spelt."""

from __future__ import annotations

from typing import NoReturn
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aecore.settings import N_
from aecore.ui.language import _

PAGES = {
    "learn": N_("Learn"),
    "train": N_("Train"),
    "draw": N_("Draw"),
    "denoise": N_("Denoise"),
    "inside": N_("Inside"),
    "latent": N_("Latent space"),
}
"""The title of every page by its name in the address and in the folder `pages`; the first one
answers to the bare address."""

ASIDE = {"teaching": N_("Teaching")}
"""Pages that the top of the page does not name: others lead there."""

_FIRST = next(iter(PAGES))


def correct_the_address() -> None:
    """Lead on to the page that is meant by `/Draw`, or by the first page's own name.

    Streamlit knows a page by one spelling, and the first by none: it would say "Page not found".
    """
    asked = urlsplit(st.context.url or "").path.rpartition("/")[2]
    meant = asked.lower()
    if meant not in PAGES | ASIDE or (asked == meant and asked != _FIRST):
        return

    def lead_on() -> NoReturn:
        st.switch_page(f"pages/{meant}.py", query_params=st.query_params.to_dict())

    so_spelt = st.Page(
        lead_on, title=_((PAGES | ASIDE)[meant]), url_path=asked, visibility="hidden"
    )
    st.navigation([*_pages(), so_spelt], position="top").run()


def page_asked_for() -> StreamlitPage:
    """The page that the address names, with the links to all of them at the top."""
    page = st.navigation(_pages(), position="hidden" if st.context.is_embedded else "top")
    st.session_state["page"] = page.url_path or _FIRST
    return page


def current_page() -> str:
    """The name in PAGES or ASIDE of the page that this visitor sees."""
    page: str = st.session_state.get("page", _FIRST)
    return page


def _pages() -> list[StreamlitPage]:
    return [
        st.Page(
            f"pages/{name}.py",
            title=_(title),
            url_path="" if name == _FIRST else name,
            default=name == _FIRST,
            visibility="hidden" if name in ASIDE else "visible",
        )
        for name, title in (PAGES | ASIDE).items()
    ]
