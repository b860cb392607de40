"""Copies of the files of messages: beside an export, under names that every file system takes.

Nothing is in memory whole: a piece is read from the server's store, and written.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import Protocol

from msgspec import Struct

from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.files import File
from hubbub.hub.fileports import NoSuchBlob, thumbnail_of
from hubbub.hub.ports import FileRecord, RoomRecord
from hubbub.moving.ports import Server
from hubbub.moving.report import ExportReport

ASKED_AT_ONCE = 500  # files that the log is asked for
MAX_STEM_CHARS = 60  # some file systems take 143 bytes for a name, and some programs 260 for a path
ENDINGS = frozenset(
    {
        *("csv", "doc", "docx", "eml", "epub", "ics", "json", "log", "md", "odg", "odp", "ods"),
        *("odt", "pdf", "ppt", "pptx", "rtf", "tsv", "txt", "vcf", "xls", "xlsx", "yaml", "yml"),
        *("avif", "bmp", "gif", "heic", "heif", "jpeg", "jpg", "png", "tif", "tiff", "webp"),
        *("aac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav"),
        *("avi", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "ogv", "webm"),
        *("7z", "bin", "bz2", "gz", "rar", "tar", "tgz", "xz", "zip", "zst"),
    }
)
"""Endings of names that a copy keeps. All others become ``.bin``: nothing that people have sent
becomes a page, a script or a program where an export is put on a web server, or opened."""
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
THUMBNAILS = "thumbnails"

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_]+")
_NOT_SMALL = re.compile(r"[^a-z0-9]+")


class Copied(Struct, frozen=True):
    """Where a copy is, and what it holds. ``thumbnail``: where its small picture is."""

    path: str
    size: int
    sha256: str
    thumbnail: str | None = None


class Out(Protocol):
    """Where copies are written."""

    async def copy(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """A file with what ``pieces`` hold; if they end with an error, there is none."""
        ...


class Copies:
    """Copies the files of messages to ``out``, and counts them in ``report``.

    ``thumbnails``: also the small pictures of them.
    """

    def __init__(
        self, server: Server, out: Out, report: ExportReport, *, thumbnails: bool = False
    ) -> None:
        self._server = server
        self._out = out
        self._report = report
        self._thumbnails = thumbnails

    async def of(
        self, room: RoomRecord, folder: str, events: Sequence[AnyEvent]
    ) -> dict[str, Copied]:
        """Where the copies are of the files of ``events`` of ``room``, by the files' ids.

        Raises `hubbub.moving.errors.CannotWrite`, `hubbub.domain.errors.LogUnavailable`.
        """
        said = [one for one in events if isinstance(one, Said) and one.files]
        if not said:
            return {}
        ids = [file.id for one in said for file in one.files]
        records: dict[str, FileRecord] = {}
        for at in range(0, len(ids), ASKED_AT_ONCE):
            found = await self._server.log.files(ids[at : at + ASKED_AT_ONCE])
            records |= {one.id: one for one in found}
        copied = {}
        for event in said:
            for number, file in enumerate(event.files, 1):
                record = records.get(file.id)
                # Nobody's message brings along the file of another one.
                if record is None or (record.room_id, record.seq) != (room.id, event.seq):
                    self._report.missing += 1
                    continue
                copy = await self._copy(record, f"{folder}/{copy_name(event.seq, number, file)}")
                if copy is not None:
                    copied[file.id] = copy
        return copied

    async def _copy(self, file: FileRecord, path: str) -> Copied | None:
        hashed = sha256()

        async def pieces() -> AsyncIterator[bytes]:
            async for piece in self._server.blob(file.blob, file.size):
                hashed.update(piece)
                yield piece

        try:
            await self._out.copy(path, pieces())
        except NoSuchBlob:
            self._report.missing += 1
            return None
        self._report.files += 1
        thumbnail = await self._thumbnail(file, path) if self._thumbnails else None
        return Copied(path, file.size, hashed.hexdigest(), thumbnail)

    async def _thumbnail(self, file: FileRecord, path: str) -> str | None:
        if not file.thumbnail_size:
            return None
        folder, _, name = path.rpartition("/")
        number = "-".join(name.partition(".")[0].split("-")[:2])
        small = f"{folder}/{THUMBNAILS}/{number}.webp"
        try:
            pieces = self._server.blob(thumbnail_of(file.blob), file.thumbnail_size)
            await self._out.copy(small, pieces)
        except NoSuchBlob:
            return None
        return small


def copy_name(seq: int, number: int, file: File) -> str:
    """What a copy is called: as no other in its room, whatever the file is called."""
    stem, _, ending = file.name.rpartition(".")
    if not stem or ending.lower() not in ENDINGS:
        stem, ending = file.name, "bin"
    stem = _NOT_PLAIN.sub("-", stem)[:MAX_STEM_CHARS].strip("-")
    return f"{seq}-{number}{'-' if stem else ''}{stem}.{ending.lower()}"


def folder_name(number: int, title: str) -> str:
    """A name for the folder of a room that every file system takes, and no two rooms have."""
    slug = _NOT_SMALL.sub("-", title.lower()).strip("-")[:40]
    return f"{number}-{slug}" if slug else str(number)
