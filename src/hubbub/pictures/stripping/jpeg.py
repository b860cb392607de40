"""JPEG (ITU-T T.81, JFIF: T.871): segments, and between them what is compressed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hubbub.pictures.stripping.broken import Broken, number, part

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_COMMENT, _APP0, _APP2, _APP14, _APP15 = 0xFE, 0xE0, 0xE2, 0xEE, 0xEF
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a segment
_JFIF_BYTES = 14  # of what JFIF tells; a small picture may follow

# T.81, B.1.1.2: in what is compressed, 0xFF is followed by zero, or by the marker of a restart.
_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")


def segments(data: memoryview) -> Iterator[bytes | memoryview]:
    """Leaves out Exif, XMP, IPTC, comments, small pictures, and all behind the end."""
    yield part(data, 0, 2)
    at = 2
    while True:
        if number(data, at, 1) != 0xFF:
            raise Broken("a segment does not begin with a marker")
        while (marker := number(data, at + 1, 1)) == 0xFF:  # B.1.1.2: fill bytes
            at += 1
        if marker in {0x00, _START}:
            raise Broken("it begins anew inside")
        if marker == _END or marker in _ALONE:
            yield part(data, at, 2)
            at += 2
            if marker == _END:
                return
            continue
        length = 2 + number(data, at + 2, 2)
        segment = part(data, at, length)
        at += length
        if marker == _SCAN:
            end = _MARKER.search(data, at)
            if end is None:
                raise Broken("it has no end")
            yield segment
            yield data[at : end.start()]
            at = end.start()
        elif marker == _COMMENT or _APP0 <= marker <= _APP15:
            yield _what_shows(marker, segment)
        else:
            yield segment


def _what_shows(marker: int, segment: memoryview) -> bytes | memoryview:
    """Of a segment for programs, what the picture is shown by: density, colours."""
    said = bytes(segment[4:])
    if marker == _APP0 and said[:5] == b"JFIF\0" and len(said) >= _JFIF_BYTES:
        kept = said[: _JFIF_BYTES - 2] + b"\0\0"  # the size of the small picture: none
        return b"\xff\xe0" + (2 + _JFIF_BYTES).to_bytes(2, "big") + kept
    if marker == _APP2 and said[:12] == b"ICC_PROFILE\0":
        return segment
    if marker == _APP14 and said[:5] == b"Adobe":
        return segment
    return b""
