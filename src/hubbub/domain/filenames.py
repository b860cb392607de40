"""How files are called, and how large they are in words.

A name is as its owner says it, but for what could lead a reader astray.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from hubbub.domain.errors import TooMany
from hubbub.domain.files import MAX_FILE_NAME_CHARS, File
from hubbub.domain.names import UNSEEN

NAMELESS = "file"
"""The name of what has none."""

MAX_ENDING_CHARS = 20  # of a name that is cut: ".tar.gz", ".markdown", …

STEP = 1024  # from one unit of sizes to the next

_JOINERS = "\u200c\u200d"  # which some scripts, and emoji, need
_UNSHOWN = frozenset(_JOINERS) | UNSEEN | {" "}
_NOWHERE_GOOD = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # what Windows has no files with


def parse_file_name(raw: str) -> str:
    """The name that a file is shown and served with: one part of a path, with nothing unseen in it.

    Nothing is refused: folders before it are left out, and so is what turns the direction of
    writing (``gpj.exe`` shows as ``exe.jpg`` behind U+202E). It has at most `MAX_FILE_NAME_CHARS`
    characters, of which the ending is kept; `NAMELESS` if nothing is left.
    """
    name = raw.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = name.encode(errors="replace").decode()  # lone surrogates
    name = "".join(filter(_is_seen, unicodedata.normalize("NFC", name)))
    name = " ".join(name.split()).translate(_NOWHERE_GOOD).strip(" .")
    if len(name) > MAX_FILE_NAME_CHARS:
        stem, dot, ending = name.rpartition(".")
        ending = f"{dot}{ending}" if stem and len(ending) < MAX_ENDING_CHARS else ""
        name = name[: MAX_FILE_NAME_CHARS - len(ending)].rstrip(" .") + ending
    return name if set(name) - _UNSHOWN else NAMELESS


def _is_seen(letter: str) -> bool:
    return letter in _JOINERS or letter.isspace() or unicodedata.category(letter)[0] != "C"


def spoken_size(size: int) -> str:
    """A number of bytes as people say it: ``12 KiB``, ``3.4 MiB``; in the units of settings."""
    if size < STEP:
        return f"{size} B"
    amount, units = size / STEP, iter(("KiB", "MiB", "GiB"))
    unit = next(units)
    while amount >= STEP - 0.5 and unit != "GiB":
        amount, unit = amount / STEP, next(units)
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"


def too_large(size: int, most: int) -> str:
    """That a file has more than ``most`` bytes; to the byte, where that is all that it has more."""
    has, may = spoken_size(size), spoken_size(most)
    if has == may:
        has, may = f"{size:,} bytes", f"{most:,}"
    return f"This file has {has}; {may} are allowed."


def over_quota(taken: int, more: int, most: int) -> TooMany:
    """Why ``more`` bytes are not taken of somebody who has ``taken`` of ``most`` already."""
    return TooMany(
        f"Your files take {spoken_size(taken)} of the {spoken_size(most)} that you may have here, "
        f"and this one has {spoken_size(more)}. Take back messages with files that nobody needs "
        "any more, or ask who keeps this server for more."
    )


def file_path(file: File) -> str:
    """Where a server has a file, below its own address."""
    return f"/api/files/{file.id}/{quote(file.name, safe='')}"
