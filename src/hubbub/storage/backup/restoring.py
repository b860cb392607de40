"""Proves that a backup can be read, and makes a data folder of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from hubbub import private
from hubbub.storage import guard
from hubbub.storage.backup import archive, proving
from hubbub.storage.backup.errors import (
    DamagedBackup,
    NewerBackup,
    NoRoom,
    RestoreRefused,
    of_disk,
)
from hubbub.storage.backup.folder import hand_over, make_folder, remove_folder, sync
from hubbub.storage.backup.manifest import Contents, FileContents, Manifest
from hubbub.storage.backup.pacing import Progress, Teller
from hubbub.storage.backup.places import place_and_name
from hubbub.storage.backup.snapshot import MIB, SPARE
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.backup.working import in_thread
from hubbub.storage.lock import LOCK_FILE, lock_folder
from hubbub.storage.log import DATABASE
from hubbub.storage.search.sqlite import INDEX
from hubbub.storage.upgrade import HEAD, MIGRATIONS

_BINARY = getattr(os, "O_BINARY", 0)

UNPACKED = "restore.tmp"
"""Under the data folder: where a backup is unpacked and proved before it is put in place."""


class Verified(Struct, frozen=True, kw_only=True):
    """A backup all of which is as it was written. ``bytes``, ``sha256``: of the file."""

    where: str
    bytes: int
    sha256: str
    manifest: Manifest


class Restored(Struct, frozen=True, kw_only=True):
    """A data folder made of a backup, in which all that the manifest says was found to be so.

    ``sha256``: of the backup's file.
    """

    folder: Path
    where: str
    sha256: str
    manifest: Manifest


async def verify(where: str, *, progress: Progress | None = None) -> Verified:
    """Reads a whole backup and writes nothing. ``where``: a file, or ``s3://bucket/prefix/name``.

    Raises `BackupFailed`.
    """

    def work(stop: Stop, tell: Teller) -> Verified:
        with _reader(where, stop) as reader:
            _know(reader.manifest)
            total, done = reader.manifest.database.bytes, 0
            for chunk in reader.database():
                done += len(chunk)
                tell("reading", done, total)
            for _, chunks in reader.files():
                for _ in chunks:
                    pass
            whole = reader.finish()
        return Verified(
            where=where, bytes=whole.bytes, sha256=whole.sha256, manifest=reader.manifest
        )

    return await in_thread(work, progress)


async def restore(where: str, folder: Path, *, progress: Progress | None = None) -> Restored:
    """Makes a data folder of a backup. What is in ``folder`` already is not overwritten.

    Nothing is put in place before all of it was read and proved: the checksums, SQLite's own
    checks, the hash over each log, and the numbers of rows. ``where``: as for `verify`.

    Raises `RestoreRefused`, `BackupFailed`, and other `StorageError` for the folder.
    """

    def work(stop: Stop, tell: Teller) -> Restored:
        lock = lock_folder(folder)
        try:
            return _Restore(where, folder, stop, tell).restore()
        except OSError as error:
            raise of_disk(error, "Nothing was restored", Path(error.filename or folder)) from error
        finally:
            lock.release()

    return await in_thread(work, progress)


class _Restore:
    """One restore, in a thread, with the folder locked."""

    def __init__(self, where: str, folder: Path, stop: Stop, tell: Teller) -> None:
        self._where = where
        self._folder = folder
        self._unpacked = folder / UNPACKED
        self._stop = stop
        self._tell = tell

    def restore(self) -> Restored:
        self._refuse_if_taken(guard.files_of(self._folder / DATABASE))
        try:
            remove_folder(self._unpacked)
            private.make_folder(self._unpacked)
            with _reader(self._where, self._stop) as reader:
                manifest = reader.manifest
                _know(manifest)
                self._refuse_if_taken(
                    self._folder / file.name for file in manifest.files if not self._has(file)
                )
                self._make_sure_of_room(manifest)
                whole = self._unpack(reader)
            self._prove(manifest)
            self._put_in_place(manifest)
        finally:
            with suppress(OSError):
                remove_folder(self._unpacked)
        return Restored(
            folder=self._folder, where=self._where, sha256=whole.sha256, manifest=manifest
        )

    def _refuse_if_taken(self, paths: Iterable[Path]) -> None:
        for path in paths:
            if os.path.lexists(path):
                raise RestoreRefused(
                    f"There is {path} already, and a restore overwrites nothing. Restore into an "
                    "empty folder, or move that one away first."
                )

    def _has(self, file: FileContents) -> bool:
        """Whether just that file is there: a restore was killed after it had put it in place."""
        path = self._folder / file.name
        if not path.is_file() or path.is_symlink():
            return False
        with path.open("rb") as there:
            found = archive.contents(there, self._stop.check)
        return (found.bytes, found.sha256) == (file.bytes, file.sha256)

    def _make_sure_of_room(self, manifest: Manifest) -> None:
        needed = manifest.database.bytes + sum(file.bytes for file in manifest.files) + SPARE
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise NoRoom(
                f"The backup needs {needed // MIB:,} MiB on the disk of {self._folder}, and there "
                f"are {free // MIB:,} MiB. Make room there, or restore to another disk."
            )

    def _unpack(self, reader: archive.Reader) -> Contents:
        total, done = reader.manifest.database.bytes, 0
        with _new_file(self._unpacked / DATABASE) as file:
            for chunk in reader.database():
                file.write(chunk)
                done += len(chunk)
                self._tell("unpacking", done, total)
        for name, chunks in reader.files():
            path = self._unpacked / name
            private.make_folder(path.parent)
            with _new_file(path) as file:
                for chunk in chunks:
                    file.write(chunk)
        return reader.finish()

    def _prove(self, manifest: Manifest) -> None:
        self._tell("proving", 0, manifest.database.bytes)
        try:
            found = proving.facts(self._unpacked / DATABASE, self._stop, self._stop.check)
        except proving.Unsound as error:
            raise DamagedBackup(
                f"The database in this backup cannot be used: {error}. Take another backup."
            ) from error
        said = proving.Facts(manifest.log_id, manifest.schema, manifest.rooms, manifest.rows)
        if found != said:
            raise DamagedBackup(
                "The database in this backup is not the one that the backup says it has. Take "
                "another backup."
            )
        self._tell("proving", manifest.database.bytes, manifest.database.bytes)

    def _put_in_place(self, manifest: Manifest) -> None:
        # An index of searches that is left here is of another history; it is made anew.
        for path in self._folder.glob(f"{INDEX}*"):
            path.unlink()
        made = [self._folder / LOCK_FILE]
        for file in manifest.files:
            path = self._folder / file.name
            made += make_folder(path.parent)
            made.append(path)
            (self._unpacked / file.name).rename(path)
            sync(path.parent)
        hand_over([*made, self._unpacked / DATABASE], self._folder)
        # Last: with it, all of it is there.
        (self._unpacked / DATABASE).rename(self._folder / DATABASE)
        sync(self._folder)


def _know(manifest: Manifest) -> None:
    """Raises `NewerBackup` for a schema that this version cannot upgrade."""
    known = {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*.py")}
    if manifest.schema not in known:
        raise NewerBackup(
            f"This backup was made by a newer Hubbub ({manifest.hubbub[:20]!r}; its schema is "
            f"{manifest.schema[:20]!r}, this version knows up to {HEAD}). Restore it with that "
            "version or a later one, or take an older backup."
        )


@contextmanager
def _reader(where: str, stop: Stop) -> Iterator[archive.Reader]:
    place, name = place_and_name(where)
    with place.opened(name) as source:
        yield archive.Reader(source, stop.check)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that only this user can read; it is on the disk afterwards."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    with os.fdopen(handle, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
