"""The answers for the teacher: on the page behind a lid, and on a sheet of their own."""

from __future__ import annotations

from html import escape

import streamlit as st

from aecore.ui.language import _, current_language, speaking
from aecore.ui.tables import show_table
from aecore.ui.teaching.answers import Solved, solved_exercises
from aecore.ui.teaching.sheets import document, exercise, row


def offer_answers() -> None:
    """Show the answers to whoever lifts the lid; they are computed then, and not before."""
    lid = st.expander(
        _("For the teacher: the answers to the worksheet"),
        icon=":material/key:",
        key="answers",
        on_change="rerun",
    )
    if not lid.open:
        return
    with lid:
        with st.spinner(_("The models are being asked…")):
            solved = solved_exercises()
        language = current_language()
        rows = [
            [
                f"{number} · {escape(each.question)}",
                f"<b>{escape(each.answer)}</b>",
                escape(each.measured),
            ]
            for number, each in enumerate(solved, 1)
        ]
        show_table([_("question"), _("answer"), _("how it was found")], rows)
        st.download_button(
            _("Answers, one page to print"),
            data=lambda: answer_sheet(language),
            file_name=f"autoencoder_answers_{language}.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
        )


def answer_sheet(language: str) -> str:
    """The answers as an HTML file. Raises RunError or DatasetError if a file is damaged."""
    with speaking(language):
        title = _("For the teacher: the answers to the worksheet")
        lead = _("Computed by the lab from the models that ship with it, as its pages do.")
        head = f"<header><div><h1>{escape(title)}</h1><p>{escape(lead)}</p></div></header>"
        body = "".join(
            exercise(number, each.question, _written(each))
            for number, each in enumerate(solved_exercises(), 1)
        )
        return document(title, [f"{head}{body}"])


def _written(solved: Solved) -> str:
    return (
        f"<div class='solved'><div><p class='answer'>{escape(solved.answer)}</p>"
        f"<p class='found'>{escape(solved.measured)}</p></div>{row(solved.shown)}</div>"
    )
