"""The worksheet of the lesson: two pages to print, with the predictions as blanks."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import numpy as np
import streamlit as st

from aecore.noise import NOISE_RANGES
from aecore.ui.controls import level_title
from aecore.ui.denoise.methods import filter_title
from aecore.ui.figures import picture
from aecore.ui.language import _, current_language, speaking
from aecore.ui.learn.lesson import map_picture
from aecore.ui.learn.measured import five_answers
from aecore.ui.models import model_title, open_model
from aecore.ui.predictions import option_title
from aecore.ui.questions import QUESTION, Number
from aecore.ui.share.links import lab_address_for_others, leads_to_this_computer_alone, qr_code
from aecore.ui.teaching.diagrams import axis, code_bars
from aecore.ui.teaching.exercises import (
    COMPARED,
    DENOISERS,
    EXERCISES,
    FILTERS_ASKED,
    MAPPED,
    NOISE,
    drowned_digit,
    lesson_digit,
)
from aecore.ui.teaching.sheets import document, exercise, row

_ON_THE_FIRST_PAGE = 3
"""So many exercises stand there."""


def offer_worksheet() -> None:
    """The link to the worksheet in the visitor's language; it is made when it is clicked."""
    language, address = current_language(), lab_address_for_others()
    st.download_button(
        _("Worksheet, two pages to print"),
        data=lambda: worksheet(language, address),
        file_name=f"autoencoder_worksheet_{language}.html",
        mime="text/html",
        icon=":material/print:",
        on_click="ignore",
    )
    st.caption(_("Open the file and print it: two pages of A4, or both sides of one sheet."))


def worksheet(language: str, address: str) -> str:
    """The worksheet as an HTML file. Raises RunError or DatasetError if a file is damaged."""
    with speaking(language):
        exercises = [
            exercise(number, _(text), _to_fill_in(name))
            for number, (name, text) in enumerate(EXERCISES.items(), 1)
        ]
        first, second = exercises[:_ON_THE_FIRST_PAGE], exercises[_ON_THE_FIRST_PAGE:]
        pages = ["".join([_head(address), *first]), "".join([*second, _last_words()])]
        return document(_("Autoencoders: predict first"), pages)


def _head(address: str) -> str:
    code = (
        None
        if leads_to_this_computer_alone(address)
        else qr_code(f"{address}?language={current_language()}")
    )
    shown = picture(code, _("QR code of the link to the lab")) if code else ""
    title = escape(_("Autoencoders: predict first"))
    names = "".join(f"<span>{escape(word)} <i></i></span>" for word in (_("Names"), _("Date")))
    lead = _(
        "Write down what you expect before anybody shows it. A wrong prediction costs nothing; it "
        "is where learning begins."
    )
    return (
        f"<header><div><h1>{title}</h1>"
        f"<p class='names'>{names}</p><p>{escape(lead)}</p></div>{shown}</header>"
    )


def _to_fill_in(name: str) -> str:
    """What an exercise is about, and blanks for what one says, what it was, and why."""
    if name == "dreams":
        return _dreams()
    shown = _SHOWN[name]() if name in _SHOWN else ""
    blanks = _prediction(_blank(name)) + _truth()
    return (
        f"<div class='beside'>{shown}<div>{blanks}</div></div>" if name == "gap" else shown + blanks
    )


def _prediction(blank: str) -> str:
    words = escape(_("My prediction:"))
    return f"<p class='options'><b>{words}</b> {blank}</p>"


def _blank(name: str) -> str:
    kind = QUESTION[name].kind
    if name == "pays":
        return escape(_("tick the line above"))
    if isinstance(kind, Number):
        form = escape(_(kind.form))
        return f"<span>{form.format(number='<i class=short></i>')}</span>"
    if kind.in_order:
        return escape(_("write 1 to 5 under the pictures, 1 for the smallest loss"))
    titles = [option_title(name, option) for option in kind.options or COMPARED]
    return "".join(f"<span><u></u> {escape(title)}</span>" for title in titles)


def _truth() -> str:
    was, why = escape(_("It was:")), escape(_("I had not thought of:"))
    return f"<p class='truth'><b>{was}</b> <i></i> <b>{why}</b> <i class='long'></i></p>"


def _keeps_most() -> str:
    blank = np.zeros((28, 28), np.float32)
    return row([(lesson_digit().image, _("a test digit")), (blank, _("draw what will come back"))])


def _code() -> str:
    """The digit's code, as many bars as numbers; the largest, which is asked about, is black."""
    name = COMPARED[0]
    code = open_model(name).encode(lesson_digit().image[None])[0]
    words = _("The code of this digit in the model {model}; the largest number is black").format(
        model=model_title(name)
    )
    return _diagram(code_bars(code, words), words)


def _five_answers() -> str:
    """The answers that the question about the losses puts in order, as pages offer them."""
    answers = five_answers(lesson_digit()).items()
    return row([(image, option_title("ladder", name)) for name, image in answers], marked=True)


def _levels() -> str:
    """Who competes, over the axis of the noise's levels."""
    words = _("{level}. Networks: {networks}. Filters: {filters}.").format(
        level=level_title(NOISE),
        networks=" · ".join(map(model_title, DENOISERS)),
        filters=" · ".join(map(filter_title, FILTERS_ASKED)),
    )
    line = axis(NOISE_RANGES[NOISE].levels, 0.5, level_title(NOISE))
    return _diagram(line, words)


def _diagram(drawn: str, words: str) -> str:
    return f"<figure class='diagram'>{drawn}<figcaption>{escape(words)}</figcaption></figure>"


def _dreams() -> str:
    noisy = drowned_digit()
    answers = [
        (open_model(name).reconstruct(noisy[None])[0], model_title(name)) for name in DENOISERS
    ]
    asked = escape(
        _("Which strokes were in the picture, and which were dreamt? How could you tell?")
    )
    blank = _prediction("<span><i class=short></i></span>")
    lines = f"<p>{asked}</p><p class='lines'><i></i><i></i></p>"
    return row([(noisy, _("noise, σ = 3")), *answers]) + blank + lines


def _map() -> str:
    """The map whose gaps are asked about, as the page Learn draws it."""
    uri, _astray = map_picture(MAPPED)
    alt = _("Map of 2,000 test digits by the two numbers of {title}").format(
        title=model_title(MAPPED)
    )
    return picture(uri, alt)


def _last_words() -> str:
    words = _("One prediction of ours that was wrong, and what we know now:")
    return f"<article><h2>{escape(words)}</h2><p class='lines'><i></i><i></i><i></i></p></article>"


_SHOWN: dict[str, Callable[[], str]] = {
    "keeps_most": _keeps_most,
    "one_number": _code,
    "ladder": _five_answers,
    "pays": _levels,
    "gap": _map,
}
"""What is printed over the blanks of those exercises that are about something to be seen."""
