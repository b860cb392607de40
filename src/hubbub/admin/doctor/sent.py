"""The files that people have sent: whether what the database names is there, and what it was."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient
from hubbub.domain.errors import LogUnavailable
from hubbub.domain.filenames import spoken_size
from hubbub.hub.fileports import Blobs, NoSuchBlob, place_of, thumbnail_of
from hubbub.storage.backup.places import S3
from hubbub.storage.blobs.folder import FOLDER
from hubbub.storage.blobs.places import blobs_of

MOST_TOLD = 5
MOST_FAILURES = 3  # one after another: then the store is away, and not a file
HASH_CHARS = 64  # of SHA-256, with which the key of a blob begins
BLOBS = "SELECT DISTINCT blob, size, thumbnail_size FROM files ORDER BY blob"

CURE = (
    "Restore them from a backup: hubbub admin restore FILE --to FOLDER, and copy what is missing "
    "of its folder files. Who opens such a file is told that it is not there."
)
CURE_STORE = "Restore them from a backup of the store. Where there is none, they are lost."

Row = tuple[str, int, int]


class _Seen(Struct):
    """The places of blobs that are not there or cut off, and of those that hold something else."""

    missing: list[str]
    changed: list[str]


def sent(patient: Patient) -> Iterator[Finding]:
    """Each file of the database, with its size; and what it holds, if that is asked for."""
    where = patient.settings.files
    in_bucket = where.startswith(S3)
    if in_bucket and not patient.hashes:
        said = f"They are in {where}, which is not looked at."
        cure = "hubbub admin doctor --files reads all of them."
        yield Finding(level=Level.NOTE, about="sent files", said=said, cure=cure)
        return
    rows = _rows(patient)
    if rows is None:
        return
    folder = Path(where).expanduser() if where else patient.folder / FOLDER
    place = where if in_bucket else str(folder)
    try:
        if patient.hashes:
            seen = asyncio.run(_read(patient, blobs_of(where, patient.folder), rows))
        else:
            seen = _Seen(list(_not_whole(patient, folder, rows)), [])
    except LogUnavailable as error:
        yield Finding(level=Level.ERROR, about="sent files", said=f"In {place}: {error.message}")
        return
    cure = CURE_STORE if in_bucket else CURE
    if seen.missing:
        said = f"In {place} there are not, or not whole: {_listed(seen.missing)}."
        yield Finding(level=Level.ERROR, about="sent files", said=said, cure=cure)
    if seen.changed:
        said = f"In {place} these hold something else than what was stored: {_listed(seen.changed)}"
        yield Finding(level=Level.ERROR, about="sent files", said=f"{said}.", cure=cure)
    if not seen.missing and not seen.changed:
        taken = spoken_size(sum(size + small for _, size, small in rows))
        are = "are there, hold what was stored," if patient.hashes else "are there,"
        said = f"All {len(rows):,} {are} and take {taken}."
        yield Finding(level=Level.OK, about="sent files", said=said)


def _rows(patient: Patient) -> Sequence[Row] | None:
    """What the database names; None if it cannot be read, which is told where it is looked at."""
    if patient.settings.database:
        from hubbub.admin.doctor.shared import rows_of

        return rows_of(patient, BLOBS)
    if not patient.database.exists():
        return None
    try:
        with patient.reading(patient.database) as connection:
            return connection.execute(BLOBS).fetchall()
    except sqlite3.DatabaseError:
        return None  # of an older schema; or `database` says what is wrong


def _not_whole(patient: Patient, folder: Path, rows: Sequence[Row]) -> Iterator[str]:
    for blob, size, thumbnail_size in rows:
        patient.rest()
        for key, expected in ((blob, size), (thumbnail_of(blob), thumbnail_size)):
            if expected and _size(folder / place_of(key)) != expected:
                yield place_of(key)


async def _read(patient: Patient, blobs: Blobs, rows: Sequence[Row]) -> _Seen:
    """Reads all. Raises `LogUnavailable` when the store does not answer."""
    seen, failures = _Seen([], []), 0
    for blob, size, thumbnail_size in rows:
        for key, expected in ((blob, size), (thumbnail_of(blob), thumbnail_size)):
            if not expected and key != blob:
                continue
            try:
                length, digest = await _measured(patient, blobs, key, expected)
            except NoSuchBlob:
                seen.missing.append(place_of(key))
                continue
            except LogUnavailable:
                failures += 1
                if failures == MOST_FAILURES:
                    raise
                seen.missing.append(place_of(key))
                continue
            failures = 0
            if length != expected:
                seen.missing.append(place_of(key))
            elif key == blob and digest != blob[:HASH_CHARS]:
                seen.changed.append(place_of(key))
    return seen


async def _measured(patient: Patient, blobs: Blobs, key: str, size: int) -> tuple[int, str]:
    """How many of ``size`` bytes there are, and their SHA-256."""
    hashed, length = sha256(), 0
    patient.rest()
    async for piece in blobs.read(key, 0, size):
        hashed.update(piece)
        length += len(piece)
        patient.rest()
    return length, hashed.hexdigest()


def _listed(places: list[str]) -> str:
    more = f" … and {len(places) - MOST_TOLD:,} more" if len(places) > MOST_TOLD else ""
    return ", ".join(places[:MOST_TOLD]) + more


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
