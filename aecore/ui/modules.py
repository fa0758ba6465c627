"""JavaScript modules joined to the one text that a Streamlit component may be made of.

Streamlit hands a component's source to the browser as a blob, in which `import "./other.js"` leads
nowhere; only components of an installed package are served as files. So the files are modules that
import each other, as an editor and a reader expect, and this joins them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypedDict

_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE
)


def module(file: Path) -> str:
    """`file` with everything it imports, directly or not, each file once and before its users.

    Imports are written `import { a, b } from "./other.js";`, without renaming; all the files share
    one scope, so a name may be declared at the top of one file only: raises ValueError if two do.
    What `file` itself exports stays exported.
    """
    texts: dict[Path, str] = {}
    _collect(file.resolve(), texts)
    homes: dict[str, Path] = {}
    for each, text in texts.items():
        for name in _DECLARED.findall(text):
            if homes.setdefault(name, each) != each:
                raise ValueError(f"{name} is declared in {homes[name].name} and {each.name}")
    *imported, own = texts.values()
    return "\n".join([*(_EXPORT.sub("", text) for text in imported), own])


class View(TypedDict):
    """What a component is made of."""

    html: str
    css: str
    js: str


def view(folder: Path, name: str) -> View:
    """A component that has its HTML, style and script in files of one name."""
    return {
        "html": (folder / f"{name}.html").read_text(encoding="utf-8"),
        "css": (folder / f"{name}.css").read_text(encoding="utf-8"),
        "js": module(folder / f"{name}.js"),
    }


def _collect(file: Path, texts: dict[Path, str]) -> None:
    if file in texts:
        return
    text = file.read_text(encoding="utf-8")
    for found in _IMPORT.finditer(text):
        _collect((file.parent / found[1]).resolve(), texts)
    texts[file] = _IMPORT.sub("", text)
