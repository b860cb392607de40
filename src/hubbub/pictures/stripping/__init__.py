"""Takes out of a file what nobody meant to send with it: where a picture was taken, with which
camera, by whom, what stands before or behind it. What is shown stays as it is, to the bit.

A module for each way in which files are built; each has one function, which takes the file and
yields the pieces of it that stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from hubbub.pictures.stripping.boxes import pictures_without, videos_without
from hubbub.pictures.stripping.broken import Broken
from hubbub.pictures.stripping.gif import blocks
from hubbub.pictures.stripping.jpeg import segments
from hubbub.pictures.stripping.png import chunks
from hubbub.pictures.stripping.webp import riff

__all__ = ["STRIPPED", "Broken", "Stripping"]

# Raises `Broken`, somewhere between the pieces, if the file is not built as it should be.
Stripping: TypeAlias = Callable[[memoryview], Iterator[bytes | memoryview]]

STRIPPED: dict[str, Stripping] = {
    "image/avif": pictures_without,
    "image/gif": blocks,
    "image/heic": pictures_without,
    "image/jpeg": segments,
    "image/png": chunks,
    "image/webp": riff,
    "video/3gpp": videos_without,
    "video/mp4": videos_without,
    "video/quicktime": videos_without,
}
