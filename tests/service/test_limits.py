"""What one server allows, as its environment says."""

from __future__ import annotations

from dataclasses import fields

import pytest

from aecore.service.limits import ConfigurationError, Limits
from tests.conftest import PROJECT


def test_without_an_environment_the_defaults_hold() -> None:
    assert Limits.from_environment({}) == Limits()


def test_every_limit_is_set_by_its_variable() -> None:
    names = [field.name for field in fields(Limits)]
    chosen = {f"AELAB_{name.upper()}": str(number) for number, name in enumerate(names)}
    limits = Limits.from_environment(chosen | {"AELAB_RUNS": "elsewhere", "HOME": "/"})
    assert [getattr(limits, name) for name in names] == list(range(len(names)))


@pytest.mark.parametrize("text", ["", "ten", "-1", "1.5", "1e3", " 7", "٣", "0x10"])
def test_anything_but_a_whole_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigurationError, match="AELAB_QUEUE_LENGTH"):
        Limits.from_environment({"AELAB_QUEUE_LENGTH": text})


def test_the_documentation_names_every_limit_and_its_default() -> None:
    page = (PROJECT / "docs" / "scaling.md").read_text(encoding="utf-8")
    for field in fields(Limits):
        assert f"| `AELAB_{field.name.upper()}` | {field.default} |" in page
