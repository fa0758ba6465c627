"""What the lesson says of the shipped models is so: tried with them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from aecore.metrics import mse
from aecore.ui.drawings import draw_again
from aecore.ui.models import open_model, spec_of
from aecore.ui.reader import read
from aecore.ui.teaching.lesson import LESSONS


@pytest.mark.parametrize("language", LESSONS)
def test_a_letter_stays_a_letter_unless_the_code_is_two_numbers(language: str) -> None:
    """The row of the table that hands the networks an H says which digits become of it."""
    text = LESSONS[language].read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if "sketch=" in line)
    linked = next(link for link in re.findall(r"\((http[^)]+)\)", row) if "sketch=" in link)
    query = parse_qs(urlsplit(linked).query)
    drawn = draw_again(query["sketch"][0]).preparation
    assert drawn is not None
    images = drawn.image[None]
    names = query["models"][0].split(",")
    answers = {name: open_model(name).reconstruct(images) for name in names}
    flat = [name for name in names if spec_of(name).code_size == 2]
    said = re.findall(r"\b\d\b", row.rpartition("H")[2])
    assert [str(read(answers[name])[0]) for name in flat] == said
    assert len(said) == 3
    for name in set(names) - set(flat):
        as_digits = [mse(answers[name], answers[other]) for other in flat]
        assert mse(images, answers[name]) < np.min(as_digits) / 3
