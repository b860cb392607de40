"""What a backup says of itself: the first thing in its file."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import msgspec
from msgspec import Struct

from hubbub.storage.backup.errors import DamagedBackup, NewerBackup

FORMAT = 1
MAX_BYTES = 64 * 1024 * 1024  # of a manifest: some 500,000 rooms
MAX_FILES = 1_000_000
KEPT_FOLDERS = ("tls", "files")
"""What of the data folder is in a backup beside the database."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+=-]{0,199}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LOG_ID = re.compile(r"[0-9a-f]{32}")
MAX_DEPTH = 5


class Contents(Struct, frozen=True):
    """The size of a file, and the SHA-256 of what is in it, in hexadecimal digits."""

    bytes: int
    sha256: str


class FileContents(Contents, frozen=True):
    """``name``: under the data folder, with slashes."""

    name: str


class RoomLog(Struct, frozen=True):
    """The log of the room with the row ``id``: its first and last ``seq``, how many events it has,
    and a SHA-256 over all of them (`hubbub.storage.backup.loghash`).
    """

    id: int
    first: int
    head: int
    events: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """``at``: in ms since the Unix epoch. ``rows``: how many each table has.

    ``hubbub`` is the version that made it. What people said or are called is not in here.
    """

    format: int
    hubbub: str
    log_id: str
    schema: str
    at: int
    database: Contents
    files: list[FileContents]
    rooms: list[RoomLog]
    rows: dict[str, int]

    @property
    def events(self) -> int:
        """How many there are in all logs."""
        return sum(room.events for room in self.rooms)


class _Format(Struct, frozen=True):
    format: int


def encode(manifest: Manifest) -> bytes:
    """The manifest as JSON, for people, too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(data: bytes) -> Manifest:
    """Raises `NewerBackup`, or `DamagedBackup`."""
    try:
        found = msgspec.json.decode(data, type=_Format).format
        if found > FORMAT:
            raise NewerBackup(
                f"This backup was made by a newer Hubbub (its format is {found}, this version "
                f"knows up to {FORMAT}). Restore it with that version or a later one."
            )
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise DamagedBackup(
            "This backup is damaged: what it says of itself cannot be read."
        ) from None
    if not _is_sound(manifest):
        raise DamagedBackup("This backup is damaged: what it says of itself makes no sense.")
    for file in manifest.files:
        if not may_be_restored(file.name):
            raise DamagedBackup(
                "This backup is not as Hubbub makes them: it has a file that would be put where "
                f"none of its files belong ({file.name[:100]!r}). Do not trust where it comes from."
            )
    return manifest


def may_be_restored(name: str) -> bool:
    """Whether a file has a place under the data folder: in one of `KEPT_FOLDERS`, and not above."""
    parts = name.split("/")
    return (
        parts[0] in KEPT_FOLDERS
        and 2 <= len(parts) <= MAX_DEPTH
        and all(_PART.fullmatch(part) for part in parts)
        and str(PurePosixPath(name)) == name
    )


def _is_sound(manifest: Manifest) -> bool:
    names = [file.name for file in manifest.files]
    return (
        manifest.format == FORMAT
        and _LOG_ID.fullmatch(manifest.log_id) is not None
        and len(names) <= MAX_FILES
        and names == sorted(set(names))
        and all(
            part.bytes >= 0 and _SHA256.fullmatch(part.sha256)
            for part in (manifest.database, *manifest.files)
        )
    )
