# ruff: noqa: T201 - it prints what it measured
"""Seconds per epoch: the lab's training beside the lesson's `model.fit` and beside PyTorch.

`python -m tests.bench.training`; PyTorch takes part where requirements-bench.txt is installed.
Every network's contestants take turns, epoch by epoch, so that a busy machine is busy for all.
Each starts from its own weights of the same kind and sees 60,000 images an epoch (conv: 20,000).
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np

from aecore.datasets import load_mnist, to_float
from aecore.networks import ARCHITECTURES, plan
from aecore.specs import TrainingSpec

BATCH = 256
IMAGES: dict[str, int] = {"plain": 60_000, "deep": 60_000, "conv": 20_000}
GOALS = {"plain": 2.5, "deep": 2.0, "conv": 1.8}


@dataclass(frozen=True)
class Lap:
    """One epoch of one contestant: its seconds, and the validation loss after it."""

    seconds: float
    validation_loss: float


def lesson(architecture: str) -> Iterator[Lap]:
    """The chapter's own code: a functional Keras model and `model.fit` as printed there."""
    layers = keras.layers
    if architecture == "conv":
        image = keras.Input((28, 28, 1))
        x = layers.Conv2D(32, (3, 3), activation="relu", padding="same")(image)
        x = layers.MaxPooling2D((2, 2), padding="same")(x)
        x = layers.Conv2D(32, (3, 3), activation="relu", padding="same")(x)
        x = layers.MaxPooling2D((2, 2), padding="same")(x)
        x = layers.Conv2D(32, (3, 3), activation="relu", padding="same")(x)
        x = layers.UpSampling2D((2, 2))(x)
        x = layers.Conv2D(32, (3, 3), activation="relu", padding="same")(x)
        x = layers.UpSampling2D((2, 2))(x)
        answer = layers.Conv2D(1, (3, 3), activation="sigmoid", padding="same")(x)
        shape: tuple[int, ...] = (-1, 28, 28, 1)
    else:
        image = x = keras.Input((784,))
        for width in (32,) if architecture == "plain" else (128, 64, 32, 64, 128):
            x = layers.Dense(width, activation="relu")(x)
        answer = layers.Dense(784, activation="sigmoid")(x)
        shape = (-1, 784)
    model = keras.Model(image, answer)
    model.compile(optimizer="adam", loss="binary_crossentropy")
    train = to_float(load_mnist().train_images[: IMAGES[architecture]]).reshape(shape)
    test = to_float(load_mnist().test_images).reshape(shape)
    while True:
        start = time.perf_counter()
        history = model.fit(
            train,
            train,
            epochs=1,
            batch_size=BATCH,
            shuffle=True,
            validation_data=(test, test),
            verbose=0,
        )
        yield Lap(time.perf_counter() - start, history.history["val_loss"][0])


def lab(architecture: str) -> Iterator[Lap]:
    """The lab's compiled step, in calls as long as the worker makes them."""
    from aecore.worker.batches import shuffled
    from aecore.worker.learner import Learner

    spec = TrainingSpec(
        architecture, code_size=ARCHITECTURES[architecture].code_size, images=IMAGES[architecture]
    )
    test = to_float(load_mnist().test_images)
    learner = Learner(architecture, spec.code_size, BATCH, noisy=False, noise_varies=False)
    learner.start(spec)
    calls = 5 if architecture == "conv" else 64
    number = 0
    while True:
        number += 1
        start = time.perf_counter()
        rows = shuffled(spec, number, BATCH)
        rates = np.full(len(rows), spec.learning_rate, np.float32)
        for first in range(0, len(rows), calls):
            learner.learn(rows[first : first + calls], rates[first : first + calls])
        validation_loss = float(np.mean(list(learner.validation_losses(test, test))))
        yield Lap(time.perf_counter() - start, validation_loss)


def pytorch(  # noqa: C901 - one case a kind of layer
    architecture: str,
) -> Iterator[Lap]:
    """The same layers in PyTorch: fused Adam, channels-last, data in memory."""
    import torch
    from torch import nn

    layers: list[nn.Module] = []
    network = plan(architecture, ARCHITECTURES[architecture].code_size)
    for layer in network.layers:
        inputs, outputs = layer.input_shape[-1], layer.shape[-1]
        match layer.kind:
            case "dense":
                layers.append(nn.Linear(inputs, outputs))
            case "conv":
                if layer.stride == 2:  # the missing row and column at the end, as Keras has them
                    layers.append(nn.ZeroPad2d((0, 1, 0, 1)))
                layers.append(
                    nn.Conv2d(
                        inputs, outputs, 3, stride=layer.stride, padding=int(layer.stride == 1)
                    )
                )
            case "pool":
                layers.append(nn.MaxPool2d(2))
            case "upsample":
                layers.append(nn.Upsample(scale_factor=2, mode="nearest"))
        if layer.activation == "relu":
            layers.append(nn.ReLU())
    is_conv = network.convolutional
    layout = torch.channels_last if is_conv else torch.preserve_format
    model = nn.Sequential(*layers).to(memory_format=layout)
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    shape = (-1, 1, 28, 28) if is_conv else (-1, 784)
    bytes_ = torch.from_numpy(load_mnist().train_images[: IMAGES[architecture]].copy())
    train = bytes_.reshape(shape).float().div_(255).contiguous(memory_format=layout)
    test = torch.from_numpy(to_float(load_mnist().test_images)).reshape(shape)
    test = test.contiguous(memory_format=layout)
    adam = torch.optim.Adam(model.parameters(), fused=True)
    loss_of = nn.BCEWithLogitsLoss()
    while True:
        start = time.perf_counter()
        for rows in torch.randperm(len(train)).split(BATCH):
            batch = train[rows]
            adam.zero_grad(set_to_none=True)
            loss_of(model(batch), batch).backward()
            adam.step()
        with torch.inference_mode():
            losses = [loss_of(model(part), part).item() for part in test.split(1_000)]
        yield Lap(time.perf_counter() - start, statistics.mean(losses))


def race(architecture: str, epochs: int) -> None:
    """Let the contestants take turns; print each one's median epoch without the first."""
    contestants: dict[str, Callable[[str], Iterator[Lap]]] = {"lesson": lesson, "lab": lab}
    if find_spec("torch") is not None:
        contestants["pytorch"] = pytorch
    runners = {name: contestant(architecture) for name, contestant in contestants.items()}
    laps: dict[str, list[Lap]] = {name: [] for name in runners}
    for _ in range(epochs):
        for name, runner in runners.items():
            laps[name].append(next(runner))
    ours = statistics.median(lap.seconds for lap in laps["lab"][1:])
    for name, found in laps.items():
        seconds = statistics.median(lap.seconds for lap in found[1:])
        goal = f" (goal {GOALS[architecture]:g})" if name == "lesson" else ""
        print(
            f"{architecture:6} {name:8} {seconds:7.2f} s an epoch of {IMAGES[architecture]:,}; "
            f"the lab is {seconds / ours:.2f} times as fast{goal}; validation loss after "
            f"{epochs} epochs {found[-1].validation_loss:.4f}",
            flush=True,
        )
    gc.collect()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", default=list(IMAGES))
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    for architecture in arguments.networks:
        race(architecture, arguments.epochs)


if __name__ == "__main__":
    main()
