"""The forward pass in the browser against ONNX Runtime, layer by layer and model by model."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from playwright.sync_api import Error, Page

from aecore.autoencoder import Autoencoder
from aecore.datasets import Floats, load_mnist, to_float
from aecore.networks import CONVOLUTIONAL, DENOISER, Layer, NetworkPlan, NetworkWeights, plan
from aecore.onnx_weights import load_weights
from aecore.projections import load_pca
from aecore.shipped import SHIPPED
from aecore.specs import TrainingSpec
from aecore.ui.engine.weights import LARGEST, Parcel, network_of_pca, pack
from aecore.ui.models import PRETRAINED
from aecore.ui.state import Visit
from aecore.worker.onnx_export import _to_onnx
from aecore.worker.training import train
from tests.ui.engine.conftest import NUMBERS_OF, base64_of, floats_of

EXACT = 1e-4
"""How far an answer may be from ONNX Runtime's: a share of the largest value over 1."""

ROUNDED = 1e-3
"""The same, when the weights came as the browser gets them."""

IMAGES = 12


def images() -> Floats:
    return to_float(load_mnist(10_000).test_images[:IMAGES])


def shipped(name: str) -> tuple[Any, NetworkPlan, NetworkWeights]:
    """The model as the server has it, its layers and their weights."""
    if name == "pca":
        return load_pca(), *network_of_pca(load_pca())
    folder = PRETRAINED.get(name).folder
    model = Autoencoder.load(folder)
    return model, plan(model.spec.architecture, model.code_size), load_weights(folder)


def exact_layers(network: NetworkPlan, weights: NetworkWeights) -> list[list[dict[str, Any]]]:
    """The layers of encoder and decoder with all their digits, for `_USE`."""
    halves = []
    for layers, numbers in ((network.encoder, weights.encoder), (network.decoder, weights.decoder)):
        remaining = iter(numbers)
        half = []
        for layer in layers:
            entry: dict[str, Any] = {
                "kind": layer.kind,
                "inputShape": layer.input_shape,
                "shape": layer.shape,
                "activation": layer.activation,
            }
            if layer.parameters:
                kernel, bias = next(remaining)
                entry |= {"kernel": base64_of(kernel), "bias": base64_of(bias)}
            half.append(entry)
        halves.append(half)
    return halves


_USE = f"""([encoder, decoder]) => {{ {NUMBERS_OF}
  const filled = (layers) => layers.map((layer) => layer.kernel
    ? {{ ...layer, kernel: numbersOf(layer.kernel), bias: numbersOf(layer.bias) }} : layer);
  globalThis.used = {{ encoder: filled(encoder), decoder: filled(decoder) }};
}}"""

_OPEN = """async ([description, content]) => {
  const url = `data:application/octet-stream;base64,${content}`;
  globalThis.used = await weights.openNetwork({ ...description, url });
}"""

_ANSWER = f"""(images) => {{ {NUMBERS_OF}
  return images.map(numbersOf).map((image) => {{
    const {{ code, reconstruction }} = network.reconstruct(used, image);
    return [textOf(code), textOf(reconstruction)];
  }});
}}"""

_BOTH_LOOPS = f"""(image) => {{ {NUMBERS_OF}
  const [here, there] = [used, network.onBench(used)].map(
    (each) => network.reconstruct(each, numbersOf(image)),
  );
  return [here.code, there.code, here.reconstruction, there.reconstruction].map(textOf);
}}"""

_CHANGED = f"""(image) => {{ {NUMBERS_OF}
  const changed = ({{ kernel, ...rest }}) =>
    kernel ? {{ ...rest, kernel: kernel.map((weight) => -weight) }} : rest;
  const halves = [used, network.onBench(used)].map(({{ decoder }}) => decoder.map(changed));
  return halves.map((layers) => textOf(network.forward(layers, numbersOf(image)).at(-1)));
}}"""

_WITHOUT_WEBASSEMBLY = """() => {
  const { WebAssembly } = globalThis;
  delete globalThis.WebAssembly;
  try { return network.onBench(used) === used; } finally { globalThis.WebAssembly = WebAssembly; }
}"""

_VALUES = f"""(image) => {{ {NUMBERS_OF}
  return network.forward(used.encoder, numbersOf(image)).map(textOf);
}}"""


def open_parcel(page: Page, parcel: Parcel) -> None:
    """Open the network as the lab does, out of bytes; it becomes the one that is used."""
    content = base64.b64encode(parcel.content).decode()
    page.evaluate(_OPEN, [{**parcel.description, "name": "tested"}, content])


def assert_it_agrees(page: Page, model: Any, tolerance: float) -> None:
    """Codes and reconstructions of twelve digits against the server's."""
    answers = page.evaluate(_ANSWER, [base64_of(image) for image in images()])
    codes = np.stack([floats_of(code) for code, _ in answers])
    pictures = np.stack([floats_of(picture) for _, picture in answers]).reshape(-1, 28, 28)
    expected = model.encode(images())
    assert np.abs(codes - expected).max() <= tolerance * max(np.abs(expected).max(), 1)
    assert np.abs(pictures - model.decode(expected)).max() <= tolerance


@pytest.mark.parametrize("name", [*SHIPPED, "pca"])
def test_every_shipped_model_answers_as_on_the_server(engine: Page, name: str) -> None:
    model, network, weights = shipped(name)
    engine.evaluate(_USE, exact_layers(network, weights))
    assert_it_agrees(engine, model, EXACT)
    parcel = pack(network, weights)
    if len(parcel.content) <= LARGEST:
        open_parcel(engine, parcel)
        assert_it_agrees(engine, model, ROUNDED)


def test_a_network_trained_here_answers_as_on_the_server(engine: Page, tmp_path: Path) -> None:
    spec = TrainingSpec("deep", code_size=5, images=1_000, epochs=1, batch_size=64)
    (tmp_path / "spec.json").write_text(json.dumps(spec.to_dict()))
    train(str(tmp_path))
    weights = load_weights(tmp_path)
    open_parcel(engine, pack(plan("deep", 5), weights))
    assert_it_agrees(engine, Autoencoder.load(tmp_path), ROUNDED)


@pytest.mark.parametrize(
    "layers",
    [CONVOLUTIONAL.encoder, CONVOLUTIONAL.decoder, DENOISER.encoder],
    ids=["encoder", "decoder", "moving on by two pixels"],
)
def test_every_layer_has_the_values_that_onnx_runtime_finds(
    engine: Page, layers: tuple[Layer, ...]
) -> None:
    """Together they hold every kind of layer."""
    random = np.random.default_rng(0)
    numbers = [
        tuple(random.normal(0, 0.2, shape).astype(np.float32) for shape in layer.weight_shapes)
        for layer in layers
        if layer.parameters
    ]
    engine.evaluate(_USE, exact_layers(NetworkPlan(layers, ()), NetworkWeights(numbers, [])))
    given = random.random(layers[0].input_shape, np.float32)
    found = [floats_of(text) for text in engine.evaluate(_VALUES, base64_of(given))]
    assert len(found) == len(layers)
    for count, values in enumerate(found, start=1):
        expected = _first_layers(layers[:count], numbers, given)
        assert np.abs(values - expected).max() <= EXACT * max(np.abs(expected).max(), 1), count


def use_random(page: Page, network: NetworkPlan) -> None:
    """Let a network with random weights be used, always the same ones."""
    random = np.random.default_rng(0)

    def numbers(layers: tuple[Layer, ...]) -> list[tuple[Floats, ...]]:
        shapes = [layer.weight_shapes for layer in layers if layer.parameters]
        return [tuple(random.normal(0, 0.2, s).astype(np.float32) for s in each) for each in shapes]

    weights = NetworkWeights(numbers(network.encoder), numbers(network.decoder))
    page.evaluate(_USE, exact_layers(network, weights))


@pytest.mark.parametrize(("architecture", "code_size"), [("conv", 1_568), ("deep", 19), ("vae", 2)])
def test_webassembly_adds_as_javascript_does(
    engine: Page, architecture: str, code_size: int
) -> None:
    use_random(engine, plan(architecture, code_size))
    assert engine.evaluate("network.onBench(used).encoder.some(({ bench }) => bench)")
    answers = engine.evaluate(_BOTH_LOOPS, base64_of(images()[0]))
    code, same_code, picture, same_picture = map(floats_of, answers)
    assert np.abs(code).max() > 0
    assert np.abs(code - same_code).max() <= 1e-5 * max(np.abs(code).max(), 1)
    assert np.abs(picture - same_picture).max() <= 1e-5


def test_changed_weights_count_on_the_bench_too(engine: Page) -> None:
    """As on the page Inside, where one may leave out the weakest."""
    use_random(engine, plan("conv", 1_568))
    code = np.random.default_rng(1).random(1_568, np.float32)
    here, there = map(floats_of, engine.evaluate(_CHANGED, base64_of(code)))
    assert here.tolist() == there.tolist()


def test_a_browser_without_webassembly_computes_in_javascript(engine: Page) -> None:
    use_random(engine, plan("plain", 8))
    assert engine.evaluate(_WITHOUT_WEBASSEMBLY)


def _first_layers(layers: Any, numbers: Any, given: Floats) -> Floats:
    """What ONNX Runtime finds after the first layers, flat, channels last."""
    weights = [array for pair in numbers for array in pair]
    *maps, last = layers[-1].shape
    file = _to_onnx("first", layers, weights, layers[0].input_shape, (last, *maps))
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    answer = session.run(None, {"input": given[None]})[0][0]
    return np.moveaxis(answer, 0, -1).ravel() if answer.ndim == 3 else answer.ravel()


def test_the_default_set_is_small_enough_for_a_phone() -> None:
    sizes = {name: len(pack(*shipped(name)[1:]).content) for name in Visit().models}
    assert sum(size for size in sizes.values() if size <= LARGEST) <= 3_000_000, sizes


def test_altered_weights_are_refused(engine: Page) -> None:
    parcel = pack(*network_of_pca(load_pca()))
    altered = bytearray(parcel.content)
    altered[1_000] ^= 1
    description = parcel.description | {"key": "altered"}
    with pytest.raises(Error, match="altered"):
        open_parcel(engine, Parcel(description, bytes(altered)))
    with pytest.raises(Error, match="altered"):
        open_parcel(engine, Parcel(description, parcel.content[:-4]))


def test_weights_that_do_not_fit_their_layer_are_refused(engine: Page) -> None:
    parcel = pack(*network_of_pca(load_pca()))
    layers = json.loads(json.dumps(parcel.description["encoder"]))
    layers[1]["shape"] = [33]
    with pytest.raises(Error, match="do not fit"):
        open_parcel(
            engine,
            Parcel(parcel.description | {"key": "misfit", "encoder": layers}, parcel.content),
        )


def test_weights_that_are_no_numbers_are_refused(engine: Page) -> None:
    network, weights = network_of_pca(load_pca())
    kernel, bias = weights.encoder[0]
    spoilt = NetworkWeights([(kernel, np.full_like(bias, np.nan))], weights.decoder)
    with pytest.raises(Error, match="not numbers"):
        open_parcel(engine, pack(network, spoilt))
