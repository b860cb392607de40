"""The files of a log in memory, as `hubbub.storage.file_rows` keeps them on a disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from hubbub.domain.errors import BadMessage
from hubbub.domain.filenames import over_quota
from hubbub.hub.ports import FileEntry, FileRecord, ForgetBlobs, ForgetFiles, KeepFile, SayFiles
from hubbub.storage.file_rows import HASH_CHARS, NOT_TO_BE_SAID


class FileDisk(Protocol):
    """What of a disk this is about."""

    files: dict[str, FileRecord]
    unneeded: set[str]


def change(disk: FileDisk, row: FileEntry) -> None:
    """Saves ``row``, but for `SayFiles`; raises `TooMany`."""
    match row:
        case KeepFile(file, most):
            if file.id in disk.files:
                return
            taken = sum(one.takes for one in disk.files.values() if one.owner == file.owner)
            if taken + file.takes > most:
                raise over_quota(taken, file.takes, most)
            for one in disk.files.values():
                if one.blob[:HASH_CHARS] == file.blob[:HASH_CHARS]:
                    disk.unneeded.add(file.blob)
                    file = replace(file, blob=one.blob, thumbnail_size=one.thumbnail_size)
                    break
            disk.files[file.id] = file
        case ForgetFiles(ids, owner):
            drop(
                disk,
                lambda one: one.id in ids and one.seq is None and owner in (None, one.owner),
            )
        case ForgetBlobs(keys):
            disk.unneeded.difference_update(keys)


def say(disk: FileDisk, row: SayFiles, room_id: int, seq: int) -> None:
    """The files belong to that message; raises `BadMessage`."""
    for id in row.ids:
        known = disk.files.get(id)
        if known is None or known.owner != row.owner or known.seq is not None:
            raise BadMessage(NOT_TO_BE_SAID)
        disk.files[id] = replace(known, room_id=room_id, seq=seq)


def drop(disk: FileDisk, which: Callable[[FileRecord], bool]) -> None:
    """Deletes such files."""
    gone = [one for one in disk.files.values() if which(one)]
    for one in gone:
        del disk.files[one.id]
    disk.unneeded |= {one.blob for one in gone} - {one.blob for one in disk.files.values()}
