"""The whole look at one file, inside of the process that is there for it."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from hubbub.pictures.answer import Answer, cleaned_of, thumbnail_of, upright_of
from hubbub.pictures.kinds import HEAD_BYTES, PICTURES, UNKNOWN, kind
from hubbub.pictures.stripping import STRIPPED, Broken, Stripping


def looks(path: Path) -> Iterator[Answer]:
    """What is known of the file, from the first look to the last one."""
    cleaned, thumbnail, upright = cleaned_of(path), thumbnail_of(path), upright_of(path)
    with path.open("rb") as file:
        told = kind(file.read(HEAD_BYTES))
    # A picture is called one when it was decoded, not before.
    plain = UNKNOWN if told in PICTURES else told
    whole = True
    different = False
    if told in STRIPPED:
        try:
            different = strip(path, STRIPPED[told], cleaned)
        except Broken:
            whole = False
            cleaned.unlink(missing_ok=True)
    yield Answer(plain, cleaned=different)
    if told not in PICTURES or not whole:
        return

    from hubbub.pictures import decoding  # imported for pictures only: it takes long

    try:
        if decoding.turn(path, told, upright):
            upright.replace(cleaned)
            different = True
        seen = decoding.look(cleaned if different else path, told, thumbnail)
    except Exception:  # noqa: BLE001 - whatever Pillow says: it is none that can be shown
        return
    yield Answer(
        told,
        width=seen.width,
        height=seen.height,
        animated=seen.animated,
        cleaned=different,
        thumbnail=True,
    )


def strip(path: Path, stripping: Stripping, cleaned: Path) -> bool:
    """Writes to ``cleaned`` what stays of the file; not if that is all of it.

    Returns whether it was written. Raises `Broken`.
    """
    at = 0
    same = True
    with path.open("rb") as file, cleaned.open("xb") as out:
        # It is unmapped when the last piece of it is gone.
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        for piece in stripping(data):
            same = same and piece == data[at : at + len(piece)]
            at += len(piece)
            out.write(piece)
        same = same and at == len(data)
    if same:
        cleaned.unlink()
    return not same
