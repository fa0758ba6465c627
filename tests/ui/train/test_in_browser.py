"""Train for real in a real browser: watch, stop, keep, come back."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from aecore.runs import RunStore
from tests.conftest import serving, settled, wait_until
from tests.ui.takehome.test_in_browser import open_take_home


def test_train_stop_and_come_back(tmp_path: Path, page: Page) -> None:
    with serving(tmp_path) as address:
        page.goto(f"{address}/train?images=1000&epochs=60&seed=7")
        settled(page)
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_text(re.compile(r"epoch [2-9]\d? of 60"))).to_be_visible(timeout=120_000)
        expect(page.get_by_alt_text("after this epoch: 9")).to_be_visible()
        page.reload()  # a new session, and the one before it does not count any more
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_text("Stopped. What it had learnt")).to_be_visible(timeout=60_000)
        (name,) = RunStore(tmp_path).names()
        run = RunStore(tmp_path).get(name)
        wait_until(run.is_sealed, seconds=60)
        assert 1 <= run.metrics()["epochs"] < 60
        expect(page).to_have_url(re.compile(f"run={name}"))

        page.goto(f"{address}/train?run={name}")
        settled(page)
        expect(page.get_by_text("Stopped. What it had learnt")).to_be_visible()
        expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
        open_take_home(page, name)
        with page.expect_download(timeout=120_000) as download:
            page.get_by_role("button", name="Everything as one zip").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            assert archive.testzip() is None
            names = set(archive.namelist())
        assert {"README.md", "autoencoder.ipynb", "model.keras", "figures/losses.pdf"} <= names


def test_an_unknown_run_gets_one_sentence(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/train?run=0123456789abcdef")
    settled(page)
    expect(page.get_by_text("There is no such training here any more")).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
