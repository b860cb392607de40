"""Makes a backup of a data folder, also while a server uses it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from msgspec import Struct

import hubbub
from hubbub import private
from hubbub.storage import guard
from hubbub.storage.backup import archive, naming, proving, snapshot, sources
from hubbub.storage.backup.errors import BackupBusy, BackupFailed, PlaceUnusable, of_disk
from hubbub.storage.backup.folder import PART, hand_over, remove_folder
from hubbub.storage.backup.manifest import FORMAT, KEPT_FOLDERS, Contents, Manifest
from hubbub.storage.backup.pacing import Pace, Progress, Teller
from hubbub.storage.backup.place import Place
from hubbub.storage.backup.places import place_of
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.backup.working import in_thread
from hubbub.storage.log import DATABASE

_BINARY = getattr(os, "O_BINARY", 0)

LOCK_FILE = "backup.lock"
HELD = "held"
"""In there: the other files, as they were."""

WORKSHOP = "backup.tmp"
"""Under the data folder. What is in it at the beginning is left from one that was killed."""


class BackupMade(Struct, frozen=True, kw_only=True):
    """A backup that is whole, on disk, and in its place.

    ``where``: what `verify` and `restore` take. ``bytes``, ``sha256``: of the file.
    ``seconds``: that it took.
    """

    name: str
    where: str
    bytes: int
    sha256: str
    manifest: Manifest
    seconds: float


async def back_up(
    folder: Path,
    place: str,
    *,
    at: int,
    keep_free: int = 0,
    progress: Progress | None = None,
) -> BackupMade:
    """Makes a backup of the data in ``folder`` and puts it into ``place``.

    ``folder`` may be in use by a server, this one, too. ``place``: a folder, or
    ``s3://bucket/prefix``. ``at``: now, in ms since the Unix epoch. ``keep_free``: bytes of the
    disk of ``folder`` that have to stay free. ``progress`` is told on the loop. Nothing is left of
    it when it fails or is cancelled, which takes a moment.

    Raises `BackupBusy`, `BackupFailed`, and other `StorageError` for the database.
    """

    def work(stop: Stop, tell: Teller) -> BackupMade:
        return _BackUp(folder, place_of(place), at, keep_free, tell, stop).make()

    return await in_thread(work, progress)


def sweep(folder: Path) -> None:
    """Removes the copy of the database in ``folder`` that a backup has left that was killed.

    It would keep what is deleted from the database since. Raises `OSError`.
    """
    if os.path.lexists(folder / WORKSHOP):
        with suppress(BackupBusy), _workshop(folder):
            pass


class _BackUp:
    """One backup, in a thread."""

    def __init__(
        self, folder: Path, place: Place, at: int, keep_free: int, tell: Teller, stop: Stop
    ) -> None:
        self._folder = folder
        self._place = place
        self._at = at
        self._keep_free = keep_free
        self._tell = tell
        self._stop = stop
        self._held = folder

    def make(self) -> BackupMade:
        began = time.monotonic()
        database = self._folder / DATABASE
        if not database.exists():
            raise BackupFailed(f"There is no database in {self._folder}.")
        try:
            with _workshop(self._folder) as workshop:
                self._refuse_what_is_backed_up(self._place.workshop())
                self._place.prepare()
                yard = self._place.workshop() or workshop
                copy = workshop / DATABASE
                self._copy(database, copy, yard)
                # Behind the database, so that nothing is missing of which it tells.
                self._held = workshop / HELD
                sources.hold(self._folder, self._held)
                manifest = self._manifest(copy)
                name, whole, where = self._put(copy, manifest, yard)
        except proving.Unsound as error:
            raise BackupFailed(
                f"No backup was made of {database}: {error}. docs/reliability.md tells what to do."
            ) from error
        except OSError as error:
            path = Path(error.filename or self._folder)
            raise of_disk(error, "No backup was made", path) from error
        return BackupMade(
            name=name,
            where=where,
            bytes=whole.bytes,
            sha256=whole.sha256,
            manifest=manifest,
            seconds=time.monotonic() - began,
        )

    def _refuse_what_is_backed_up(self, place: Path | None) -> None:
        """Each backup would have all those before it in it, and be twice as large."""
        if place is None:
            return
        folder, place = self._folder.resolve(), place.resolve()
        for kept in KEPT_FOLDERS:
            if place.is_relative_to(folder / kept):
                raise PlaceUnusable(
                    f"Backups cannot be put into {place}: what is there is in each backup. Choose "
                    "another folder, best on another disk."
                )

    def _copy(self, database: Path, copy: Path, yard: Path) -> None:
        size = snapshot.size(database)
        # How small it can be packed is not known before.
        on_one_disk = yard.stat().st_dev == copy.parent.stat().st_dev
        snapshot.make_sure_of_room(copy.parent, size * (1 + on_one_disk), self._keep_free)
        if not on_one_disk:
            snapshot.make_sure_of_room(yard, size, 0)
        self._tell("copying", 0, size)
        snapshot.take(database, copy, self._stop)
        self._tell("copying", size, size)

    def _manifest(self, copy: Path) -> Manifest:
        pace = Pace(self._stop)
        # Its indexes were just made of its rows.
        found = proving.facts(copy, self._stop, pace, quick=True)
        with copy.open("rb") as file:
            contents = archive.contents(file, pace)
        return Manifest(
            format=FORMAT,
            hubbub=hubbub.__version__,
            log_id=found.log_id,
            schema=found.schema,
            at=self._at,
            database=contents,
            files=sources.kept(self._held, pace),
            rooms=found.rooms,
            rows=found.rows,
        )

    def _put(self, copy: Path, manifest: Manifest, yard: Path) -> tuple[str, Contents, str]:
        """Its name, what it is, and where."""
        name = _free_name(self._place, manifest)
        _clear(yard, manifest.log_id)
        path = yard / f".{name}{PART}"
        try:
            whole = self._write(path, copy, manifest)
            copy.unlink()  # before it goes over a network, which may take long

            def told(done: int) -> None:
                self._stop.check()
                self._tell("putting", done, whole.bytes)

            return name, whole, self._place.put(path, name, told)
        finally:
            path.unlink(missing_ok=True)

    def _write(self, path: Path, copy: Path, manifest: Manifest) -> Contents:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        with os.fdopen(handle, "w+b") as file:
            pace = Pace(self._stop, file)
            total = manifest.database.bytes

            def packed() -> None:
                pace()
                self._tell("packing", min(total, source.tell()), total)

            writer = archive.Writer(file, self._at // naming.SECOND, packed)
            with copy.open("rb") as source:
                writer.manifest(manifest)
                writer.database(source, manifest.database)
                for kept in manifest.files:
                    with sources.opened(self._held, kept.name) as other:
                        writer.file(kept.name, other, kept)
                whole = writer.finish()
            os.fsync(file.fileno())
        return whole


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """An empty folder for what is needed meanwhile. Raises `BackupBusy`, `OSError`."""
    lock_file = folder / LOCK_FILE
    guard.make_file(lock_file)
    hand_over([lock_file], folder)
    lock = FileLock(lock_file, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise BackupBusy(
            f"A backup of {folder} is being made already. Try again when it is done."
        ) from None
    workshop = folder / WORKSHOP
    try:
        remove_folder(workshop)
        private.make_folder(workshop)
        yield workshop
    finally:
        with suppress(OSError):
            remove_folder(workshop)
        lock.release()


def _free_name(place: Place, manifest: Manifest) -> str:
    """A name that no other backup has there: two may be made in one second."""
    taken = {one.name for one in place.stored()}
    at = manifest.at
    while (name := str(naming.name_for(at, manifest.log_id))) in taken:
        at += naming.SECOND
    return name


def _clear(yard: Path, log_id: str) -> None:
    """Removes what backups of this log have left that were killed; none is under way now."""
    for path in yard.glob(f".hubbub-*{PART}"):
        name = naming.parse(path.name[1 : -len(PART)])
        if name is not None and name.log == log_id[: naming.ID_CHARS]:
            path.unlink(missing_ok=True)
