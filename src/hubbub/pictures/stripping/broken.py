"""That a file is not built as its beginning says, and how its bytes are asked for."""

from __future__ import annotations


class Broken(ValueError):
    """The file ends too early, or is not built as it should be."""


def number(data: memoryview, at: int, size: int, *, little: bool = False) -> int:
    """The number of ``size`` bytes at ``at``. Raises `Broken` if the file ends before."""
    return int.from_bytes(part(data, at, size), "little" if little else "big")


def part(data: memoryview, at: int, size: int) -> memoryview:
    """The ``size`` bytes at ``at``. Raises `Broken` if the file ends before."""
    if size < 0 or at + size > len(data):
        raise Broken(f"it ends before byte {at + size}")
    return data[at : at + size]
