"""Set the stage: a page shows only the parts that a lesson needs, all others as if they were not.

A link names them: `/draw?only=canvas,strip`.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from aecore.ui.language import _
from aecore.ui.parts import HEADING, PARTS
from aecore.ui.routes import current_page
from aecore.ui.state import mirror, visit


def shows(*names: str) -> bool:
    """Whether the page shows one of these parts of it; with no stage set it shows them all."""
    strange = set(names) - set(PARTS[current_page()])
    if strange:
        raise KeyError(strange)
    return not is_set() or not set(names).isdisjoint(visit().only)


def is_set(only: Sequence[str] | None = None, page: str = "") -> bool:
    """Whether `only` (usually the visit's) names a part of the page (usually the one shown)."""
    names = visit().only if only is None else only
    return any(name in PARTS[page or current_page()] for name in names if name != HEADING)


def set_the_stage() -> None:
    """Tell the components of this page which parts are hidden.

    They lie in shadow roots, where only inherited values arrive: `--part-walk: none` is one.
    """
    hidden = [name for name in PARTS[current_page()] if not shows(name)]
    if hidden:
        values = "".join(f"--part-{name}: none;" for name in hidden)
        st.html(f"<style>:root {{{values}}}</style>")


def way_back() -> None:
    """Under a page that does not show all its parts: the button that brings them back."""
    if is_set():
        with st.container(key="way_back"):
            st.button(
                _("Show everything on this page"),
                icon=":material/unfold_more:",
                type="tertiary",
                on_click=_show_everything,
            )


def _show_everything() -> None:
    kept = [name for name in visit().only if name not in PARTS[current_page()]]
    visit().only = tuple(kept)
    mirror()
