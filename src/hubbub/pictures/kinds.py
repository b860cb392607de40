"""What a file is, told by its content and never by its name.

A closed list: what is not in it is `UNKNOWN`. So nothing that a browser could run is ever called
by its name, and what is called a picture, sound or video is one that browsers show.
"""

from __future__ import annotations

import codecs
import re

HEAD_BYTES = 4096  # of a file are looked at
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

# The pictures that every browser shows, and what Pillow calls them.
PICTURES = {
    "image/avif": "AVIF",
    "image/gif": "GIF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
}

# How a file begins, as a regular expression of bytes. The first one that fits is taken.
_BEGINNINGS = [
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"RIFF....AVI ", "video/x-msvideo"),
    # ISO/IEC 14496-12: the brand that a file of boxes is best understood as. mif1 and msf1 are
    # those of pictures in general; what is in them, the brands after it tell.
    (rb"....ftyp(?:avi[fs]|m[is]f1.{4}(?:.{4}){0,6}avif)", "image/avif"),
    (rb"....ftyp(?:hei[cxms]|hev[cxms]|m[is]f1)", "image/heic"),
    (rb"....ftyp(?:M4[AB] |F4A )", "audio/mp4"),
    (rb"....ftypqt  ", "video/quicktime"),
    (rb"....ftyp3g", "video/3gpp"),
    (rb"....ftyp(?:iso.|mp4.|avc1|dash|M4V |mmp4|MSNV|F4V )", "video/mp4"),
    (rb"\x1aE\xdf\xa3.{0,64}\x42\x82.webm", "video/webm"),
    (rb"\x1aE\xdf\xa3.{0,64}\x42\x82.matroska", "video/x-matroska"),
    (rb"OggS.{24,200}(?:OpusHead|\x01vorbis|\x7fFLAC|Speex   )", "audio/ogg"),
    (rb"OggS.{24,200}\x80theora", "video/ogg"),
    (rb"fLaC", "audio/flac"),
    (rb"ID3[\x02-\x04]", "audio/mpeg"),
    # A frame of MPEG audio, layer III, with a bit rate and a sampling rate that there are.
    (rb"\xff[\xfa\xfb\xf2\xf3\xe2\xe3][\x10-\x1b\x20-\x2b\x30-\x3b\x40-\x4b\x50-\x5b"
     rb"\x60-\x6b\x70-\x7b\x80-\x8b\x90-\x9b\xa0-\xab\xb0-\xbb\xc0-\xcb\xd0-\xdb\xe0-\xeb]",
     "audio/mpeg"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),
    (rb"BM.{4}\x00\x00\x00\x00", "image/bmp"),
    (rb"II\*\x00|MM\x00\*", "image/tiff"),
    (rb"%PDF-1|%PDF-2", "application/pdf"),
    (rb"PK\x03\x04.{22}..\[Content_Types\]\.xml.*word/",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (rb"PK\x03\x04.{22}..\[Content_Types\]\.xml.*xl/",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (rb"PK\x03\x04.{22}..\[Content_Types\]\.xml.*ppt/",
     "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (rb"PK\x03\x04.{22}..mimetypeapplication/vnd\.oasis\.opendocument\.text",
     "application/vnd.oasis.opendocument.text"),
    (rb"PK\x03\x04.{22}..mimetypeapplication/vnd\.oasis\.opendocument\.spreadsheet",
     "application/vnd.oasis.opendocument.spreadsheet"),
    (rb"PK\x03\x04.{22}..mimetypeapplication/epub\+zip", "application/epub+zip"),
    (rb"PK\x03\x04|PK\x05\x06", "application/zip"),
    (rb"\x1f\x8b\x08", "application/gzip"),
    (rb"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (rb"Rar!\x1a\x07", "application/vnd.rar"),
    (rb"\xfd7zXZ\x00", "application/x-xz"),
    (rb"\x28\xb5\x2f\xfd", "application/zstd"),
    (rb"BZh[1-9]", "application/x-bzip2"),
]  # fmt: skip
_FITS = [(re.compile(beginning, re.DOTALL), kind) for beginning, kind in _BEGINNINGS]

# All that a file may be said to be.
KINDS = frozenset({kind for _, kind in _BEGINNINGS} | {TEXT, UNKNOWN})

# Text that a browser which does not do as it is told would take for a page (MIME Sniffing, 7.1).
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\x0c\r ]*<(?:!--|\?xml|(?:!doctype html|html|head|script|iframe|h1|"
    rb"div|font|table|a|style|title|b|body|br|p|svg)[\t\n\x0c\r />])",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def kind(head: bytes) -> str:
    """The media type of a file that begins with ``head``, its first `HEAD_BYTES`."""
    for beginning, told in _FITS:
        if beginning.match(head):
            return told
    return TEXT if head and _is_text(head) and not _PAGE.match(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    """Whether it is UTF-8 without control characters; the last character may be cut."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.search(text)
