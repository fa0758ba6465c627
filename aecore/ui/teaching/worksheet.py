"""The worksheet of the lesson: two pages to print, with the predictions as blanks.

It is one HTML file without anything beside it, so that it prints the same wherever it is opened,
with the glyphs of the reader's language. Digits are black on white: that saves the school's ink.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from aecore.datasets import Floats, to_float
from aecore.noise import add_noise
from aecore.shipped import shipped_title
from aecore.takehome.script import Translate
from aecore.ui.digits import ChosenDigit
from aecore.ui.figures import digit_figure, picture
from aecore.ui.language import _, current_language, translator
from aecore.ui.learn.measured import five_answers
from aecore.ui.models import mnist, open_model
from aecore.ui.questions import QUESTION, Choice, Number
from aecore.ui.share.links import lab_address, leads_to_this_computer_alone, qr_code

_STYLE = Path(__file__).parent / "worksheet.css"

_THE_TWO = ("plain", "deep")
"""The models on the lesson's first stage."""

_LESSON_DIGIT, _DREAMT_DIGIT = 0, 1
"""The test images that the lesson's links look at."""

_SIGMA = 3.0


def offer_worksheet() -> None:
    """The link to the worksheet in the visitor's language; it is made when it is clicked."""
    translate, language, address = translator(), current_language(), lab_address()
    st.download_button(
        _("Worksheet, two pages to print"),
        data=lambda: worksheet(translate, language, address),
        file_name=f"autoencoder_worksheet_{language}.html",
        mime="text/html",
        icon=":material/print:",
        on_click="ignore",
    )
    st.caption(_("Open the file and print it: two pages of A4, or both sides of one sheet."))


def worksheet(_: Translate, language: str, address: str) -> str:
    """The worksheet as an HTML file. Raises RunError or DatasetError if a file is damaged."""
    first = [
        _head(_, address),
        _exercise(_, 1, "keeps_most", _row([(_digit(), _("a test digit")), _blank(_)])),
        _exercise(_, 2, "one_number", ""),
        _exercise(_, 3, "ladder", _row(_five_answers(_), marked=True)),
    ]
    second = [
        _exercise(_, 4, "pays", ""),
        _dreams(_, 5),
        _exercise(_, 6, "gap", ""),
        _exercise(_, 7, "duel", ""),
        _last_words(_),
    ]
    pages = "".join(f"<section>{''.join(parts)}</section>" for parts in (first, second))
    title, print_it = escape(_("Autoencoders: predict first")), escape(_("Print"))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head><body>"
        f'<button onclick="print()">{print_it}</button>{pages}</body></html>'
    )


def _head(_: Translate, address: str) -> str:
    code = None if leads_to_this_computer_alone(address) else qr_code(address)
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


def _exercise(_: Translate, number: int, name: str, shown: str) -> str:
    """A question of the table with blanks for what one says, what it was, and why."""
    question = QUESTION[name]
    return _block(number, _(question.text), shown + _prediction(_, name) + _truth(_))


def _block(number: int, text: str, body: str) -> str:
    return f"<article><h2><b>{number}</b> {escape(text)}</h2>{body}</article>"


def _prediction(_: Translate, name: str) -> str:
    kind = QUESTION[name].kind
    mine = _my_prediction(_)
    if isinstance(kind, Number):
        blank = escape(_(kind.form)).format(number="<i class=short></i>")
        return f"<p>{mine}{blank}</p>"
    if kind.in_order:
        order = _("write 1 to 5 under the pictures, 1 for the smallest loss")
        return f"<p>{mine}{escape(order)}</p>"
    titles = [_(title) for title in _options(name).values()]
    boxes = "".join(f"<span><u></u> {escape(title)}</span>" for title in titles)
    return f"<p class='options'>{mine}{boxes}</p>"


def _my_prediction(_: Translate) -> str:
    words = _("My prediction:")
    return f"<b>{escape(words)}</b> "


def _options(name: str) -> Mapping[str, str]:
    """The options of a choice; where the page offers what it shows, the lesson's two models."""
    kind = QUESTION[name].kind
    options = kind.options if isinstance(kind, Choice) else {}
    return options or {name: shipped_title(name) for name in _THE_TWO}


def _truth(_: Translate) -> str:
    was, why = escape(_("It was:")), escape(_("I had not thought of:"))
    return f"<p class='truth'><b>{was}</b> <i></i> <b>{why}</b> <i class='long'></i></p>"


def _dreams(_: Translate, number: int) -> str:
    noisy = add_noise(_digit(_DREAMT_DIGIT)[None], "gaussian", _SIGMA, seed=0)
    answers = [
        (open_model(name).reconstruct(noisy)[0], _(shipped_title(name)))
        for name in ("denoise", "denoise_any")
    ]
    shown = _row([(noisy[0], _("noise, σ = 3")), *answers])
    text = _("The same noisy digit, answered by two networks. Which digit was it?")
    asked = escape(
        _("Which strokes were in the picture, and which were dreamt? How could you tell?")
    )
    mine = f"<p>{_my_prediction(_)} <i class=short></i></p>"
    return _block(number, text, f"{shown}{mine}<p>{asked}</p><p class='lines'><i></i><i></i></p>")


def _last_words(_: Translate) -> str:
    words = _("One prediction of ours that was wrong, and what we know now:")
    return f"<article><h2>{escape(words)}</h2><p class='lines'><i></i><i></i><i></i></p></article>"


def _digit(index: int = _LESSON_DIGIT) -> Floats:
    return to_float(mnist().test_images[index])


def _blank(_: Translate) -> tuple[Floats, str]:
    return np.zeros((28, 28), np.float32), _("draw what will come back")


def _five_answers(_: Translate) -> list[tuple[Floats, str]]:
    """The answers that the question about the losses puts in order, as pages offer them."""
    answers = five_answers(ChosenDigit(_digit(), None, ""))
    titles = _options("ladder")
    return [(image, _(titles[name])) for name, image in answers.items()]


def _row(shown: list[tuple[Floats, str]], *, marked: bool = False) -> str:
    """Pictures black on white over their captions; `marked` ones have room for a number."""
    figures = "".join(digit_figure(1 - image, caption, caption) for image, caption in shown)
    return f"<div class='{'row marked' if marked else 'row'}'>{figures}</div>"
