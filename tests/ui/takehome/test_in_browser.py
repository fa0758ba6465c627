"""Files are made when a visitor clicks, and said in words when they cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from aecore.worker.pretrain import PRETRAINED
from tests.conftest import serving, settled


def open_take_home(page: Page, name: str) -> None:
    """Open all there is to take home of a model."""
    page.locator(f".st-key-take_home_{name} button").click()
    expect(page.get_by_role("button", name="safetensors")).to_be_visible()


def test_a_chart_is_drawn_when_its_format_is_clicked(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/denoise?models=plain,denoise&filters=")
    settled(page)
    # What is above it moves it until it is drawn; on a busy machine that takes seconds.
    expect(page.locator("[data-testid=stVegaLiteChart] svg.marks").last).to_be_visible()
    page.locator(".st-key-figure_psnr button").click()
    expect(page.get_by_role("button", name="PDF")).to_be_in_viewport()
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == "psnr.pdf"
    text = PdfReader(download.value.path()).pages[0].extract_text()
    assert "PSNR in dB" in text
    assert "Denoising" in text


def test_what_cannot_be_made_is_said_in_the_visitor_s_language(tmp_path: Path, page: Page) -> None:
    shutil.copytree(PRETRAINED / "plain", tmp_path / "mine")
    with serving(tmp_path) as address:
        page.goto(f"{address}/inside?inside_model=mine&language=zh")
        settled(page)
        open_take_home(page, "mine")
        shutil.rmtree(tmp_path / "mine")
        page.get_by_role("button", name="safetensors").click()
        box = page.get_by_test_id("stDownloadButtonError")
        expect(box).to_have_css("visibility", "hidden")  # Streamlit's own words, in English
        visibility, words = box.evaluate(
            "box => ['visibility', 'content'].map(name => getComputedStyle(box, '::after')[name])"
        )
        assert visibility == "visible"
        assert "请一分钟后再试" in words
