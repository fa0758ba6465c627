"""Collect the visitors' sentences, merge them into the catalogues, compile: `make messages`."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).parents[1]
LOCALE = PROJECT / "aecore" / "locale"
LANGUAGES = ("zh",)
_SOURCES = ("app.py", "pages/**.py", "aecore/**.py")


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "lab.po"


def collect() -> Catalog:
    """Every sentence marked with `_`, `N_` or `ngettext` in the app, its pages and the library."""
    catalogue = Catalog(charset="utf-8")
    found = extract_from_dir(
        PROJECT,
        method_map=[(source, "python") for source in _SOURCES],
        keywords={"_": None, "N_": None, "ngettext": (1, 2)},
        directory_filter=lambda folder: not Path(folder).name.startswith("."),
    )
    for file, _line, message, _comments, _context in sorted(found, key=lambda item: item[:2]):
        catalogue.add(message, locations=[(file, 0)])
    return catalogue


def read(language: str) -> Catalog:
    """The catalogue of a language as it is on disk."""
    with po_file(language).open("rb") as handle:
        return read_po(handle, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def written(catalogue: Catalog) -> bytes:
    """The catalogue as its file: headed by the lab's name, not by Babel's blanks to be filled.

    Its dates are those of its beginning: one that moved with every run would be a change in every
    commit, and say nothing that Git does not.
    """
    catalogue.header_comment = (
        f"# The lab's sentences, locale {catalogue.locale}. `make messages` collects the English "
        "ones;\n# whoever adds a sentence writes its translation here."
    )
    catalogue.project, catalogue.version = "Autoencoder Lab", "1"
    catalogue.last_translator = catalogue.language_team = "Autoencoder Lab"
    catalogue.msgid_bugs_address = ""
    catalogue.revision_date = catalogue.creation_date
    catalogue.fuzzy = False
    buffer = io.BytesIO()
    write_po(buffer, catalogue, sort_output=True, include_lineno=False)
    return buffer.getvalue()


def update(language: str) -> None:
    """Merge new sentences into a language's catalogue and compile it."""
    file = po_file(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    catalogue = read(language) if file.exists() else Catalog(locale=language, charset="utf-8")
    catalogue.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    file.write_bytes(written(catalogue))
    file.with_suffix(".mo").write_bytes(compiled(read(language)))


if __name__ == "__main__":
    for language in LANGUAGES:
        update(language)
