"""What may import what, read from the source; and what a running server has loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ROOMS = {
    "guarded": set(),
    "vocabulary": {"guarded"},  # the files directly in aecore/
    "curves": {"vocabulary"},
    "worker": {"guarded", "vocabulary", "takehome"},  # takehome: weights that a visitor brought
    "service": {"guarded", "vocabulary"},
    "maps": {"vocabulary"},
    "takehome": {"guarded", "vocabulary"},
    "plots": {"vocabulary", "takehome"},  # takehome: what a figure shows
    "ui": {"guarded", "vocabulary", "curves", "service", "maps", "takehome"},
    "pages": {"vocabulary", "ui"},  # and app.py
}
"""Each room, and which others it may import."""

SENT_TO_THE_WORKER = "aecore.service.tasks"
"""Its functions import the worker where they run: there, never in the server."""

ONLY_IN = {
    "tensorflow": {"worker"},
    "keras": {"worker"},
    "onnx": {"worker"},
    "streamlit": {"ui", "pages"},
    "streamlit_drawable_canvas": {"ui"},
    "distributed": {"service"},
    "loky": {"service"},
    "matplotlib": {"plots"},
    "fontTools": {"plots"},
}
"""Packages that only some rooms import."""


def _files() -> dict[str, Path]:
    """Every module of the lab by its dotted name."""
    files = [PROJECT / "app.py", *PROJECT.glob("pages/*.py"), *PROJECT.glob("aecore/**/*.py")]
    names = (".".join(file.relative_to(PROJECT).with_suffix("").parts) for file in files)
    return {name.removesuffix(".__init__"): file for name, file in zip(names, files, strict=True)}


FILES = _files()


def _room(module: str) -> str:
    parts = module.split(".")
    if parts[0] != "aecore":
        return "pages"
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "vocabulary"


def _imports(module: str) -> set[str]:
    """Whatever a module imports, at its head or in a function; of the lab, whole modules."""
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            name = node.module or ""
            inside = {f"{name}.{alias.name}" for alias in node.names} & set(FILES)
            found |= inside or {name}
    return found


def _of_the_lab(module: str) -> set[str]:
    """The lab's modules that a module imports."""
    return _imports(module) & set(FILES)


def test_every_folder_is_a_room() -> None:
    folders = {file.parent.name for file in PROJECT.glob("aecore/*/*.py")}
    assert folders <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_those_it_may(room: str) -> None:
    for module in FILES:
        if _room(module) == room and module != SENT_TO_THE_WORKER:
            strange = {
                name for name in _of_the_lab(module) if _room(name) not in ROOMS[room] | {room}
            }
            assert not strange, f"{module} imports {strange}"


def test_what_is_sent_to_the_worker_is_imported_there() -> None:
    tree = ast.parse(FILES[SENT_TO_THE_WORKER].read_text(encoding="utf-8"))
    at_its_head = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in at_its_head] == ["from __future__ import annotations"]
    assert _of_the_lab(SENT_TO_THE_WORKER) == {"aecore.worker.training"}


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_package_is_imported_only_where_it_belongs(package: str) -> None:
    users = {
        module
        for module in FILES
        if any(name.split(".")[0] == package for name in _imports(module))
    }
    assert users, f"nobody imports {package}: the rule has grown old"
    strange = {module for module in users if _room(module) not in ONLY_IN[package]}
    assert not strange, f"{package} is imported by {strange}"


def test_imports_go_in_no_circle() -> None:
    graph = {module: _of_the_lab(module) - {module} for module in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


def _loaded_after_importing(modules: list[str]) -> set[str]:
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())


def test_the_server_stays_free_of_the_worker_and_of_whoever_draws() -> None:
    modules = sorted(name for name in FILES if _room(name) not in ("worker", "plots", "pages"))
    assert len(modules) > 30
    loaded = _loaded_after_importing(modules)
    assert "onnxruntime" in loaded
    assert not loaded & {"tensorflow", "keras", "onnx", "sklearn", "matplotlib"}
    assert not {name for name in loaded if name.startswith("aecore.worker")}


def test_the_library_stays_free_of_streamlit() -> None:
    modules = sorted(name for name in FILES if _room(name) not in ("worker", "pages", "ui"))
    assert "streamlit" not in _loaded_after_importing(modules)


VISIT = """
import gc, sys
from streamlit.testing.v1 import AppTest
from aecore.ui.opening import obey_the_host, prepare
obey_the_host()
prepare()
print("left-to-the-collector:", len(gc.get_objects()) > gc.get_freeze_count() / 10)
test = AppTest.from_file("app.py", default_timeout=100).run()
for page in ("train", "draw", "denoise", "inside", "latent"):
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception and test.title
from aecore.datasets import load_mnist
print(*sys.modules, f"read-mnist-{load_mnist.cache_info().currsize}-times")
"""


def test_visiting_every_page_loads_no_heavy_package() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", VISIT], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = set(answer.stdout.split())
    assert {"streamlit", "onnxruntime"} <= loaded
    assert answer.stdout.startswith("left-to-the-collector: False")
    heavy = {"tensorflow", "keras", "onnx", "sklearn", "altair", "matplotlib", "pandas", "pyarrow"}
    assert not loaded & heavy
    assert "aecore.worker" not in loaded
    assert "read-mnist-1-times" in loaded  # never the 60,000 beside the few that pages show


FILE_ACCESS = {
    "open",
    "Path",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "glob",
    "mkdir",
    "unlink",
}


def _is_text(node: ast.expr) -> bool:
    """Whether an expression is a text: sentences may be joined."""
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "_"
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _is_optional(node: ast.BinOp | ast.AugAssign) -> bool:
    """Whether an expression is a type that may be missing: `Digit | None`."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitOr)
        and isinstance(node.right, ast.Constant)
        and node.right.value is None
    )


def _faults(source: str) -> list[str]:
    """What a page does that belongs elsewhere: arithmetic, and files."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.BinOp | ast.AugAssign)
            and not _is_optional(node)
            and not (isinstance(node, ast.BinOp) and _is_text(node))
        ) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert)):
            found.append(f"arithmetic: {ast.unparse(node)}")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            heads = {name.split(".")[0] for name in names}
            if heads & {"numpy", "math", "statistics", "os", "io", "pathlib", "json"}:
                found.append(f"import: {ast.unparse(node)}")
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in FILE_ACCESS | {"sum", "round", "abs", "divmod", "pow"}:
                found.append(f"call: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("page", sorted((PROJECT / "pages").glob("*.py")), ids=lambda p: p.stem)
def test_pages_hold_no_files_and_no_arithmetic(page: Path) -> None:
    assert _faults(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "a = b * 2",
        "a += 1",
        "a = -b",
        "f(x / y)",
        "import numpy as np",
        "from pathlib import Path",
        "open('file')",
        "folder.read_text()",
        "total = sum(values)",
    ],
)
def test_a_page_that_did_either_would_be_noticed(source: str) -> None:
    assert _faults(source)


@pytest.mark.parametrize(
    "source", ["a = 'x' + y", "a = _('x') + ' ' + y", "from aecore.ui import a"]
)
def test_a_page_may_join_sentences(source: str) -> None:
    assert _faults(source) == []
