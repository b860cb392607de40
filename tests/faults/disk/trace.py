"""The records that `disk.c` writes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

HEAD = struct.Struct("=QIIII")


class Kind(Enum):
    """What was done: all but the last one to a file or folder, that on a socket."""

    CREATE = "C"
    UNLINK = "U"
    RENAME = "R"
    MAKE_FOLDER = "D"
    WRITE = "W"
    TRUNCATE = "T"
    SYNC = "F"
    FAILED_SYNC = "X"
    SEND = "S"


class Record(NamedTuple):
    """One call. ``at``: the offset of a write, the size of a truncation.

    ``data``: what was written, or sent; of a rename, the new path.
    """

    kind: Kind
    path: Path
    at: int
    data: bytes


def read_trace(path: Path) -> Iterator[Record]:
    """All records in order; a last one that was cut by the end of its process is left out."""
    raw = path.read_bytes()
    start = 0
    while start + HEAD.size <= len(raw):
        at, path_size, data_size, kind, _pid = HEAD.unpack_from(raw, start)
        names = start + HEAD.size
        data = names + path_size
        start = data + data_size
        yield Record(Kind(chr(kind)), Path(raw[names:data].decode()), at, raw[data:start])
