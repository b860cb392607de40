"""Tasks about backups: one is made now, those that there are, and whether one can be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from hubbub.admin.questions import Progress
from hubbub.admin.tasks import Arguments, Call, CannotBeDone, Result
from hubbub.storage.backup import listing, making, restoring
from hubbub.storage.backup.daily import concern
from hubbub.storage.backup.pacing import Progress as Told

MAX_PLACE_CHARS = 4096  # of a path, or an address
MAX_TOLD = 1000  # backups in a list

ELSEWHERE = (
    "Everything is in a PostgreSQL, which is backed up by its own means: pg_dump, or its archive "
    "of the write-ahead log."
)


class MakeBackup(Arguments, frozen=True, kw_only=True):
    """``place``: a folder, or ``s3://BUCKET/PREFIX``; by HTTP it cannot be given. None: the one of
    the setting ``backup-to``.
    """

    place: Annotated[str, Meta(min_length=1, max_length=MAX_PLACE_CHARS)] | None = None


class Backup(Result, frozen=True, kw_only=True):
    """A backup. ``where`` it is, ``at`` the time (ms) of what is in it.

    ``log``: the first digits of the id of the log that it is of.
    """

    name: str
    where: str
    bytes: int
    at: int
    log: str


class BackupReport(Result, frozen=True, kw_only=True):
    """A backup that was just made. ``sha256``: of its file. ``seconds``: that it took."""

    backup: Backup
    sha256: str
    seconds: float


async def make_backup(call: Call, asked: MakeBackup) -> BackupReport:
    """Makes a backup."""
    folder, place = _folder(call), _place(call, asked.place)
    log = call.hub.log.id
    now = call.hub.clock()
    keep_free = call.hub.settings.free_disk_bytes
    made = await making.back_up(folder, place, at=now, keep_free=keep_free, progress=_telling(call))
    backup = Backup(
        name=made.name, where=made.where, bytes=made.bytes, at=made.manifest.at, log=log[:8]
    )
    return BackupReport(backup=backup, sha256=made.sha256, seconds=round(made.seconds, 3))


class ListBackups(Arguments, frozen=True, kw_only=True):
    """``place``: as for ``backup``."""

    place: Annotated[str, Meta(min_length=1, max_length=MAX_PLACE_CHARS)] | None = None


class Backups(Result, frozen=True, kw_only=True):
    """The backups in ``place``, the newest first; None: none are made. Other servers' may be there.

    ``daily``: the server makes one each day. ``concern``: what is wrong with them, in words.
    """

    place: str | None
    daily: bool
    backups: Sequence[Backup]
    concern: str | None


async def list_backups(call: Call, asked: ListBackups) -> Backups:
    """Lists the backups."""
    own = call.desk.settings.backup_to
    if call.desk.settings.database:
        return Backups(place=None, daily=False, backups=(), concern=ELSEWHERE)
    if asked.place is None and not own:
        return Backups(place=None, daily=False, backups=(), concern="No backup is made each day.")
    place = _place(call, asked.place)
    found = await listing.backups(place)
    mine = [one for one in found if call.hub.log.id.startswith(one.log)]
    daily = call.desk.daily
    wrong = concern(place, mine[0] if mine else None, call.hub.clock())
    if daily is not None and daily.state.error is not None and place == own:
        wrong = daily.state.concern(call.hub.clock())
    told = [
        Backup(name=one.name, where=one.where, bytes=one.bytes, at=one.at, log=one.log)
        for one in found[:MAX_TOLD]
    ]
    return Backups(place=place, daily=bool(own), backups=told, concern=wrong)


class VerifyBackup(Arguments, frozen=True, kw_only=True):
    """``backup``: the name of one of those in the place where they are kept."""

    backup: Annotated[str, Meta(min_length=1, max_length=200)]


class Verified(Result, frozen=True, kw_only=True):
    """The backup is as it was written. ``logs``, ``events``: that are in it; the server
    has a log of its own, beside those of rooms.
    """

    backup: str
    bytes: int
    sha256: str
    at: int
    version: str
    logs: int
    events: int


async def verify_backup(call: Call, asked: VerifyBackup) -> Verified:
    """Reads a whole backup."""
    _folder(call)
    stored = await listing.backups(_place(call, None))
    where = next((one.where for one in stored if one.name == asked.backup), None)
    if where is None:
        raise CannotBeDone(f"There is no backup {asked.backup}.")
    return verified(asked.backup, await restoring.verify(where, progress=_telling(call)))


def verified(name: str, found: restoring.Verified) -> Verified:
    """What is told of a backup that was ``found`` to be sound."""
    manifest = found.manifest
    return Verified(
        backup=name,
        bytes=found.bytes,
        sha256=found.sha256,
        at=manifest.at,
        version=manifest.hubbub,
        logs=len(manifest.rooms),
        events=sum(room.events for room in manifest.rooms),
    )


def _place(call: Call, asked: str | None) -> str:
    """Who asks from elsewhere has nothing written where they please. Raises `CannotBeDone`."""
    own = call.desk.settings.backup_to
    if asked is not None:
        if not call.by.at_hand:
            raise CannotBeDone("Only on the server's computer a place for it can be chosen.")
        return asked
    if not own:
        raise CannotBeDone("Where to? There is no setting backup-to, so name a place.")
    return own


def _folder(call: Call) -> Path:
    if call.desk.settings.database:
        raise CannotBeDone(ELSEWHERE)
    if call.desk.folder is None:
        raise CannotBeDone("This server keeps nothing on a disk.")
    return call.desk.folder


def _telling(call: Call) -> Told:
    def tell(what: str, done: int, of: int) -> None:
        call.tell(Progress(what, done, of))

    return tell
