"""Where a number comes from: gradients against differences, and the pixels that a number sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from aecore.ui.modules import script

VIEW = Path(__file__).parents[3] / "aecore" / "ui" / "inside" / "view"

_IMPORT = """async (sources) => {
  for (const source of sources) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    Object.assign(globalThis, await import(url));
  }
}"""

_NETWORKS = """
  let seed = 1;
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647 - 0.45; };
  const numbers = (count, size) => Float32Array.from({ length: count }, () => size * random());
  const dense = (inputs, outputs, activation) => ({ kind: "dense", inputShape: [inputs],
    shape: [outputs], activation,
    kernel: numbers(inputs * outputs, 0.3), bias: numbers(outputs, 0.2) });
  const conv = (side, inputs, outputs, activation, stride = 1) => ({ kind: "conv", activation,
    inputShape: [side, side, inputs], shape: [side / stride, side / stride, outputs],
    kernel: numbers(9 * inputs * outputs, 0.5), bias: numbers(outputs, 0.2) });
  const plainly = (kind, inputShape, shape) => ({ kind, inputShape, shape, activation: "linear" });
  const networks = {
    dense: {
      encoder: [plainly("flatten", [28, 28], [784]),
        dense(784, 20, "relu"), dense(20, 5, "linear")],
      decoder: [dense(5, 20, "relu"), dense(20, 784, "sigmoid"),
        plainly("reshape", [784], [28, 28])],
    },
    conv: {
      encoder: [plainly("reshape", [28, 28], [28, 28, 1]), conv(28, 1, 3, "relu"),
        plainly("pool", [28, 28, 3], [14, 14, 3]), conv(14, 3, 4, "relu"),
        plainly("pool", [14, 14, 4], [7, 7, 4]), plainly("flatten", [7, 7, 4], [196])],
      decoder: [plainly("reshape", [196], [7, 7, 4]), conv(7, 4, 4, "relu"),
        plainly("upsample", [7, 7, 4], [14, 14, 4]), conv(14, 4, 3, "relu"),
        plainly("upsample", [14, 14, 3], [28, 28, 3]), conv(28, 3, 1, "sigmoid"),
        plainly("reshape", [28, 28, 1], [28, 28])],
    },
    strided: {
      encoder: [plainly("reshape", [28, 28], [28, 28, 1]), conv(28, 1, 3, "relu", 2),
        conv(14, 3, 4, "relu", 2), conv(7, 4, 4, "relu"), plainly("flatten", [7, 7, 4], [196])],
      decoder: [dense(196, 784, "sigmoid"), plainly("reshape", [784], [28, 28])],
    },
  };
  const image = Float32Array.from({ length: 784 }, () => Math.max(random(), 0));
"""


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A blank page where the functions are globals."""
    context = browser.new_context()
    page = context.new_page()
    page.evaluate(_IMPORT, [script(VIEW / f"{name}.js") for name in ("tracing", "live_network")])
    yield page
    context.close()


def run(page: Page, body: str) -> Any:
    return page.evaluate(f"() => {{ {_NETWORKS} {body} }}")


@pytest.mark.parametrize("name", ["dense", "conv", "strided"])
def test_gradients_are_what_small_changes_of_pixels_do(blank: Page, name: str) -> None:
    """For every layer that has an activation, before which the gradient is taken."""
    wrong = run(
        blank,
        f"""
        const live = new LiveNetwork(networks.{name});
        live.hold(1, 2, 0.5);
        const values = live.run(image);
        let wrong = 0;
        live.layers.forEach((layer, at) => {{
          const index = Math.floor(values[at + 1].length / 2);
          if (layer.activation === "relu" && values[at + 1][index] === 0) return;
          const slopes = live.gradient(values, at, index);
          const own = (v) => (layer.activation === "sigmoid" ? Math.log(v / (1 - v)) : v);
          for (let pixel = 0; pixel < 784; pixel += 13) {{
            const [up, down] = [0.002, -0.002].map((step) => {{
              const changed = image.slice();
              changed[pixel] += step;
              return own(live.run(changed)[at + 1][index]);
            }});
            const slope = (up - down) / 0.004;
            if (Math.abs(slope - slopes[pixel]) > 0.02 + 0.1 * Math.abs(slope)) wrong += 1;
          }}
        }});
        return wrong;
        """,
    )
    assert wrong <= 3  # a step may cross the edge of a relu or another winner of a pool


def test_the_terms_of_the_sum_make_the_reconstruction(blank: Page) -> None:
    for name in ("dense", "conv"):
        worst = run(
            blank,
            f"""
            const live = new LiveNetwork(networks.{name});
            const values = live.run(image);
            const {{ bias, terms, activation }} = lastSum(live.layers, values);
            const total = Float64Array.from(bias);
            for (const {{ amount, picture }} of terms) {{
              picture.forEach((value, i) => {{ total[i] += amount * value; }});
            }}
            const made = activated(activation, total);
            return Math.max(...made.map((value, i) => Math.abs(value - values.at(-1)[i])));
            """,
        )
        assert worst < 1e-5


@pytest.mark.parametrize(("name", "layers"), [("conv", [1, 3, 7]), ("strided", [1, 2, 3])])
def test_the_parts_of_a_number_add_up_to_it(blank: Page, name: str, layers: list[int]) -> None:
    worst = run(
        blank,
        f"const [network, convolutions] = [networks.{name}, {layers}];"
        """
        const live = new LiveNetwork(network);
        const values = live.run(image);
        let worst = 0;
        for (const at of convolutions) {
          for (let index = 0; index < values[at + 1].length; index += 37) {
            const { bias, parts } = partsOf(live.layers[at], values[at], index);
            const sum = parts.reduce((total, { share }) => total + share, bias);
            worst = Math.max(worst, Math.abs(Math.max(sum, 0) - values[at + 1][index]));
          }
        }
        return worst;
        """,
    )
    assert worst < 1e-5


@pytest.mark.parametrize(
    ("name", "at", "sees"),
    [
        ("conv", 4, {"top": 9, "left": 5, "bottom": 19, "right": 15}),
        ("strided", 3, {"top": 8, "left": 4, "bottom": 23, "right": 19}),
    ],
)
def test_what_a_number_sees(blank: Page, name: str, at: int, sees: dict[str, int]) -> None:
    """Nothing outside its field changes it; the pooled code's fields are 10 x 10 pixels."""
    field, leaks, edges = run(
        blank,
        f"const [network, at] = [networks.{name}, {at}];"
        """
        const live = new LiveNetwork(network);
        const values = live.run(image);
        const index = indexOf([7, 7, 4], 3, 2, 1);
        const field = fieldOf(live.layers, at, index);
        let leaks = 0;
        const slopes = live.gradient(values, at, index);
        const rows = [...slopes.keys()].filter((i) => slopes[i]).map((i) => Math.floor(i / 28));
        const edges = [Math.min(...rows), Math.max(...rows) + 1];
        for (let pixel = 0; pixel < 784; pixel += 1) {
          const [y, x] = [Math.floor(pixel / 28), pixel % 28];
          const isSeen = y >= field.top && y < field.bottom && x >= field.left && x < field.right;
          const changed = image.slice();
          changed[pixel] = 5;
          if (!isSeen && live.run(changed)[at + 1][index] !== values[at + 1][index]) leaks += 1;
        }
        return [field, leaks, edges];
        """,
    )
    assert field == sees
    assert leaks == 0
    assert field["top"] <= edges[0] < edges[1] <= field["bottom"]


def test_a_network_that_was_reset_answers_as_before(blank: Page) -> None:
    same, differs = run(
        blank,
        """
        const live = new LiveNetwork(networks.conv);
        const before = live.answer(image);
        live.hold(3, 1, 2);
        live.silence(2, true);
        live.reweigh(0.5, 0.3);
        const touched = live.answer(image);
        live.reset();
        const after = live.answer(image);
        return [after.every((v, i) => v === before[i]), touched.some((v, i) => v !== before[i])];
        """,
    )
    assert same
    assert differs
