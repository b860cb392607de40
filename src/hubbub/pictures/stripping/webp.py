"""WebP (RFC 9649): chunks of RIFF."""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.pictures.stripping.broken import number, part

_PICTURE = {b"ALPH", b"VP8 ", b"VP8L"}
_KEPT = {*_PICTURE, b"ANIM", b"ICCP"}
_EXIF_AND_XMP = 0x08 | 0x04  # section 2.7: flags of VP8X, which say that there are such chunks
_FRAME_BYTES = 16  # of a frame, before its own chunks


def riff(data: memoryview) -> Iterator[bytes | memoryview]:
    """Leaves out Exif, XMP, what it does not know, and all behind the end."""
    end = 8 + number(data, 4, 4, little=True)
    kept = list(_kept(part(data, 0, end), 12))
    yield b"RIFF" + (4 + sum(map(len, kept))).to_bytes(4, "little") + b"WEBP"
    yield from kept


def _kept(data: memoryview, at: int) -> Iterator[bytes | memoryview]:
    while at < len(data):
        name = bytes(part(data, at, 4))
        size = number(data, at + 4, 4, little=True)
        said = part(data, at + 8, size)
        if name in _KEPT:
            yield from _chunk(name, said)
        elif name == b"VP8X":
            flags = number(said, 0, 1) & ~_EXIF_AND_XMP
            yield from _chunk(name, bytes([flags]), said[1:])
        elif name == b"ANMF":
            frame = [part(said, 0, _FRAME_BYTES), *_pictures(said)]
            yield from _chunk(name, *frame)
        at += 8 + size + size % 2


def _pictures(frame: memoryview) -> Iterator[bytes | memoryview]:
    """The chunks in a frame that are the picture."""
    at = _FRAME_BYTES
    while at < len(frame):
        name = bytes(part(frame, at, 4))
        size = number(frame, at + 4, 4, little=True)
        if name in _PICTURE:
            yield from _chunk(name, part(frame, at + 8, size))
        at += 8 + size + size % 2


def _chunk(name: bytes, *pieces: bytes | memoryview) -> Iterator[bytes | memoryview]:
    size = sum(map(len, pieces))
    yield name + size.to_bytes(4, "little")
    yield from pieces
    if size % 2:
        yield b"\0"
