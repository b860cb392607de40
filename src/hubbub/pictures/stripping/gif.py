"""GIF (GIF89a): blocks."""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.pictures.stripping.broken import Broken, number, part

_IMAGE, _EXTENSION, _END = 0x2C, 0x21, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}  # how often the pictures are shown


def blocks(data: memoryview) -> Iterator[bytes | memoryview]:
    """Leaves out comments, texts, what other programs wrote, and all behind the end."""
    at = 13 + _colours(number(data, 10, 1))
    yield part(data, 0, at)
    while True:
        if at == len(data):  # many programs forget the end, and all that show pictures allow it
            yield bytes([_END])
            return
        kind = number(data, at, 1)
        if kind == _END:
            yield data[at : at + 1]
            return
        if kind == _IMAGE:
            first = at + 11 + _colours(number(data, at + 9, 1))  # and how LZW begins
            end = _behind(data, first)
            yield data[at:end]
        elif kind == _EXTENSION:
            end = _behind(data, at + 2)
            label = number(data, at + 1, 1)
            loops = label == _APPLICATION and bytes(data[at + 3 : at + 14]) in _LOOPS
            if label == _GRAPHIC_CONTROL:
                yield data[at:end]
            elif loops and number(data, at + 14, 1) == 3:
                yield part(data, at, 18)
                yield b"\0"
        else:
            raise Broken("there is no such block")
        at = end


def _colours(flags: int) -> int:
    """The bytes of a table of colours, by the flags before it."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind(data: memoryview, at: int) -> int:
    """Where the blocks of data end that begin at ``at``."""
    while size := number(data, at, 1):
        at += 1 + size
    return at + 1
