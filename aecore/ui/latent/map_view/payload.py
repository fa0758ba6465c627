"""Messages to the latent map in the browser: a JSON header, then sections of raw bytes.

Layout: the header's length (uint32, little endian), the header padded with spaces to a multiple
of four bytes, then the sections, each padded likewise. The header's `sections` names each one's
offset (from the end of the header) and length.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aecore.datasets import Floats
from aecore.maps.latent_map import Frame, LatentMap, LinearDecoder
from aecore.maps.plane import Box

Sections = dict[str, bytes]


def pack(header: Mapping[str, Any], sections: Mapping[str, bytes]) -> bytes:
    """One message; `unpack` in payload.js reads it."""
    contents, body = {}, bytearray()
    for name, content in sections.items():
        contents[name] = (len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    front = json.dumps({**header, "sections": contents}, ensure_ascii=False).encode()
    front += b" " * (-len(front) % 4)
    return struct.pack("<I", len(front)) + front + bytes(body)


def fractions(places: Floats, box: Box) -> NDArray[np.uint16]:
    """Places `(n, 2)` as 16-bit fractions of `box`; those outside go to its edge."""
    low = np.array([box.left, box.bottom])
    size = np.array([box.right, box.top]) - low
    steps: NDArray[np.uint16] = np.round(np.clip((places - low) / size, 0, 1) * 65_535).astype(
        "<u2"
    )
    return steps


def corners(box: Box) -> list[float]:
    """left, bottom, right, top."""
    return [box.left, box.bottom, box.right, box.top]


def map_sections(number: int, chart: LatentMap) -> Sections:
    """All that the browser needs of the map with that number, as named sections."""
    sections = {
        "places": fractions(chart.places, chart.box).tobytes(),
        "density": chart.density.tobytes(),
        "winners": chart.regions.winners.tobytes(),
        "shares": chart.regions.shares.tobytes(),
    }
    if isinstance(chart.decoder, LinearDecoder):
        sections["pca"] = chart.decoder.images.astype("<f4").tobytes()
    else:
        sections["xs"] = chart.decoder.xs.astype("<f4").tobytes()
        sections["ys"] = chart.decoder.ys.astype("<f4").tobytes()
        sections["sheet"] = chart.decoder.to_webp()
    return {f"{number}.{name}": content for name, content in sections.items()}


def film_message(
    run: str, frames: Sequence[Frame], *, epochs: int, finished: bool, part: str
) -> bytes:
    """Frames of a run's film, one section each, named by its epoch.

    `epochs` is how many the run will have, `finished` whether its model is there, and `part`
    tells apart messages that stand beside each other ("all", "newest").
    """
    boxes = [Box.around(frame.places).squared() for frame in frames]
    homes = [Box.around(frame.places, leave_out=0.002) for frame in frames]
    header = {
        "run": run,
        "part": part,
        "epochs": epochs,
        "finished": finished,
        "frames": [
            {"epoch": frame.epoch, "box": corners(box), "home": corners(home)}
            for frame, box, home in zip(frames, boxes, homes, strict=True)
        ],
    }
    sections = {
        f"{frame.epoch}": fractions(frame.places, box).tobytes()
        for frame, box in zip(frames, boxes, strict=True)
    }
    return pack(header, sections)
