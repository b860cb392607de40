"""The rows of files: uploaded, said, forgotten; and which blobs are to be deleted by that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ClauseElement,
    Dialect,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain.errors import BadMessage
from hubbub.domain.events import AccountClosed, AuthorForgotten, Redacted
from hubbub.domain.filenames import over_quota
from hubbub.domain.ids import number_of, user_id
from hubbub.hub.ports import (
    Draft,
    Entry,
    FileRecord,
    ForgetBlobs,
    ForgetFiles,
    ForgetRoom,
    KeepFile,
    SayFiles,
    Settled,
    Trim,
)
from hubbub.storage.bulk import Bulk, deletes, inserts
from hubbub.storage.forgetting import blank
from hubbub.storage.schema import files, said_files, unneeded_blobs

NOT_TO_BE_SAID = (
    "A file that was to be sent is not there any more, was sent already, or is not yours. This was "
    "not sent: please upload it again."
)
HASH_CHARS = 64  # of SHA-256, with which the key of a blob begins
_BEHIND = "."  # sorts behind the "-" that follows the hash in a key

FIND = select(files.c.id, files.c.owner).where(files.c.id == bindparam("id"))
TAKEN = select(
    func.coalesce(func.sum(files.c.size + files.c.thumbnail_size), literal_column("0"))
).where(files.c.owner == bindparam("owner"))
TWIN = text("SELECT blob, thumbnail_size FROM files WHERE blob >= :low AND blob < :high LIMIT 1")
UNSAID = (
    select(files.c.owner)
    .outerjoin(said_files, said_files.c.file_id == files.c.id)
    .where(files.c.id == bindparam("id"), said_files.c.file_id.is_(None))
)
FILES = select(*files.c, said_files.c.room_id, said_files.c.seq).outerjoin(
    said_files, said_files.c.file_id == files.c.id
)
_SAID = "id IN (SELECT file_id FROM said_files WHERE {})"
OF_MESSAGE = _SAID.format("room_id = :room AND seq = :seq")
OF_PAST = _SAID.format("room_id = (SELECT id FROM rooms WHERE key = :key) AND seq <= :upto")
OF_ROOM = _SAID.format("room_id = (SELECT id FROM rooms WHERE key = :key)")
OF_AUTHOR_IN_ROOM = "owner = :owner AND " + _SAID.format("room_id = :room AND seq < :seq")
OF_OWNER = "owner = :owner"
OF_ID = "id = :id"
UNNEEDED = text(
    "INSERT INTO unneeded_blobs (key) SELECT CAST(:key AS TEXT)"
    " WHERE NOT EXISTS (SELECT 1 FROM files WHERE blob = :again) ON CONFLICT (key) DO NOTHING"
)


class FileRows:
    """The statements, compiled once."""

    def __init__(self, dialect: Dialect, *, overwrites: bool) -> None:
        self._dialect = dialect
        self._overwrites = overwrites
        self._compiled: dict[str, str] = {}
        self._find = self._sql(FIND)
        self._taken = self._sql(TAKEN)
        self._twin = self._sql(TWIN)
        self._unsaid = self._sql(UNSAID)
        self._unneeded = self._sql(UNNEEDED)
        self._keep = self._sql(insert(files).values({c.name: bindparam(c.name) for c in files.c}))
        self._say = Bulk(dialect, inserts(*said_files.c))
        self._deleted = Bulk(dialect, deletes(unneeded_blobs.c.key))

    def change(self, cursor: DBAPICursor, row: Entry, settled: Settled) -> bool:
        """Saves ``row``, unless it is about something else; whether something was deleted by it.

        ``settled``: the outcome of what it goes with. Raises `TooMany`, `BadMessage`.
        """
        if isinstance(row, KeepFile):
            self._keep_file(cursor, row)
        elif isinstance(row, SayFiles):
            assert settled.event is not None
            for id in row.ids:
                cursor.execute(self._unsaid, (id,))
                if cursor.fetchall() != [(number_of(row.owner),)]:
                    raise BadMessage(NOT_TO_BE_SAID)
                self._say.run(cursor, [(id, settled.room_id, settled.event.seq)])
        elif isinstance(row, ForgetFiles):
            for id in row.ids:
                cursor.execute(self._unsaid, (id,))
                found = cursor.fetchall()
                if found and row.owner in (None, user_id(found[0][0])):
                    self._drop(cursor, OF_ID, (id,))
            return True
        elif isinstance(row, ForgetBlobs):
            self._deleted.run(cursor, [(key,) for key in row.keys])
        return False

    def _keep_file(self, cursor: DBAPICursor, row: KeepFile) -> None:
        file, owner = row.file, number_of(row.file.owner)
        cursor.execute(self._find, (file.id,))
        if cursor.fetchone() is not None:
            return  # it was saved, and the answer lost
        cursor.execute(self._taken, (owner,))
        (taken,) = cursor.fetchone() or (0,)
        if taken + file.takes > row.most:
            raise over_quota(int(taken), file.takes, row.most)
        hashed = file.blob[:HASH_CHARS]
        cursor.execute(self._twin, (hashed, hashed + _BEHIND))
        twin = cursor.fetchone()
        blob, thumbnail_size = (file.blob, file.thumbnail_size) if twin is None else twin
        shape = (file.width, file.height, int(file.animated))
        about = (file.id, owner, file.name, file.size, file.type, file.at)
        cursor.execute(self._keep, (*about, blob, thumbnail_size, *shape))
        if blob != file.blob:
            cursor.execute(self._unneeded, (file.blob, file.blob))

    # What takes files along

    def redact(self, cursor: DBAPICursor, room_id: int, seq: int) -> bool:
        """The message with that number has no files any more; whether it had some."""
        return self._drop(cursor, OF_MESSAGE, (room_id, seq))

    def trim(self, cursor: DBAPICursor, key: str, upto: int) -> bool:
        """What was said up to that number in the room with that key has none."""
        return self._drop(cursor, OF_PAST, (key, upto))

    def forget_room(self, cursor: DBAPICursor, key: str) -> bool:
        """What was said in that room has none."""
        return self._drop(cursor, OF_ROOM, (key,))

    def forget_author(self, cursor: DBAPICursor, room_id: int, owner: int, seq: int) -> bool:
        """What ``owner`` has said there before ``seq`` has none."""
        return self._drop(cursor, OF_AUTHOR_IN_ROOM, (owner, room_id, seq))

    def forget_owner(self, cursor: DBAPICursor, owner: int) -> bool:
        """``owner`` has no files any more, anywhere."""
        return self._drop(cursor, OF_OWNER, (owner,))

    def _drop(self, cursor: DBAPICursor, which: str, values: Sequence[object]) -> bool:
        """Deletes the rows, and notes the blobs that no file has then; whether there were some."""
        cursor.execute(self._named(f"SELECT DISTINCT blob FROM files WHERE {which}"), values)  # noqa: S608
        blobs = cursor.fetchall()
        if not blobs:
            return False
        if self._overwrites:
            blanked = f"UPDATE files SET name = {blank('name')}, type = {blank('type')} WHERE "  # noqa: S608
            cursor.execute(self._named(blanked + which), values)
        cursor.execute(self._named(f"SELECT id FROM files WHERE {which}"), values)  # noqa: S608
        ids = cursor.fetchall()
        for statement in (
            "DELETE FROM said_files WHERE file_id = :id",
            "DELETE FROM files WHERE id = :id",
        ):
            cursor.executemany(self._named(statement), ids)
        cursor.executemany(self._unneeded, [(blob, blob) for (blob,) in blobs])
        return True

    def _named(self, statement: str) -> str:
        if statement not in self._compiled:
            self._compiled[statement] = self._sql(text(statement))
        return self._compiled[statement]

    def _sql(self, statement: ClauseElement) -> str:
        return str(statement.compile(dialect=self._dialect))


def record_of(row: Any) -> FileRecord:
    """The file in a row of `FILES`."""
    return FileRecord(
        **{**row._mapping, "owner": user_id(row.owner), "animated": bool(row.animated)}
    )


def may_drop(entry: Entry) -> bool:
    """Whether blobs may be found to be needed, or not any more, by ``entry``.

    What another transaction finds at the same time would be wrong then.
    """
    if isinstance(entry, Draft):
        drops = isinstance(entry.event, AccountClosed | AuthorForgotten | Redacted)
        return drops or any(map(may_drop, entry.also))
    return isinstance(entry, KeepFile | ForgetFiles | ForgetRoom | Trim)
