"""PNG and APNG (W3C, third edition): chunks."""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.pictures.stripping.broken import number, part

# What is shown, and by which colours. Not: tEXt, zTXt, iTXt (XMP is in them), eXIf, tIME …
_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND"),
    *(b"acTL", b"fcTL", b"fdAT"),
    *(b"tRNS", b"bKGD", b"pHYs", b"sBIT"),
    *(b"cHRM", b"cICP", b"cLLI", b"gAMA", b"iCCP", b"mDCV", b"sRGB"),
}


def chunks(data: memoryview) -> Iterator[bytes | memoryview]:
    """Leaves out texts, Exif, times, what it does not know, and all behind the end."""
    yield part(data, 0, 8)
    at = 8
    name = b""
    while name != b"IEND":
        length = number(data, at, 4)
        name = bytes(part(data, at + 4, 4))
        chunk = part(data, at, length + 12)  # its length, its name, what it has, a check sum
        at += length + 12
        if name in _KEPT:
            yield chunk
