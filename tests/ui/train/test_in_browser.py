"""Train for real in a real browser: watch, stop, keep, come back."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Request, expect

from aecore.networks import plan
from aecore.onnx_weights import load_weights
from aecore.runs import RunStore
from aecore.takehome.safetensors import largest_file, write
from aecore.worker.pretrain import PRETRAINED
from tests.conftest import settled, wait_until
from tests.ui.seen import see_everything
from tests.ui.takehome.test_in_browser import open_take_home


def test_train_stop_and_come_back(lab_url: str, lab_runs: Path, page: Page) -> None:
    page.goto(f"{lab_url}/train?images=5000&epochs=60&seed=7")
    settled(page)
    page.get_by_role("spinbutton", name="After which epoch").click()
    page.keyboard.type("9")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"epoch [2-9]\d? of 60"))).to_be_visible(timeout=120_000)
    expect(page.get_by_alt_text(re.compile(r"after epoch \d+: 9"))).to_be_visible()
    page.reload()  # a new session, and the one before it does not count any more
    expect(page.get_by_role("heading", name="Yours: Plain, code 32")).to_be_visible()
    expect(page.locator(".verdict").get_by_text("epoch 9")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped. What it had learnt")).to_be_visible(timeout=60_000)
    expect(page).to_have_url(re.compile("run="))
    (name,) = re.findall(r"run=(\w+)", page.url)
    run = RunStore(lab_runs).get(name)
    wait_until(run.is_sealed, seconds=60)
    assert 1 <= run.metrics()["epochs"] < 60

    page.goto(f"{lab_url}/train?run={name}")
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

    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped. What it had learnt")).to_be_visible()
    other_tab = page.context.new_page()
    other_tab.goto(f"{lab_url}/train?run={name}")
    other_tab.get_by_role("button", name=re.compile("Train on")).click()
    expect(page.get_by_text("Stopped. What it had learnt")).to_have_count(0)
    expect(page.get_by_role("heading", name="Yours: Plain, code 32")).to_be_visible()


def test_what_is_watched_is_on_one_screen(lab_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})  # a phone: settings come after
    page.goto(f"{lab_url}/train?images=5000&epochs=60&seed=9")
    settled(page)
    question = page.locator(".st-key-predict_epoch")
    question.get_by_role("spinbutton").fill("2")
    question.get_by_test_id("stNumberInputStepDown").click()
    page.get_by_role("button", name="Train", exact=True).click()
    after = page.get_by_alt_text(re.compile(r"after epoch \d+: 9"))
    expect(after).to_be_visible(timeout=120_000)
    chart = page.get_by_test_id("stVegaLiteChart").first
    expect(chart.get_by_text("you said 1")).to_be_visible()
    stop = page.get_by_role("button", name="Stop", exact=True)
    before = page.get_by_alt_text("test digits: 9")
    for part in (stop, before, after):
        expect(part).to_be_in_viewport(ratio=1)
    for width, height in ((1920, 1080), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        for part in (stop, page.get_by_test_id("stProgress"), before, after, chart):
            expect(part).to_be_in_viewport(ratio=1)
    stop.click()
    expect(page.get_by_text("Stopped. What it had learnt")).to_be_visible(timeout=60_000)


def test_an_unknown_run_gets_one_sentence(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/train?run=0123456789abcdef")
    settled(page)
    expect(page.get_by_text("There is no such training here any more")).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()


def safetensors(content: bytes, name: str = "weights.safetensors") -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_what_was_trained_at_home_is_found_on_every_page(lab_url: str, page: Page) -> None:
    about = {"architecture": "deep", "noise": "0.3"}
    content = write(load_weights(PRETRAINED / "deep"), plan("deep", 32), about)
    page.goto(f"{lab_url}/train")
    settled(page)
    page.get_by_role("button", name="Bring it back").click()
    page.get_by_role("button", name="Choose a file").wait_for()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    chooser.set_input_files(safetensors(content[:-8]))
    expect(page.get_by_text("it is longer or shorter than its header says")).to_be_visible()
    chooser.set_input_files(safetensors(content))
    mine = "Yours, brought: Deep, code 32"
    expect(page.get_by_role("heading", name=mine)).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(2, timeout=120_000)
    expect(page.get_by_test_id("stFileUploader")).to_have_count(0)

    page.get_by_test_id("stTopNav").get_by_role("link", name="Draw").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("handwriting")
    settled(page)
    page.get_by_role("button", name="Random digit").click()
    page.get_by_role("button", name=mine).click()
    expect(page.locator(".strip-title", has_text=mine).first).to_be_visible()
    settled(page)
    page.get_by_test_id("stTopNav").get_by_role("link", name="Denoise").click()
    expect(page).to_have_url(re.compile("/denoise"))
    settled(page)  # a button of that name stands on the page before, too
    expect(page.get_by_role("button", name=mine)).to_have_attribute("aria-pressed", "true")
    see_everything(page)
    chart = page.get_by_test_id("stVegaLiteChart").first
    expect(chart.get_by_text(mine)).to_be_visible(timeout=60_000)


def test_a_flood_of_files_leaves_the_server_as_large_as_it_was(lab_url: str, page: Page) -> None:
    page.goto(f"{lab_url}/train")
    settled(page)
    page.get_by_role("button", name="Bring it back").click()
    sent: list[Request] = []
    page.on("request", lambda each: sent.append(each) if each.method == "PUT" else None)
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    chooser.set_input_files(safetensors(bytes(largest_file())))
    expect(page.get_by_text("is not the JSON that safetensors prescribes")).to_be_visible()
    chooser.set_input_files(safetensors(bytes(largest_file() + 1_000_000), "big.safetensors"))
    expect(page.get_by_text("big.safetensors")).to_be_visible()
    assert len(sent) == 1, "what is too large is not even sent"

    before = resident_bytes(lab_url)
    answers = page.evaluate(
        """async ({ url, token, size, count }) => {
          const answers = [];
          for (let number = 0; number < count; number++) {
            const form = new FormData();
            form.append("file", new Blob([new Uint8Array(size).fill(number)]), "x.safetensors");
            const target = url.replace(/[^/]*$/, `flood-${number}`);
            const headers = { "X-Xsrftoken": token };
            answers.push((await fetch(target, { method: "PUT", body: form, headers })).status);
          }
          return answers;
        }""",
        {
            "url": sent[0].url,
            "token": sent[0].headers.get("x-xsrftoken", ""),
            "size": largest_file(),
            "count": 15,
        },
    )
    assert answers == [204] * 15
    assert resident_bytes(lab_url) - before < 120e6, "170 MB were sent"
    page.reload()
    settled(page)
    expect(page.get_by_role("button", name="Bring it back")).to_be_visible()


def resident_bytes(address: str) -> int:
    """The memory of the server at `address`, as Linux counts it."""
    port = address.rpartition(":")[2]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[-3:-1] == [b"--server.port", port.encode()]:
                status = (process / "status").read_text(encoding="ascii")
                return 1_024 * int(re.findall(r"VmRSS:\s*(\d+) kB", status)[0])
        except OSError:
            continue
    pytest.skip("no Linux, or no such server")
