"""Memory that runs out: said as what it is, with what was learnt before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tensorflow as tf

from aecore.runs import Run, Status
from aecore.specs import TrainingSpec
from aecore.worker.learner import Learner
from aecore.worker.memory import memory_kills, was_killed_for_memory
from aecore.worker.training import train
from tests.conftest import wait_until

MEMORY = Path("/sys/fs/cgroup/memory")


@pytest.mark.parametrize("epochs", [0, 1])
@pytest.mark.parametrize(
    "error",
    [
        tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"),
        tf.errors.AbortedError(None, None, "Status: 1, message: could not create a primitive"),
        MemoryError(),
        ImportError("_fblas.so: failed to map segment from shared object"),
    ],
    ids=["TensorFlow's", "oneDNN's", "Python's", "a library's"],
)
def test_memory_that_runs_out_is_said_and_what_was_learnt_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, epochs: int
) -> None:
    learn = Learner.learn

    def until_memory_is_gone(self: Learner, *arguments: object) -> dict[str, float]:
        if len(run.epoch_numbers()) == epochs:
            raise error
        return learn(self, *arguments)  # type: ignore[arg-type]

    run = Run(tmp_path)
    run.write_spec(TrainingSpec("plain", images=1_000, epochs=3, batch_size=32))
    monkeypatch.setattr(Learner, "learn", until_memory_is_gone)
    train(str(tmp_path))
    status = run.status()
    assert (status.state, status.message, status.epoch) == ("failed", "out_of_memory", epochs)
    assert run.is_sealed() == bool(epochs)
    if epochs:
        run.verify()
        assert run.metrics()["epochs"] == epochs


_A_WORKER_THAT_GIVES_BACK = """
from pathlib import Path
import tensorflow as tf
from aecore.worker.memory import give_back, give_back_tables

def megabytes_of_files():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("RssFile:")[1].split()[0]) // 1_024

def product():
    return float(tf.reduce_sum(tf.matmul(numbers, numbers)))

numbers = tf.random.stateless_normal([64, 64], [1, 2])
expected, before = product(), megabytes_of_files()
give_back_tables()
give_back()
print(before - megabytes_of_files(), product() == expected)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counted by Linux only")
def test_what_only_loading_tensorflow_needed_is_given_back_and_all_still_works() -> None:
    command = [sys.executable, "-c", _A_WORKER_THAT_GIVES_BACK]
    worker = subprocess.run(command, capture_output=True, text=True, check=True)
    megabytes, still_the_same = worker.stdout.split()
    assert int(megabytes) > 160  # its tables take 140 of them, which giving back code alone leaves
    assert still_the_same == "True"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("here 3", "here 4", True),
        ("here 3", "here 3", False),
        ("here 3", "there 4", False),
        ("", "", False),
        ("", "here 4", False),
        ("here 3", "", False),
    ],
)
def test_only_a_kill_on_the_same_machine_counts(before: str, now: str, *, expected: bool) -> None:
    assert was_killed_for_memory(before, now) is expected


@pytest.fixture
def small_memory() -> Iterator[Path]:
    """A control group with a limit of its own, as containers have it."""
    group = MEMORY / f"aelab-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text("1G")
    except OSError:
        pytest.skip("no control group can be made here")
    yield group
    wait_until(lambda: not (group / "cgroup.procs").read_text(), seconds=30)
    group.rmdir()


HUNGRY = """
import os, sys
open("/proc/self/oom_score_adj", "w").write("0")  # as the server, not as a worker
open(sys.argv[1], "w").write(str(os.getpid()))
bytearray(2_000_000_000)
"""


def test_a_worker_killed_for_memory_is_not_said_to_have_just_died(
    tmp_path: Path, small_memory: Path
) -> None:
    run = Run(tmp_path)
    run.write_spec(TrainingSpec("plain", images=5_000, epochs=200))
    run.write_status(Status("queued", attempt=2))  # the last attempt to train
    program = (
        f"import os; open({str(small_memory / 'cgroup.procs')!r}, 'w').write(str(os.getpid()))\n"
        f"from aecore.worker.training import train; train({str(tmp_path)!r})"
    )
    worker = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: run.last_status().epoch >= 1, seconds=120)
        assert run.status().memory_kills == memory_kills() != ""
        subprocess.run(
            [sys.executable, "-c", HUNGRY, str(small_memory / "cgroup.procs")], check=False
        )
        assert worker.wait(timeout=30) == -9  # the kernel takes the worker first
    finally:
        worker.kill()
        worker.wait()
    train(str(tmp_path))
    status = run.status()
    assert (status.state, status.attempt, status.message) == ("failed", 3, "out_of_memory")
    run.verify()
