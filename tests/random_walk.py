"""A visitor who follows random links: `python -m tests.random_walk 1000 [seed]`.

Every link holds a few fields of the visit at random: values that are allowed, values just outside
of what is allowed, and rubbish. Wherever it leads, there is a page without a traceback; what was
allowed is taken over, and what was not is named.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import streamlit as st
from streamlit.testing.v1 import AppTest

from aecore.filters import FILTERS
from aecore.settings import Span
from aecore.shipped import SHIPPED
from aecore.sketch import Stroke, pack
from aecore.ui.parts import PART_NAMES
from aecore.ui.routes import PAGES
from aecore.ui.state import IN_URL, Domain, Visit, parsed, written
from tests.conftest import PROJECT, forget_the_service

_MODELS = (*SHIPPED, "pca", "0123456789abcdef", "no_such_model")
_SKETCH = pack([Stroke(18, ((60, 40), (200, 40), (120, 220)))])
_RUBBISH = (
    *("", " ", "nan", "inf", "1e309", "-1", "0x10", "１２", "9" * 30, "a" * 5_000, "None", ","),
    *("<script>", "../../etc/passwd", "plain,plain", "true", "1.5.2", "%", "\x00", "--", "雪"),
)
_PAGES_CHOOSE = {"models", "map_model", "inside_model"}
"""Pages take another model when the one asked for is not there."""


@dataclass
class Link:
    """A page, what its address says, the values that should be taken over, and the refused."""

    page: str
    query: dict[str, str] = field(default_factory=dict)
    taken: dict[str, object] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


def links(seed: int) -> Iterator[Link]:
    """Links at random, for ever the same ones from the same seed."""
    chance = random.Random(seed)  # noqa: S311
    while True:
        link, meant = Link(chance.choice(list(PAGES))), Visit()
        for name in IN_URL:
            if chance.random() < 0.25:
                text = _text(name, meant.domain(name), chance)
                link.query[name] = text
                try:
                    link.taken[name] = parsed(text, meant.domain(name))
                    setattr(meant, name, link.taken[name])
                except ValueError:
                    link.refused.add(name)
        yield link


def _text(name: str, domain: Domain, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.7:
        return written(allowed(name, domain, chance))
    return chance.choice(_RUBBISH) if kind < 0.85 else _just_outside(domain, chance)


def allowed(name: str, domain: Domain, chance: random.Random) -> object:
    """A value at random that the field `name` may hold."""
    if isinstance(domain, tuple):
        return chance.choice(domain)
    if isinstance(domain, Span):
        steps = round((domain.highest - domain.lowest) / domain.step)
        at = chance.choice((0, steps, chance.randint(0, steps)))
        value = domain.lowest + at * domain.step
        return value if domain.whole else round(value, 6)
    if name == "sketch":
        return _SKETCH
    if name in ("filters", "only"):
        some = {"filters": FILTERS, "only": PART_NAMES}[name]
        return tuple(each for each in some if chance.random() < 0.5)
    if name in ("models", "compared"):
        return tuple(chance.sample(_MODELS, chance.randint(1, 5)))
    return chance.choice(_MODELS)


def _just_outside(domain: Domain, chance: random.Random) -> str:
    if isinstance(domain, Span):
        beyond = (domain.lowest - domain.step, domain.highest + domain.step, domain.highest + 1e-6)
        return written(chance.choice(beyond))
    if isinstance(domain, tuple):
        value = chance.choice(domain)
        return written(value + 1) if isinstance(value, int | float) else f"{value}s"
    return _SKETCH[:-1]


def walk(count: int, seed: int) -> list[str]:
    """Follow `count` links; what went wrong, in words, with the link it happened at."""
    faults = []
    for link in islice(links(seed), count):
        faults += [f"{fault}, after {link}"[:1_000] for fault in _follow(link)]
    return faults


def _follow(link: Link) -> Iterator[str]:
    visitor = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120)
    visitor.query_params.update(link.query)
    visitor.switch_page(f"pages/{link.page}.py").run()
    for exception in visitor.exception:
        yield f"{exception.message} {''.join(exception.stack_trace[-2:])}"
    words = next((each.value for each in visitor.warning if "does not know" in each.value), "()")
    named = set(words[words.index("(") + 1 : words.index(")")].split(", ")) - {""}
    if "language" not in link.taken and named != link.refused:
        yield f"named {named} as refused"
    chosen: Visit = visitor.session_state["visit"]
    for name, value in link.taken.items():
        if name not in _PAGES_CHOOSE and getattr(chosen, name) != value:
            yield f"{name} became {getattr(chosen, name)!r}"


def with_own_runs(count: int, seed: int, runs: Path) -> list[str]:
    """`walk` with an empty folder of runs, and without a process that waits for trainings."""
    with (
        patch.dict("os.environ", AELAB_RUNS=str(runs)),
        patch("aecore.service.trainer.Trainer.warm_up"),
    ):
        forget_the_service()
        st.cache_resource.clear()
        try:
            return walk(count, seed)
        finally:
            forget_the_service()
            st.cache_resource.clear()


if __name__ == "__main__":
    wanted = [int(text) for text in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        found = with_own_runs(*(wanted + [1_000, 0][len(wanted) :]), runs=Path(folder))
    sys.stdout.write("\n".join([*found, f"{len(found)} faults\n"]))
    sys.exit(bool(found))
