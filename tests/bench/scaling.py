# ruff: noqa: T201 - it prints what it measured
"""Thirty different trainings on one and on two Dask workers: `python -m tests.bench.scaling`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from aecore.runs import Run
from aecore.service.limits import Limits
from aecore.service.trainer import Trainer
from aecore.service.workers import DaskWorkers
from aecore.specs import TrainingSpec
from tests.conftest import wait_until
from tests.service.cluster import dask_cluster


def seconds_for(runs: Path, scheduler: str, specs: list[TrainingSpec]) -> float:
    """From the first wish to the last finished model, on workers that are warm."""
    trainer = Trainer(runs, DaskWorkers(scheduler), Limits(queue_length=len(specs))).start()
    try:
        for number in range(2):  # enough to warm up two workers
            trainer.submit(TrainingSpec("plain", images=1_000, epochs=1, seed=number), f"w{number}")
        warm = [TrainingSpec("plain", images=1_000, epochs=1, seed=number) for number in range(2)]
        _await_all(runs, warm)
        start = time.monotonic()
        for spec in specs:
            trainer.submit(spec, f"student {spec.seed}")
        _await_all(runs, specs)
        return time.monotonic() - start
    finally:
        trainer.close()


def _await_all(runs: Path, specs: list[TrainingSpec]) -> None:
    folders = [Run(runs / spec.key) for spec in specs]
    wait_until(lambda: all(run.is_sealed() for run in folders), seconds=1_800)


def main() -> None:
    kinds = {
        "plain, 5 epochs of 10,000": TrainingSpec("plain", images=10_000, epochs=5),
        "deep, 5 epochs of 60,000": TrainingSpec("deep", images=60_000, epochs=5),
    }
    for name, kind in kinds.items():
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                runs = Path(folder) / "runs"
                runs.mkdir()
                specs = [
                    TrainingSpec(**{**kind.to_dict(), "seed": 100 + number}) for number in range(30)
                ]
                with dask_cluster(Path(folder), workers) as scheduler:
                    seconds = seconds_for(runs, scheduler, specs)
                print(f"{name}: 30 on {workers} worker(s): {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
