"""`docs/architecture.md` tells the truth: its example runs, and the places it names exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PAGE = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_example_trains_and_opens_a_model() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    answer = subprocess.run(
        [sys.executable, "-c", example], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    *shapes, error = re.findall(r"\(.*?\)|[\d.]+$", answer.stdout.strip())
    assert shapes == ["(100, 32)", "(100, 28, 28)"]
    assert 0 < float(error) < 0.0675  # better than the mean image


def test_every_place_it_names_exists() -> None:
    named = re.findall(r"`((?:aecore|pages|tests|docs|pretrained)/[\w./]*)`", PAGE)
    assert len(named) > 8
    for place in named:
        assert (PROJECT / place).exists(), place
