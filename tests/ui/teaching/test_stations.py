"""Stations, links, worksheet and answers belong together, one to one."""

from __future__ import annotations

import gettext
import re
from functools import cache
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from aecore.ui.language import LOCALE_FOLDER, speaking
from aecore.ui.predictions import written_answer
from aecore.ui.questions import QUESTION, Prediction
from aecore.ui.routes import PAGES
from aecore.ui.state import Visit
from aecore.ui.teaching.answers import Solved, solved_exercises
from aecore.ui.teaching.exercises import (
    COMPARED,
    DENOISERS,
    DREAMT_DIGIT,
    EXERCISES,
    FILTERS_ASKED,
    LESSON_DIGIT,
)
from aecore.ui.teaching.lesson import LESSONS
from tests.conftest import PROJECT

QUOTED = {"en": 'question {number}: "{text}"', "zh": "第 {number} 题：“{text}”"}
"""How a station names the question that it asks."""

LOOKED_AT = {
    "keeps_most": {"digit": str(LESSON_DIGIT), "models": ",".join(COMPARED)},
    "one_number": {"digit": str(LESSON_DIGIT)},
    "ladder": {"digit": str(LESSON_DIGIT)},
    "pays": {"models": ",".join(DENOISERS), "filters": ",".join(FILTERS_ASKED)},
    "dreams": {"digit": str(DREAMT_DIGIT)},
}
"""What a station's links must say, so that the page shows what the worksheet prints."""


def stations(language: str) -> list[str]:
    """The lesson's stations that have a question, in their order."""
    text = LESSONS[language].read_text(encoding="utf-8")
    parts = re.findall(r"^### .*?(?=^##)", text, flags=re.MULTILINE | re.DOTALL)
    return [part for part in parts if QUOTED[language].split("{")[0] in part]


def links(station: str) -> list[str]:
    return re.findall(r"\]\((http[^)]+)\)", station)


@cache
def solved() -> dict[str, Solved]:
    with speaking("en"):
        return dict(zip(EXERCISES, solved_exercises(), strict=True))


@pytest.mark.parametrize("language", LESSONS)
def test_every_question_of_the_worksheet_has_its_station(language: str) -> None:
    words = gettext.translation("lab", LOCALE_FOLDER, languages=[language], fallback=True).gettext
    quoted = [
        QUOTED[language].format(number=number, text=words(text))
        for number, text in enumerate(EXERCISES.values(), 1)
    ]
    found = stations(language)
    assert len(found) == len(quoted)
    assert [each for each, station in zip(quoted, found, strict=True) if each not in station] == []


@pytest.mark.parametrize(("name", "number"), [(name, i) for i, name in enumerate(EXERCISES)])
def test_a_stations_link_shows_what_its_question_asks_about(name: str, number: int) -> None:
    """The page asks the question, and its answer is the one on the teacher's sheet."""
    seen = []
    for link in links(stations("en")[number]):
        query = dict(parse_qsl(urlsplit(link).query))
        assert LOOKED_AT.get(name, {}).items() <= query.items() | {"digit": "0"}.items()
        test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        test.session_state["visit"] = Visit(predictions={name: Prediction(None)})
        test.query_params.update(query)
        page = urlsplit(link).path.strip("/") or next(iter(PAGES))
        test.switch_page(f"pages/{page}.py").run()
        assert not test.exception
        seen.append(test)
    if name == "dreams":
        answers = [markup.value for test in seen for markup in test.get("html")]
        assert any("Denoising, any σ" in markup for markup in answers)
        return
    found = [test.session_state["visit"].predictions[name].was for test in seen]
    answers = [written_answer(QUESTION[name].kind, was) for was in found if was is not None]
    assert answers == [solved()[name].answer.split(" · ")[0]]
