"""The engine's modules in a blank page, for tests that need no server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from aecore.ui.modules import script

ENGINE = Path(__file__).parents[3] / "aecore" / "ui" / "engine"

_IMPORT = """async ([name, source]) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  globalThis[name] = await import(url);
}"""


@pytest.fixture(scope="module")
def engine(browser: Browser) -> Iterator[Page]:
    """A blank page where the engine's modules are globals."""
    context = browser.new_context()
    page = context.new_page()
    for name in ("network", "weights", "drawing", "noise", "pictures"):
        page.evaluate(_IMPORT, [name, script(ENGINE / f"{name}.js")])
    yield page
    context.close()


def base64_of(array: np.ndarray[Any, Any]) -> str:
    """Little-endian float32 numbers for a message to the browser; `numbersOf` reads them there."""
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


NUMBERS_OF = """
  const numbersOf = (text) =>
    new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const textOf = (numbers) => {
    const bytes = new Uint8Array(Float32Array.from(numbers).buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 1) text += String.fromCharCode(bytes[i]);
    return btoa(text);
  };
"""
"""To be put at the start of a function for the browser: numbers from and to Base64."""


def floats_of(text: str) -> np.ndarray[Any, Any]:
    """What `textOf` sent."""
    return np.frombuffer(base64.b64decode(text), "<f4")
