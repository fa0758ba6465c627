"""What every page is made with: the look, a heading, and kind words when something is broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.pages_manager import PagesManager

from aecore.datasets import DatasetError
from aecore.runs import RunError
from aecore.service.folder_lock import FolderInUseError
from aecore.ui.language import _
from aecore.ui.parts import HEADING
from aecore.ui.pictures import png_uri
from aecore.ui.stage import shows

ONWARD = ":material/arrow_forward:"
"""The sign of a link that leads to the next page of the lesson."""

_WITHOUT_A_BAR = """
.stMainBlockContainer { padding-block: 1rem; }
:has(> .st-key-digit_bar) { top: 0; }
"""
"""Embedded in another page, there is no bar at the top to leave room for."""

_STYLE_FILE = Path(__file__).parent / "style.css"


@cache
def _style() -> str:
    return _STYLE_FILE.read_text(encoding="utf-8")


@cache
def favicon() -> str:
    """The lab's sign, an hourglass: wide, narrow, wide, like an autoencoder.

    A data URI, since browsers ask for any other picture again whenever a page answers.
    """
    rows, columns = np.mgrid[:32, :32]
    inside = np.abs(columns - 15.5) <= np.maximum(np.abs(rows - 15.5), 3)
    return png_uri(np.where(inside, 255, 0).astype(np.uint8))


def wear_the_look() -> None:
    """Put the lab's style sheet on the page; `aecore.ui.frame` does it before any page runs.

    With it come the words that it says in place of Streamlit's own.
    """
    st.session_state["framed"] = True
    words = {
        "menu": _("Pages"),
        "opening": _("Opening …"),
        "silent": _("No connection"),
        "silent-why": _(
            "The lab's server does not answer. Is it still running, and is this device still in "
            "its network? As soon as it answers, this page goes on by itself."
        ),
    }
    said = "".join(
        f"--{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in words.items()
    )
    without_a_bar = _WITHOUT_A_BAR if st.context.is_embedded else ""
    st.html(f"<style>{_style()}:root {{ {said} }}{without_a_bar}</style>")


def show_html(markup: str) -> None:
    """Show markup of ours in the lab's look; escape everything that came from elsewhere."""
    st.html(f'<div class="lab">{markup}</div>')


def bench() -> tuple[DeltaGenerator, DeltaGenerator]:
    """What one sets on the left, in view while one scrolls, and what comes of it on the right."""
    with st.container(horizontal=True, key="bench"):
        return st.container(key="settings"), st.container(key="results")


def page_heading(title: str, lead: str) -> None:
    """The page's title and the one or two sentences that say what can be found out here."""
    _insist_on_the_frame()
    if not shows(HEADING):  # who listens to a page must know where it begins
        show_html(f'<h1 class="unseen">{escape(title)}</h1>')
        return
    st.title(title, anchor=False)
    with st.empty():  # a place of its own: what stands below keeps its own when the lead goes
        if lead:
            show_html(f'<p class="lead">{escape(lead)}</p>')


def _insist_on_the_frame() -> None:
    """Run again if this page was run without `app.py`.

    On a server's very first visit Streamlit treats a folder named `pages` in its old way and runs
    a linked page alone: without navigation, language and look. `st.navigation` ends that for good
    by the same flag, but would also forget which page was asked for.
    """
    if not st.session_state.pop("framed", False):
        PagesManager.uses_pages_directory = False
        st.rerun()


@contextmanager
def say_if_broken() -> Iterator[None]:
    """Turn a damaged model or a missing data file into one sentence; the page goes on after it."""
    try:
        yield
    except RunError as error:
        st.warning(_damaged_model(error))
    except DatasetError as error:
        st.error(
            _(
                "A file that ships with the lab is missing or was altered: {file}. "
                "Install the lab again; nothing of yours is lost."
            ).format(file=error.file)
        )
    except FolderInUseError:  # the log has said why when the server started
        st.error(_("This server is not set up for training. Its log says why."))
    except MemoryError:
        st.warning(_("The server is short of memory just now. Try again in a minute."))


def _damaged_model(error: RunError) -> str:
    if not error.file:
        return _("There is no such model here. Choose another one.")
    return _(
        "This model cannot be opened: its file {file} is missing or was altered. Choose another "
        "one; if it is one that ships with the lab, install the lab again."
    ).format(file=error.file)


def say_refused(names: list[str]) -> None:
    """One sentence about values in the link that this lab does not know."""
    if names:
        st.warning(
            _(
                "The link held something this lab does not know ({names}). It is left out, "
                "and where nothing remains the usual setting is used."
            ).format(names=", ".join(names))
        )
