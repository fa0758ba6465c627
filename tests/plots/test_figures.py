"""Figures are drawn for real, by the process that draws them, and opened again."""

from __future__ import annotations

import base64
import io
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image
from pypdf import PdfReader

from aecore.metrics import MEAN_IMAGE_BCE
from aecore.plots import fonts
from aecore.plots.__main__ import answer
from aecore.plots.curves import draw_curves
from aecore.runs import Epoch
from aecore.takehome.figures import (
    Curve,
    Curves,
    DigitRows,
    DrawingError,
    Figure,
    Illustrator,
    Map,
    Maps,
    Row,
)
from aecore.ui.takehome.run_figures import losses

NAMES = ("digits", "curves", "maps", "stripes")


def figures() -> dict[str, Figure]:
    """One of each kind, small, and ten digits that are stripes of black and white."""
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (10, 28, 28), np.uint8)
    places = random.standard_normal((500, 2)).astype(np.float32)
    stripes = np.zeros((10, 28, 28), np.uint8)
    stripes[:, ::2] = 255
    colours = [f"#{16 * digit:02x}8080" for digit in range(10)]
    return {
        "digits": DigitRows([Row("test digits", images), Row("epoch 1", 255 - images, "0.1234")]),
        "curves": Curves(
            "σ of the noise",
            "PSNR in dB",
            [
                Curve("Plain", [0, 1, 2], [20, 12, 9], "#2f80c9", 9, diamond=(1, 12)),
                Curve("Median", [0, 1, 2], [22, 11, 8], "#7b8089", 7, dash=(9, 4)),
            ],
            rules=[(10, "mean image")],
            note="A diamond.",
        ),
        "maps": Maps(
            [Map(title, places, (-3, -3, 3, 3)) for title in ("Deep", "PCA")],
            np.arange(500, dtype=np.uint8) % 10,
            colours,
            "digit",
        ),
        "stripes": DigitRows([Row("stripes", stripes)]),
    }


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return Illustrator(patience=300).draw(figures())


def test_every_figure_comes_in_every_format(drawn: dict[str, bytes]) -> None:
    assert set(drawn) == {f"{name}.{form}" for name in NAMES for form in ("pdf", "svg", "png")}


def _fonts(pdf: PdfReader) -> list[dict[str, object]]:
    [page] = pdf.pages
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


@pytest.mark.parametrize("name", NAMES)
def test_a_pdf_has_one_page_that_fits_a_paper_and_carries_its_letters(
    name: str, drawn: dict[str, bytes]
) -> None:
    pdf = PdfReader(io.BytesIO(drawn[f"{name}.pdf"]))
    [page] = pdf.pages
    assert 72 * 4 < page.mediabox.width < 72 * 8
    found = _fonts(pdf)
    assert found
    for font in found:
        [inner] = font["/DescendantFonts"]
        assert inner.get_object()["/Subtype"] == "/CIDFontType2"
        assert len(inner.get_object()["/FontDescriptor"]["/FontFile2"].get_data()) > 1_000
    text = page.extract_text()
    assert {"digits": "epoch 1", "curves": "Median", "maps": "PCA", "stripes": "stripes"}[
        name
    ] in text


@pytest.mark.parametrize("name", NAMES)
def test_a_png_has_300_dots_to_the_inch(name: str, drawn: dict[str, bytes]) -> None:
    image = Image.open(io.BytesIO(drawn[f"{name}.png"]))
    assert [round(dots) for dots in image.info["dpi"]] == [300, 300]
    assert 4 * 300 < image.width < 8 * 300
    assert np.asarray(image.convert("L")).std() > 10


@pytest.mark.parametrize("name", NAMES)
def test_an_svg_is_xml_and_needs_no_font(name: str, drawn: dict[str, bytes]) -> None:
    root = ET.fromstring(drawn[f"{name}.svg"])  # noqa: S314 - we wrote it
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert tags[0] == "svg"
    assert tags.count("path") > 5
    assert "text" not in tags


def test_pixels_of_digits_stay_squares(drawn: dict[str, bytes]) -> None:
    """Stripes of black and white are not smoothed to grey."""
    greys = np.asarray(Image.open(io.BytesIO(drawn["stripes.png"])).convert("L"))
    assert np.isin(greys, (0, 255)).mean() > 0.97


def test_the_same_figure_makes_the_same_files(drawn: dict[str, bytes]) -> None:
    again = Illustrator(patience=300).draw({"curves": figures()["curves"]})
    assert all(drawn[name] == content for name, content in again.items())


def test_a_level_lies_across_the_chart_and_a_single_epoch_is_a_dot_at_it() -> None:
    many = Curve("A", list(range(1, 51)), [1 / n for n in range(1, 51)], "#2f80c9", 0)
    one = Curve("B", [1], [0.5], "#7b8089", 0.5)
    level = Curve("C", [1], [0.2], "#c9802f", 0.2, dash=(6, 3), level=True)
    [axes] = draw_curves(Curves("epoch", "loss", [many, one, level], whole_x=True)).axes
    drawn_many, drawn_one, drawn_level = axes.lines
    assert drawn_many.get_markersize() == 0
    assert drawn_one.get_markersize() > 0
    ends = axes.transAxes.inverted().transform(
        drawn_level.get_transform().transform([(0, 0.2), (1, 0.2)])
    )
    assert ends[:, 0] == pytest.approx([0, 1])
    [alone] = draw_curves(Curves("epoch", "loss", [one, level], whole_x=True)).axes
    assert [tick for tick in alone.get_xticks() if tick != int(tick)] == []
    [undated] = draw_curves(Curves("epoch", "loss", [level], whole_x=True)).axes
    assert len(undated.get_xticks()) == 0


@pytest.mark.parametrize(
    "first", [0.25, 0.7, 1.9]
)  # the least that a training begins with, and more
def test_names_at_the_end_of_loss_curves_do_not_lie_over_each_other(first: float) -> None:
    kept = np.zeros((10, 28, 28), np.uint8), np.zeros((200, 2), np.float16)
    for last in (0.09, MEAN_IMAGE_BCE - 0.001):
        epochs = [
            Epoch(number, loss, loss - 0.0004, 1.0, *kept)
            for number, loss in enumerate((first, last + 0.01, last), 1)
        ]
        figure = draw_curves(losses(epochs))
        figure.draw_without_rendering()
        [axes] = figure.axes
        boxes = {text.get_text(): Text.get_window_extent(text) for text in axes.texts}
        for one, other in combinations(boxes, 2):
            assert not Bbox.intersection(boxes[one], boxes[other]), (one, other, last)


CHINESE = "测试数字"


def _make_font(file: Path, family: str, *, truetype: bool) -> None:
    """A font that can write CHINESE, every letter a square."""
    names = [".notdef", *(f"u{ord(letter):x}" for letter in CHINESE)]
    builder = FontBuilder(1000, isTTF=truetype)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): f"u{ord(letter):x}" for letter in CHINESE})
    pens = {name: TTGlyphPen(None) if truetype else T2CharStringPen(900, None) for name in names}
    for pen in pens.values():
        pen.moveTo((100, 0))
        for corner in ((100, 800), (800, 800), (800, 0)):
            pen.lineTo(corner)
        pen.closePath()
    if truetype:
        builder.setupGlyf({name: pen.glyph() for name, pen in pens.items()})
    else:
        charstrings = {name: pen.getCharString() for name, pen in pens.items()}
        builder.setupCFF("Hei", {}, charstrings, {})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 100)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": "Hei"})
    builder.setupOS2(usWeightClass=400)
    builder.setupPost()
    builder.save(file)


@pytest.mark.parametrize("kind", ["/Type0", "/Type3"])
def test_chinese_labels_are_written_with_a_font_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    file, family = tmp_path / "hei.otf", f"Hei {kind}"
    _make_font(file, family, truetype=kind == "/Type0")
    monkeypatch.setattr(fonts, "_CHINESE", (family,))
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(file)])
    assert answer({"text": f"σ = 3, {CHINESE}"}) == {"complete": True}
    label = {"label": CHINESE, "images": np.zeros((10, 28, 28), np.uint8).tolist()}
    wish = {"figures": {"d": {"kind": "DigitRows", "rows": [label]}}, "formats": ["pdf"]}
    pdf = PdfReader(io.BytesIO(base64.b64decode(answer(wish)["d.pdf"])))
    assert CHINESE in pdf.pages[0].extract_text()
    assert kind in [font["/Subtype"] for font in _fonts(pdf)]


def test_a_machine_without_chinese_letters_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_CHINESE", ("No Such Font",))
    assert answer({"text": CHINESE}) == {"complete": False}
    assert answer({"text": "σ = 3, 28 × 28"}) == {"complete": True}


def test_whoever_draws_too_slowly_or_fails_is_given_up() -> None:
    with pytest.raises(DrawingError, match="timed out"):
        Illustrator(patience=0.01).draw(figures())
    broken = DigitRows([Row("no digits", np.zeros((1, 3), np.uint8))])
    with pytest.raises(DrawingError, match="Error"):
        Illustrator().draw({"broken": broken}, ["png"])
