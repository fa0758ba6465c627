"""Links to files that are made when they are clicked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from aecore.ui.language import _


def download(
    label: str, name: str, make: Callable[[], str | bytes], *, key: str, main: bool = False
) -> None:
    """A link to the file `name`; `make` runs when it is clicked, and the page does not.

    It runs in a thread without a visitor's session: it must know already all that it needs.
    """
    st.download_button(
        label,
        data=make,
        file_name=name,
        icon=":material/download:",
        type="secondary" if main else "tertiary",
        on_click="ignore",
        width="content",
        key=f"download_{name}_{key}",
    )


@contextmanager
def row_of_links(label: str, *, key: str) -> Iterator[None]:
    """Links side by side, behind what they have in common."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"links_{key}"):
        st.markdown(label)
        yield


def say_failures() -> None:
    """Let the browser say in the visitor's language that a file could not be made.

    Streamlit says it for five seconds under the button, in English.
    """
    sentence = _("This file could not be made just now. Try it again in a minute.")
    box = "[data-testid=stDownloadButtonError]"
    ours = json.dumps(sentence, ensure_ascii=False)
    st.html(
        f"<style>{box} {{ visibility: hidden; font-size: 0 }} "
        f"{box}::after {{ content: {ours}; visibility: visible; font-size: 0.9rem }}</style>"
    )
