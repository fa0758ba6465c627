"""Reading files that anybody may have written: measured first, and nothing they claim believed.

A file is read only if it lies in the folder it seems to lie in (symbolic links lead elsewhere), is
an ordinary file (a pipe would let the reader wait for ever) and is no larger than it may be.
Arrays are built from bytes that are there: no memory is asked for because a header says so, and no
objects, whose unpickling would run code.
"""

from __future__ import annotations

import io
import json
import math
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aecore.guarded.bounds import ARRAYS, DIRECTORY_BYTES

_END_OF_ZIP = 22
"""Bytes at the end of a zip file that say where its directory is, if no comment follows."""

_DIRECTORY_SIZE = slice(12, 16)
_ZIP64 = slice(-42, -38)
_WAYS_TO_COMPRESS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class UnsoundFileError(ValueError):
    """A file that is not taken: too large, no ordinary file, or not what it claims to be."""


def is_ordinary(file: Path) -> bool:
    """Whether it is a file and no link, nor a pipe. Raises OSError where there is nothing."""
    return stat.S_ISREG(file.lstat().st_mode)


@contextmanager
def opened(folder: Path, name: str, at_most: int) -> Iterator[io.BufferedReader]:
    """The file `name` of `folder`, open for reading, if it has no more than `at_most` bytes.

    Raises OSError or UnsoundFileError.
    """
    file = folder / name
    if os.path.realpath(file) != str(Path(os.path.realpath(folder)) / name):
        raise UnsoundFileError("leads elsewhere")
    if not is_ordinary(file):
        raise UnsoundFileError("is no ordinary file")
    with file.open("rb") as handle:
        if os.fstat(handle.fileno()).st_size > at_most:
            raise UnsoundFileError("is too large")
        yield handle


def read_bytes(folder: Path, name: str, at_most: int) -> bytes:
    """All bytes of a file, at most `at_most`. Raises OSError or UnsoundFileError."""
    with opened(folder, name, at_most) as handle:
        return handle.read(os.fstat(handle.fileno()).st_size)


def read_json(folder: Path, name: str, at_most: int) -> object:
    """What a JSON file says. Raises OSError or UnsoundFileError."""
    try:
        return json.loads(read_bytes(folder, name, at_most))
    except UnsoundFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise UnsoundFileError("is no JSON") from error


def read_arrays(folder: Path, name: str, at_most: int) -> dict[str, NDArray[Any]]:
    """The arrays of numbers in an .npz file, read-only; unpacked they have `at_most` bytes.

    Raises OSError or UnsoundFileError.
    """
    return unpack_arrays(read_bytes(folder, name, at_most), at_most)


def unpack_arrays(content: bytes, at_most: int) -> dict[str, NDArray[Any]]:
    """The arrays of numbers in the bytes of an .npz file, read-only. Raises UnsoundFileError."""
    end = content[-_END_OF_ZIP:]
    if end[:4] != b"PK\5\6" or content[_ZIP64] == b"PK\6\7":
        raise UnsoundFileError("is no .npz file")
    if int.from_bytes(end[_DIRECTORY_SIZE], "little") > DIRECTORY_BYTES:
        raise UnsoundFileError("holds too many arrays")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check(members, at_most)
            return {
                member.filename.removesuffix(".npy"): _array(archive.read(member))
                for member in members
            }
    except UnsoundFileError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        OverflowError,
        RuntimeError,  # encrypted; and what zipfile does not support
        ValueError,
    ) as error:
        raise UnsoundFileError("is damaged") from error


def _check(members: list[zipfile.ZipInfo], at_most: int) -> None:
    if len(members) > ARRAYS or sum(member.file_size for member in members) > at_most:
        raise UnsoundFileError("unpacks to too much")
    if {member.compress_type for member in members} - _WAYS_TO_COMPRESS:
        raise UnsoundFileError("is compressed in another way")


def _array(content: bytes) -> NDArray[Any]:
    """The array in the bytes of an .npy file, as numpy 1 wrote it. Raises ValueError."""
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise UnsoundFileError("is of another version")
    shape, by_columns, kind = np.lib.format.read_array_header_1_0(stream)
    if kind.kind not in "fiub":
        raise UnsoundFileError("holds something else than numbers")
    start = stream.tell()
    if math.prod(shape) * kind.itemsize != len(content) - start or min(shape, default=0) < 0:
        raise UnsoundFileError("has another size than it claims")
    values = np.frombuffer(content[start:], kind)
    return values.reshape(shape, order="F" if by_columns else "C")
