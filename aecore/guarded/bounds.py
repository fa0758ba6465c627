"""How much is taken of what comes from outside, named in one place.

Two kinds of things come from outside. **Messages** of a browser: anybody can send them without a
browser, so each is measured before it is decoded, and the worst that still passes costs the server
less than 50 MB of memory and 0.2 s. **Files** of model folders: others may write there, too, so a
file is measured before it is read, and what it claims about itself before it is believed.

Streamlit holds the outermost bounds, which `.streamlit/config.toml` sets: a message of a browser
may weigh 1 MB (`maxWidgetStateSize`): as JSON it becomes up to 40 MB of Python's objects before any
of our code sees it. An uploaded file (`maxUploadSize`) may weigh no more than a file of weights,
which follows from the networks there are: `aecore.takehome.safetensors.largest_file`.
"""

from __future__ import annotations

# Messages

PNG_BYTES = 500_000
"""Of the canvas's picture. One that is full of scribbles takes 60,000."""

PNG_SIDE = 1_120
"""Pixels a side of it: four times the canvas's. A PNG says its size in its head, so that a small
file which unpacks to gigabytes is refused unread."""

STROKES = 2_000
"""Lines of a drawing."""

STROKES_JSON = 500_000
"""Characters of these lines as JSON, minutes of scribbling: then the canvas is full, since
Streamlit would end the connection over a message of more than 1 MB."""

LINK_VALUE = 2_000
"""Characters of one value in a link. A longer one is cut, and then seldom makes sense."""

SKETCH_WORD = 1_500
"""Characters of a drawing in a link. A digit takes 100 to 400; browsers and servers take links of
2,000 and more."""

SKETCH_BYTES = 20_000
"""Bytes that such a word may unpack to: compressed zeros from a stranger end there."""

COOKIE = 200
"""Characters of the cookie that tells browsers apart."""

UPLOADS_BYTES = 48_000_000
"""Of all visitors' uploaded files that nobody has looked at yet: four of the largest."""

UPLOADS = 200
"""Such files."""

# Files of a model's folder

JSON_BYTES = 100_000
"""Of spec.json and the like. The longest of ours takes 800."""

EPOCH_BYTES = 50_000_000
"""Of the arrays of one epoch, unpacked; weights of a network that is kept so take 0.5 million."""

INDEX_BYTES = 10_000_000
"""Of neighbours.npz, unpacked: 10,000 codes of at most 64 numbers take 1.3 million."""

CHECKPOINT_BYTES = 100_000_000
"""Of checkpoint.npz: three times the weights of the largest network take 34 million."""

KERAS_BYTES = 100_000_000
"""Of model.keras, which is handed on unread."""

ONNX_EXTRA = 20_000
"""Bytes of an ONNX file beside its weights; the largest of ours has 1,400."""

ARRAYS = 200
"""Arrays in one .npz file; ours have up to 60."""

DIRECTORY_BYTES = 100 * ARRAYS
"""Of such a file's directory, which Python would read without end."""
