"""Model folders are data: whatever lies in one, nothing runs, and nothing outside is read.

The file at fault is named. Every folder here is sealed again after the damage, as a stranger would.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from aecore.autoencoder import INDEXED_IMAGES, Autoencoder, NeighbourIndex
from aecore.onnx_weights import load_weights
from aecore.runs import Run, RunError, RunStore, Status, write_atomically
from aecore.specs import TrainingSpec
from tests.conftest import PROJECT

PRETRAINED = PROJECT / "pretrained"
MEMORY = 60_000_000
"""Bytes that opening a damaged folder may take at most."""

Damage = Callable[[Run], None]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    shutil.copytree(PRETRAINED / "conv", tmp_path / "runs" / "copy")
    return Run(tmp_path / "runs" / "copy")


def open_everything(run: Run) -> None:
    """All that pages read of a folder. Raises RunError for what is no good."""
    run.status()
    run.metrics()
    run.epoch(1)
    Autoencoder.load(run.folder).reconstruct(np.zeros((1, 28, 28), np.float32))
    load_weights(run.folder)
    NeighbourIndex.load(run.folder)


def refused(run: Run) -> str:
    """Open everything of a folder that is no good; returns the file that is named for it."""
    with pytest.raises(RunError) as caught:
        open_everything(run)
    return caught.value.file


def test_a_sound_folder_is_opened(run: Run) -> None:
    run.seal()
    open_everything(run)


# Arrays


class Trap:
    """Unpickling it would write a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (str(self.file),)


def npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def zip_of(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def claiming(shape: str) -> bytes:
    """An .npy file whose header claims a shape, with hardly any numbers behind it."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(118)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(64)


def with_members(count: int) -> bytes:
    return zip_of(**{f"a{number}": b"" for number in range(count)})


ARRAYS = {
    "gigabytes claimed": lambda: zip_of(codes=claiming("(1000000, 100000)")),
    "a negative size": lambda: zip_of(codes=claiming("(-16,)")),
    "a bomb": lambda: zip_of(codes=claiming("(16,)") + bytes(200_000_000)),
    "many members": lambda: with_members(5_000),
    "texts": lambda: npz(codes=np.array(["a" * 9, "b"])),
    "cut off": lambda: npz(codes=np.zeros(999))[:-30],
    "noise": lambda: np.random.default_rng(0).bytes(5_000),
    "nothing": lambda: b"",
    "another size": lambda: npz(codes=np.zeros((3, 4), np.float16)),
    "another type": lambda: npz(codes=np.zeros((3, 4), bool), reconstructions=np.zeros(3)),
}


@pytest.mark.parametrize("kind", ARRAYS)
@pytest.mark.parametrize("name", ["neighbours.npz", "epochs/0001.npz"])
def test_arrays_that_are_not_what_they_claim(run: Run, kind: str, name: str) -> None:
    write_atomically(run.folder / name, ARRAYS[kind]())
    run.seal()
    tracemalloc.start()
    try:
        assert refused(run) == name
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def test_codes_that_are_no_numbers_are_refused(run: Run) -> None:
    codes = np.full((INDEXED_IMAGES, 64), np.inf, np.float16)
    basis = np.zeros((run.spec().code_size, 64), np.float16)
    write_atomically(run.folder / "neighbours.npz", npz(codes=codes, basis=basis))
    run.seal()
    assert refused(run) == "neighbours.npz"


@pytest.mark.parametrize("name", ["neighbours.npz", "epochs/0001.npz"])
def test_no_pickled_object_runs(run: Run, name: str, tmp_path: Path) -> None:
    trap = np.array([Trap(tmp_path / "sprung")], object)
    write_atomically(run.folder / name, npz(codes=trap, reconstructions=trap, loss=trap))
    run.seal()
    assert refused(run) == name
    assert not (tmp_path / "sprung").exists()


# Networks


def graph(change: Callable[[onnx.ModelProto], None]) -> Damage:
    """Change the decoder's ONNX file."""

    def damage(run: Run) -> None:
        model = onnx.load(run.folder / "decoder.onnx")
        change(model)
        write_atomically(run.folder / "decoder.onnx", model.SerializeToString())

    return damage


def leave_for_another_file(model: onnx.ModelProto) -> None:
    weights = model.graph.initializer[1]
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="../../secret")


def scale_up(model: onnx.ModelProto) -> None:
    scales = next(each for each in model.graph.initializer if each.name == "constant_3")
    scales.raw_data = np.array([1, 1, 9e4, 9e4], np.float32).tobytes()


def pad(model: onnx.ModelProto) -> None:
    convolution = next(node for node in model.graph.node if node.op_type == "Conv")
    convolution.attribute[0].ints[:] = [90_000] * 4


def lengthen(model: onnx.ModelProto) -> None:
    last = model.graph.node.pop()
    model.graph.node.extend(
        helper.make_node("Relu", [last.input[0] if at == 0 else f"r{at}"], [f"r{at + 1}"])
        for at in range(300)
    )
    last.input[0] = "r300"
    model.graph.node.append(last)


def loop(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "Loop"


def of_another_domain(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "com.example"


def define_a_function(model: onnx.ModelProto) -> None:
    node = helper.make_node("Relu", ["x"], ["y"])
    model.functions.append(
        helper.make_function("", "Sigmoid", ["x"], ["y"], [node], model.opset_import)
    )


def go_astray(model: onnx.ModelProto) -> None:
    model.graph.node[-1].input[0] = model.graph.node[3].output[0]


def forget_a_number(model: onnx.ModelProto) -> None:
    for each in model.graph.initializer:
        if len(each.dims) == 4:
            each.raw_data = np.full(list(each.dims), np.nan, np.float32).tobytes()


GRAPHS = [
    leave_for_another_file,
    scale_up,
    pad,
    lengthen,
    loop,
    of_another_domain,
    define_a_function,
    go_astray,
    forget_a_number,
]


@pytest.mark.parametrize("change", GRAPHS, ids=lambda change: change.__name__)
def test_a_graph_that_is_not_the_plan_s(run: Run, change: Callable[..., None]) -> None:
    graph(change)(run)
    run.seal()
    assert refused(run) == "decoder.onnx"


def test_a_network_that_the_spec_does_not_name(run: Run) -> None:
    run.write_spec(TrainingSpec("deep", 32))
    run.seal()
    assert refused(run) == "encoder.onnx"


# Texts


TEXTS = {
    "huge": b'"' + b"x" * 5_000_000 + b'"',
    "deep": b"[" * 50_000,
    "a long number": b'{"bce": ' + b"9" * 50_000 + b"}",
    "of another type": b'{"state": [], "bce": "1", "architecture": {}}',
    "a wrong progress": b'{"state": "running", "progress": "half", "bce": null}',
    "not finite": b'{"state": "running", "progress": NaN, "bce": NaN, "mse": 1}',
    "an unknown reason": b'{"state": "failed", "message": "because", "bce": true}',
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("name", ["status.json", "metrics.json", "spec.json"])
def test_texts_that_no_worker_wrote(run: Run, kind: str, name: str) -> None:
    write_atomically(run.folder / name, TEXTS[kind])
    run.seal()
    assert refused(run) == name


@pytest.mark.parametrize("kind", ["huge", "deep", "a long number"])
def test_checksums_that_no_worker_wrote(run: Run, kind: str) -> None:
    write_atomically(run.folder / "checksums.json", TEXTS[kind])
    assert refused(run) in ("checksums.json", "spec.json")


# Elsewhere


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only administrators make links")
@pytest.mark.parametrize("name", ["status.json", "decoder.onnx", "neighbours.npz", "epochs"])
def test_links_lead_nowhere(run: Run, name: str, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere"
    (run.folder / name).rename(there)
    (run.folder / name).symlink_to(there)
    assert refused(run).startswith(name)
    if name == "epochs":
        with pytest.raises(OSError, match="leads elsewhere"):
            write_atomically(run.folder / "epochs" / "0001.npz", b"")


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only administrators make links")
def test_a_folder_that_is_a_link_is_no_run(run: Run) -> None:
    (run.folder.parent / "linked").symlink_to(run.folder)
    store = RunStore(run.folder.parent)
    assert store.names() == ["copy"]
    with pytest.raises(RunError):
        store.get("linked")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_nobody_waits_for_a_pipe(run: Run) -> None:
    (run.folder / "status.json").unlink()
    os.mkfifo(run.folder / "status.json")
    assert refused(run) == "status.json"
    with pytest.raises(OSError, match="leads elsewhere"):
        run.overwrite_status(Status())


def test_a_model_that_is_open_holds_no_copy_of_its_files() -> None:
    folder = PRETRAINED / "latent2d"
    Autoencoder.load(PRETRAINED / "plain")  # what is imported on the way, is not meant
    tracemalloc.start()
    model = Autoencoder.load(folder)
    held, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert model.code_size == 2
    assert held < (folder / "encoder.onnx").stat().st_size / 10
