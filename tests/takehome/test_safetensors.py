"""Files that come from visitors: what fits is taken, everything else refused before it is read."""

from __future__ import annotations

import json
import tomllib
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from aecore.networks import NetworkWeights, plan
from aecore.onnx_weights import load_weights
from aecore.shipped import SHIPPED
from aecore.takehome.safetensors import (
    FLAWS,
    LONGEST_HEADER,
    WeightsError,
    guess_architecture,
    largest_file,
    read,
    write,
)
from aecore.worker.pretrain import PRETRAINED
from tests.conftest import PROJECT

Header = dict[str, Any]
PLAIN = plan("plain", 32)
WEIGHTS = load_weights(PRETRAINED / "plain")
GOOD = write(WEIGHTS, PLAIN, {"architecture": "plain", "noise": "0.3"})


def _arrays(weights: NetworkWeights) -> list[np.ndarray[Any, Any]]:
    return [array for layer in (*weights.encoder, *weights.decoder) for array in layer]


def _altered(change: Callable[[Header], object], data: bytes | None = None) -> bytes:
    """The good file with another header, and perhaps other data."""
    length = int.from_bytes(GOOD[:8], "little")
    header = json.loads(GOOD[8 : 8 + length])
    changed = change(header)
    text = changed if isinstance(changed, bytes) else json.dumps(header).encode()
    numbers = GOOD[8 + length :] if data is None else data
    return len(text).to_bytes(8, "little") + text + numbers


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_is_written_can_be_read(name: str) -> None:
    spec = SHIPPED[name]
    weights = load_weights(PRETRAINED / name)
    network = plan(spec.architecture, spec.code_size)
    content = memoryview(write(weights, network, {"architecture": spec.architecture}))
    assert len(content) <= largest_file()
    assert guess_architecture(content) == spec.architecture
    found = read(content, spec.architecture)
    assert found.code_size == spec.code_size
    for ours, theirs in zip(_arrays(found.weights), _arrays(weights), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_second_head_of_a_variational_encoder_may_come_along() -> None:
    spec = SHIPPED["vae"]
    network = plan("vae", spec.code_size)
    content = write(load_weights(PRETRAINED / "vae"), network, {})
    length = int.from_bytes(content[:8], "little")
    header, numbers = json.loads(content[8 : 8 + length]), content[8 + length :]
    assert "3.kernel" not in header, "the second head has the number after the code's"
    assert {"2.kernel", "4.kernel"} <= set(header)
    for name, shape in (("3.kernel", (256, 2)), ("3.bias", (2,))):
        more = np.ones(shape, "<f4").tobytes()
        place = [len(numbers), len(numbers) + len(more)]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": place}
        numbers += more
    text = json.dumps(header).encode()
    found = read(memoryview(len(text).to_bytes(8, "little") + text + numbers), "vae")
    assert found.weights.fit(network)


@pytest.mark.parametrize("odd", ["5.bias", "more"])
def test_the_second_head_is_not_blamed_for_another_array(odd: str) -> None:
    content = write(load_weights(PRETRAINED / "vae"), plan("vae", SHIPPED["vae"].code_size), {})
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["3.kernel"] = header["3.bias"] = header["2.kernel"]
    if header.pop(odd, None) is None:
        header[odd] = header["2.kernel"]
    text = json.dumps(header).encode()
    with pytest.raises(WeightsError) as refused:
        read(memoryview(len(text).to_bytes(8, "little") + text + content[8 + length :]), "vae")
    assert (refused.value.flaw, refused.value.detail) == ("names", odd)


def test_the_noise_it_was_trained_with_is_believed_within_bounds() -> None:
    assert read(memoryview(GOOD), "plain").noise == pytest.approx(0.3)
    for odd in ("1e9", "-1", "nan", "inf", "a lot", 3, None, [0.5], {"σ": 1}):
        content = _altered(lambda header, odd=odd: header["__metadata__"].update(noise=odd))
        assert read(memoryview(content), "plain").noise == 0


def _nan() -> bytes:
    length = int.from_bytes(GOOD[:8], "little")
    return GOOD[:-4] + np.float32(np.nan).tobytes() if length else b""


def _infinite() -> bytes:
    at = 8 + int.from_bytes(GOOD[:8], "little") + 400
    return GOOD[:at] + np.float32(np.inf).tobytes() + GOOD[at + 4 :]


def _doubled(_: Header) -> bytes:
    length = int.from_bytes(GOOD[:8], "little")
    return b'{"0.bias": 1, ' + GOOD[9 : 8 + length]


def _ranges(name: str, place: list[Any]) -> Callable[[Header], object]:
    return lambda header: header[name].update(data_offsets=place)


@pytest.mark.parametrize(
    ("flaw", "content"),
    [
        ("too_short", b""),
        ("too_short", b"\x10"),
        ("too_short", (200).to_bytes(8, "little") + b"{}"),
        ("header_too_long", (100_000_000).to_bytes(8, "little") + b"{}"),
        ("header_too_long", (2**64 - 1).to_bytes(8, "little") + b"{}"),
        ("no_json", _altered(lambda _: b"these are my weights")),
        ("no_json", _altered(lambda _: b"\xff\xfe")),
        ("no_json", _altered(lambda _: b"[1, 2]")),
        ("no_json", _altered(lambda _: b"[" * LONGEST_HEADER)),
        ("no_json", _altered(lambda _: b"9" * LONGEST_HEADER)),
        ("header_too_long", b"PK\x03\x04" + b"\0" * 4 + b"a .keras file is a zip"),
        ("duplicate", _altered(_doubled)),
        ("names", _altered(lambda header: header.pop("1.bias"))),
        ("names", _altered(lambda header: header.update(more=header["1.bias"]))),
        ("names", _altered(lambda header: header.clear())),
        ("no_json", _altered(lambda header: header.update({"1.bias": 7}))),
        ("no_json", _altered(lambda header: header["1.bias"].pop("dtype"))),
        ("type", _altered(lambda header: header["1.bias"].update(dtype="F64"))),
        ("type", _altered(lambda header: header["1.bias"].update(dtype=["F32"]))),
        ("empty", _altered(lambda header: header["1.bias"].update(shape=[0]))),
        ("empty", _altered(lambda header: header["0.kernel"].update(shape=[784, 0]))),
        ("shape", _altered(lambda header: header["0.kernel"].update(shape=[784, 10**12]))),
        ("ranges", _altered(lambda header: header["0.kernel"].update(shape=[784, 33]))),
        ("shape", _altered(lambda header: header["0.bias"].update(shape=[33]))),
        ("shape", _altered(lambda header: header["1.bias"].update(shape=[1, 784]))),
        ("shape", _altered(lambda header: header["1.bias"].update(shape="784"))),
        ("shape", _altered(lambda header: header["1.bias"].update(shape=[784.0]))),
        ("ranges", _altered(_ranges("1.bias", [0, 3_136]))),
        ("ranges", _altered(_ranges("1.bias", [-3_136, 0]))),
        ("ranges", _altered(_ranges("1.bias", [10**30, 10**30 + 3_136]))),
        ("ranges", _altered(_ranges("1.bias", [0]))),
        ("ranges", _altered(_ranges("1.bias", [0, True]))),
        ("ranges", _altered(_ranges("0.kernel", [4, 100_356]))),
        ("length", GOOD + b"\0"),
        ("length", GOOD[:-1]),
        ("not_finite", _nan()),
        ("not_finite", _infinite()),
        ("too_large", b"\0" * (largest_file() + 1)),
    ],
)
def test_what_does_not_fit_is_refused(flaw: str, content: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(WeightsError) as refused:
            read(memoryview(content), "plain")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.flaw == flaw
    assert most < 2_000_000  # whatever the file claims


def test_what_the_file_says_it_is_decides_and_else_its_layers() -> None:
    assert guess_architecture(memoryview(GOOD)) == "plain"
    sparse = _altered(lambda header: header["__metadata__"].update(architecture="sparse"))
    assert guess_architecture(memoryview(sparse)) == "sparse"
    for odd in ("resnet", 3, None, ["plain"]):
        content = _altered(lambda header, odd=odd: header["__metadata__"].update(architecture=odd))
        assert guess_architecture(memoryview(content)) == "plain"
    for name in ("plain", "deep", "conv", "vae", "latent2d", "denoise_any"):
        network = plan(name, SHIPPED[name].code_size)
        content = write(load_weights(PRETRAINED / name), network, {})
        assert guess_architecture(memoryview(content)) == name
    with pytest.raises(WeightsError) as refused:
        guess_architecture(memoryview(_altered(lambda header: header.clear())))
    assert refused.value.flaw == "unknown"


def test_every_flaw_is_met_above() -> None:
    cases = next(
        mark.args[1]
        for mark in test_what_does_not_fit_is_refused.pytestmark  # type: ignore[attr-defined]
    )
    assert {flaw for flaw, _content in cases} | {"unknown"} == set(FLAWS)


def test_browsers_send_the_largest_network_and_hardly_more() -> None:
    config = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    bound = config["server"]["maxUploadSize"] * 10**6
    assert largest_file() <= bound < largest_file() + 10**6


def test_weights_of_another_network_are_refused() -> None:
    for architecture in ("deep", "conv", "vae", "latent2d"):
        with pytest.raises(WeightsError) as refused:
            read(memoryview(GOOD), architecture)
        assert refused.value.flaw in ("names", "shape")
