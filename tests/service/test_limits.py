"""What one server allows, as its environment says."""

from __future__ import annotations

from dataclasses import Field, fields

import pytest

from aecore.service.limits import Limits
from tests.conftest import PROJECT

_MAY_BE_NONE = {"trainings_an_hour", "browser_trainings_an_hour", "queue_length", "idle_seconds"}


def test_without_an_environment_the_defaults_hold() -> None:
    assert Limits.from_environment({}) == Limits()


def test_every_limit_is_set_by_its_variable(caplog: pytest.LogCaptureFixture) -> None:
    names = [field.name for field in fields(Limits)]
    chosen = {f"AELAB_{name.upper()}": str(100 + at) for at, name in enumerate(names)}
    limits = Limits.from_environment(chosen | {"AELAB_RUNS": "elsewhere", "HOME": "/"})
    assert [getattr(limits, name) for name in names] == list(range(100, 100 + len(names)))
    assert not caplog.records


@pytest.mark.parametrize("text", ["ten", "-1", "1.5", "1e3", " 7", "٣", "0x10", "9" * 5_000])
def test_anything_but_a_whole_number_is_refused_by_name(
    caplog: pytest.LogCaptureFixture, text: str
) -> None:
    limits = Limits.from_environment({"AELAB_QUEUE_LENGTH": text})
    assert limits == Limits()
    (line,) = caplog.messages
    assert line.startswith("AELAB_QUEUE_LENGTH must be a whole number from 0")
    assert line.endswith("the lab takes 30")
    assert len(line) < 150


def test_an_empty_variable_is_as_good_as_unset(caplog: pytest.LogCaptureFixture) -> None:
    assert Limits.from_environment({"AELAB_QUEUE_LENGTH": ""}) == Limits()
    assert not caplog.records


@pytest.mark.parametrize("field", fields(Limits), ids=lambda field: field.name)
def test_a_limit_that_the_lab_cannot_work_with_gives_way_to_the_nearest_one(
    caplog: pytest.LogCaptureFixture, field: Field[int]
) -> None:
    variable = f"AELAB_{field.name.upper()}"
    least = getattr(Limits.from_environment({variable: "0"}), field.name)
    assert (least == 0) == (field.name in _MAY_BE_NONE)
    assert least < field.default
    assert len(caplog.records) == (least > 0)
    most = getattr(Limits.from_environment({variable: "9" * 20}), field.name)
    assert field.default < most == float(most)
    assert caplog.messages[-1].endswith(f"not '{'9' * 20}': the lab takes {most}")


def test_a_worker_may_be_silent_while_it_loads_tensorflow(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert Limits.from_environment({"AELAB_HANG_SECONDS": "1"}).hang_seconds == 10
    assert "AELAB_HANG_SECONDS" in caplog.text


def test_the_documentation_names_every_limit_and_its_default() -> None:
    page = (PROJECT / "docs" / "scaling.md").read_text(encoding="utf-8")
    for field in fields(Limits):
        assert f"| `AELAB_{field.name.upper()}` | {field.default} |" in page
