"""The lab's JavaScript on its way to the browser.

Its files are modules that import each other, as an editor and a reader expect. Streamlit sends a
component's source anew with every message, and the browser makes a blob of it, in which
`import "./other.js"` leads nowhere. So that source is a few lines that fetch a script from this
server, by an address that changes with its content, so that a browser keeps what it has. And the
script is the component's modules joined: a browser that was never here gets one file instead of
thirteen for a live strip, which then answers a quarter of a second earlier.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TypedDict

_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"(\.[^"]+)";\n', re.MULTILINE)
_COMPONENT = re.compile(r"^export default ", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE
)

_SOURCE = """\
const address = new URL("%s", document.baseURI);
let fetched;
while (!fetched) {
  try {
    fetched = await import(address);
  } catch { // no connection: a browser remembers that, and would not ask there again
    await new Promise((rested) => setTimeout(rested, 1000));
    address.search = Date.now();
  }
}
const latest = new WeakMap(); // what was last shown in each place on a page
export default (given) => {
  const place = given.parentElement;
  const close = fetched.default(given);
  latest.set(place, close);
  // News that came before the script did are all shown when it is there, and all but the last are
  // closed then; but a place is one part, and goes with the page.
  return () => latest.get(place) === close && close?.();
};
"""


def script(file: Path) -> str:
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


def module(file: Path) -> str:
    """The source of a component whose script is `file`."""
    return _SOURCE % address(file)


def address(file: Path) -> str:
    """Where `script(file)` is served, counted from where the lab's site begins.

    Streamlit's pages lie directly there, so that it leads to the script from each of them.
    """
    return _served(file)[0]


def scripts() -> dict[str, bytes]:
    """The script of every component of the lab by its address."""
    return dict(
        _served(file)
        for file in Path(__file__).parent.rglob("*.js")
        if _COMPONENT.search(file.read_text(encoding="utf-8"))
    )


def _served(file: Path) -> tuple[str, bytes]:
    """The address of a script, and its content, which decides it."""
    content = script(file).encode()
    version = hashlib.sha256(content).hexdigest()[:8]
    return f"static/lab/{file.stem}.{version}.js", content


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
