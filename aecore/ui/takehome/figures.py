"""Figures for paper and slides: links that draw them when they are clicked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from aecore.takehome.figures import FORMATS, DrawingError, Figure, Format, Illustrator
from aecore.ui.language import _, current_language, speaking
from aecore.ui.page import say_if_broken
from aecore.ui.takehome.downloads import download, say_failures

_SOME_CHINESE = "自编码器训练损失噪声测试数字"


@st.cache_resource(max_entries=1, show_spinner=False)
def illustrator() -> Illustrator:
    """Whoever draws figures on this server, shared by all visitors."""
    return Illustrator()


@st.fragment
def offer_figure(label: str, name: str, make: Callable[[], Figure]) -> None:
    """A button that opens links to the figure `name`; `make` is asked for it when it is opened."""
    opened = st.popover(
        label,
        icon=":material/download:",
        type="tertiary",
        key=f"figure_{name}",
        on_change="rerun",
    )
    if opened.open:
        with opened, say_if_broken():
            with in_the_figures_language():
                figure = make()
            with st.container(horizontal=True, gap="medium"):
                figure_links(name, figure, key="alone")
            say_about_figures()
            say_failures()


@contextmanager
def in_the_figures_language() -> Iterator[None]:
    """The visitor's language; English if that is Chinese and this server has no font for it."""
    with speaking("en" if _lacks_letters() else current_language()):
        yield


def say_about_figures() -> None:
    """What the formats are good for; and why the labels are in English, if they must be."""
    st.caption(
        _("PDF for papers, SVG to edit, PNG (300 dpi) for slides. A drawing takes a few seconds.")
    )
    if _lacks_letters():
        st.caption(_("This server has no Chinese font, so the labels in figures are in English."))


def figure_links(name: str, figure: Figure, *, key: str) -> None:
    """A link for each format."""
    for form in FORMATS:
        download(form.upper(), f"{name}.{form}", _drawing(name, figure, form), key=key)


def _drawing(name: str, figure: Figure, form: Format) -> Callable[[], bytes]:
    draw = illustrator().draw
    return lambda: draw({name: figure}, [form])[f"{name}.{form}"]


def _lacks_letters() -> bool:
    return current_language() == "zh" and not _writes_chinese()


def _writes_chinese() -> bool:
    """Whether figures can be written in Chinese, asked once."""
    try:
        return _found_chinese_font()
    except DrawingError:  # then no figure can be drawn, in whatever language
        return True


@st.cache_resource(max_entries=1, show_spinner=False)
def _found_chinese_font() -> bool:
    return illustrator().writes(_SOME_CHINESE)
