"""Teaching: a lesson of 45 minutes, its worksheet and answers; the Share dialog leads here."""

from aecore.ui.language import _
from aecore.ui.page import page_heading, say_if_broken
from aecore.ui.teaching.answer_sheet import offer_answers
from aecore.ui.teaching.lesson import show_lesson
from aecore.ui.teaching.worksheet import offer_worksheet

page_heading(
    _("A lesson of 45 minutes"),
    _(
        "For a class with one projector, and a phone or a laptop for each two students. Every "
        "link below opens the page as the lesson needs it."
    ),
)

with say_if_broken():
    offer_worksheet()
    offer_answers()
    show_lesson()
