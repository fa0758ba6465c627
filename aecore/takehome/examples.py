"""Ten lines for each kind of file: what a student needs to use a model without the lab.

Each script reads its model and `digits.npy`, ten test digits, from the folder it lies in, and
prints the mean squared error of the model's answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from aecore.metrics import MEAN_IMAGE_MSE
from aecore.networks import Layer, NetworkPlan
from aecore.takehome.script import Translate


def keras_example(_: Translate) -> str:
    """For `model.keras`."""
    title = _("The whole network with Keras. It needs: pip install tensorflow")
    return f'''\
"""{title}"""

from pathlib import Path

import keras
import numpy as np

folder = Path(__file__).parent
digits = np.load(folder / "digits.npy")
autoencoder = keras.saving.load_model(folder / "model.keras")
answers = autoencoder.predict(digits, verbose=0)

{_verdict(_)}'''


def onnx_example(_: Translate) -> str:
    """For `encoder.onnx` and `decoder.onnx`."""
    title = _("Encoder and decoder with ONNX Runtime. It needs: pip install onnxruntime")
    return f'''\
"""{title}"""

from pathlib import Path

import numpy as np
import onnxruntime

folder = Path(__file__).parent
digits = np.load(folder / "digits.npy")
encoder = onnxruntime.InferenceSession(folder / "encoder.onnx")
decoder = onnxruntime.InferenceSession(folder / "decoder.onnx")
[codes] = encoder.run(None, {{encoder.get_inputs()[0].name: digits}})
[answers] = decoder.run(None, {{decoder.get_inputs()[0].name: codes}})

{_verdict(_)}'''


def weights_example(network: NetworkPlan, _: Translate) -> str:
    """For `weights.safetensors`: the network layer by layer, with NumPy alone.

    A line for each layer; a function more if there are convolutions.
    """
    title = _("The network as sums and products. It needs: pip install numpy safetensors")
    convolution = _CONVOLUTION if network.convolutional else ""
    layers = "\n".join(_layers(network, _))
    return f'''\
"""{title}"""

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

folder = Path(__file__).parent
digits = np.load(folder / "digits.npy")
weights = load_file(folder / "weights.safetensors")

{convolution}x = digits
{layers}
answers = x

{_verdict(_)}'''


def _verdict(_: Translate) -> str:
    words = _(
        "mean squared error per pixel on ten clean digits (0 is perfect, {mean} the mean image):"
    ).format(mean=MEAN_IMAGE_MSE)
    return f'print("{words}", np.mean((answers - digits) ** 2))\n'


_CONVOLUTION = """\
def convolve(x, kernel, bias, before=1, stride=1):
    padded = np.pad(x, ((0, 0), (before, 1), (before, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    windows = windows[:, ::stride, ::stride]
    return np.einsum("nijcab,abco->nijo", windows, kernel, optimize=True) + bias


"""


def _layers(network: NetworkPlan, _: Translate) -> Iterator[str]:
    """A line of NumPy for each layer; a second head, which only training needs, has a number."""
    number, comment = 0, _("the code")
    for index, layer in enumerate(network.layers):
        is_code = index == len(network.encoder) - 1
        yield f"x = {_numpy(layer, number)}" + (f"  # {comment}" if is_code else "")
        number += bool(layer.parameters) + (network.variational and is_code)


def _numpy(layer: Layer, number: int) -> str:
    kernel, bias = f'weights["{number}.kernel"]', f'weights["{number}.bias"]'
    shape = ", ".join(map(str, layer.shape))
    match layer.kind:
        case "dense":
            return _activated(layer, f"x @ {kernel} + {bias}")
        case "conv":
            halving = ", before=0, stride=2" if layer.stride == 2 else ""
            return _activated(layer, f"convolve(x, {kernel}, {bias}{halving})")
        case "pool":
            rows, columns, maps = layer.shape
            return f"x.reshape(-1, {rows}, 2, {columns}, 2, {maps}).max(axis=(2, 4))"
        case "upsample":
            return "x.repeat(2, axis=1).repeat(2, axis=2)"
        case "flatten" | "reshape":
            return f"x.reshape(-1, {shape})"


def _activated(layer: Layer, values: str) -> str:
    match layer.activation:
        case "relu":
            return f"np.maximum({values}, 0)"
        case "sigmoid":
            return f"1 / (1 + np.exp(-({values})))"
        case "linear":
            return values
