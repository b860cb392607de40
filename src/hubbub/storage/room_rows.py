"""What a name means: rooms are forgotten, renamed, and have passwords; accounts take names, those
at a provider, too.

What is done to a room is done to its queue (`hubbub.domain.queues`), if it has one.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ClauseElement, Dialect, text
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import BadMessage, NameTaken, RoomInUse
from hubbub.domain.events import Registered
from hubbub.domain.ids import number_of
from hubbub.domain.lookalikes import keys_like
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.queues import queue_of
from hubbub.hub.ports import (
    CERTIFICATES,
    ClaimName,
    Draft,
    Entry,
    ForgetBlobs,
    ForgetCertificates,
    ForgetFiles,
    ForgetIdentities,
    ForgetRoom,
    FreeName,
    KeepDevice,
    KeepFile,
    KeepNode,
    KeepSecret,
    LeaveNode,
    NameRoom,
    Outdated,
    RoomMovedOn,
    SayFiles,
    SecretKind,
    SwapSecret,
    TakeIdentity,
    TakeName,
    Trim,
    TrimNameless,
    WhileThere,
)
from hubbub.storage.staging import FORGOTTEN, StagedRoom

ROOM_SECRET = SecretKind.ROOM.value
FORGET_MEMBERS = text("DELETE FROM members WHERE room_id = (SELECT id FROM rooms WHERE key = :key)")
FORGET_ATTENDANCES = text(
    "DELETE FROM attendances WHERE room_id = (SELECT id FROM rooms WHERE key = :key)"
)
FORGET_ROOM_SECRET = text(
    f"DELETE FROM secrets WHERE kind = '{ROOM_SECRET}'"  # noqa: S608
    " AND owner = (SELECT id FROM rooms WHERE key = :key)"
)
KEEP_ROOM_SECRET = text(
    "INSERT INTO secrets (kind, owner, value)"  # noqa: S608
    f" SELECT '{ROOM_SECRET}', id, :value FROM rooms WHERE key = :key"
)
FORGET_ROOM = text(f"UPDATE rooms SET key = '{FORGOTTEN}' || id WHERE key = :key")  # noqa: S608
NAME_ROOM = text("UPDATE rooms SET key = :new, name = :name WHERE key = :key")
FIND_ACCOUNT = text(
    "SELECT author FROM members WHERE user_key = :user"
    " AND room_id = (SELECT id FROM rooms WHERE key = :key)"
)
TAKE_IDENTITY = text(
    "INSERT INTO identities (issuer, subject, user_id) VALUES (:issuer, :subject, :user)"
    " ON CONFLICT (issuer, subject) DO NOTHING"
)
FIND_IDENTITY = text("SELECT user_id FROM identities WHERE issuer = :issuer AND subject = :subject")
FORGET_IDENTITIES = text(
    f"DELETE FROM identities WHERE user_id = :user AND issuer <> '{CERTIFICATES}'"  # noqa: S608
)
FORGET_CERTIFICATE = text(
    f"DELETE FROM identities WHERE issuer = '{CERTIFICATES}'"  # noqa: S608
    " AND user_id = :user AND subject = :subject"
)
FORGET_CERTIFICATES = text(
    f"DELETE FROM identities WHERE issuer = '{CERTIFICATES}'"  # noqa: S608
    " AND user_id = :user AND subject <> :subject"
)
HAS_ACCOUNT = text("SELECT 1 FROM users WHERE id = :id AND registered IS NOT NULL")
FIND_ROOM = text("SELECT id FROM rooms WHERE key = :key")
FIND_HEAD = text(
    "SELECT id, (SELECT max(seq) FROM events WHERE room_id = rooms.id) FROM rooms WHERE key = :key"
)
ADD_SECRET = text(
    "INSERT INTO secrets (kind, owner, value) VALUES (:kind, :owner, :value)"
    " ON CONFLICT (kind, owner) DO NOTHING"
)
_THIS_SECRET = "WHERE kind = :kind AND owner = :owner AND value = :was"  # noqa: S105 - SQL
SWAP_SECRET = text(f"UPDATE secrets SET value = :value {_THIS_SECRET}")  # noqa: S608
DROP_SECRET = text(f"DELETE FROM secrets {_THIS_SECRET}")  # noqa: S608
REGISTERED_ALREADY = "You have an account already, made from another device just now."
CHANGED = "Something has changed in this account just now. Please log in again."


def stands_apart(entry: Entry) -> bool:
    """Whether ``entry`` is about what a name means at that very place.

    Behind it the name may mean another room, or account.
    """
    if isinstance(entry, Draft):
        return any(map(stands_apart, entry.also))
    if isinstance(entry, KeepSecret):
        return entry.kind is SecretKind.ROOM
    if isinstance(entry, KeepDevice):
        return entry.proof is not None
    return isinstance(entry, _APART)


_APART = (
    *(ForgetRoom, NameRoom, SwapSecret, TakeName),
    *(ForgetCertificates, ForgetIdentities, TakeIdentity),
    *(Trim, TrimNameless, WhileThere),
    *(ClaimName, FreeName, KeepNode, LeaveNode),
    *(KeepFile, SayFiles, ForgetFiles, ForgetBlobs),
)


def taken_by_now(name: UserName, key: str) -> str:
    """The sentence that says why nobody may have ``name``: an account has that key."""
    how = "belongs to" if key == name.key else "looks like that of"
    return f'The name "{name}" {how} an account by now.'


class RoomRows:
    """The statements for what `stands_apart`, compiled once."""

    def __init__(self, dialect: Dialect) -> None:
        def sql(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        self._find_account = sql(FIND_ACCOUNT)
        self._has_account = sql(HAS_ACCOUNT)
        self._take_identity = sql(TAKE_IDENTITY)
        self._find_identity = sql(FIND_IDENTITY)
        self._forget_identities = sql(FORGET_IDENTITIES)
        self._forget_certificate = sql(FORGET_CERTIFICATE)
        self._forget_certificates = sql(FORGET_CERTIFICATES)
        self._find_room = sql(FIND_ROOM)
        self._find_head = sql(FIND_HEAD)
        self._add_secret = sql(ADD_SECRET)
        self._swap_secret = sql(SWAP_SECRET)
        self._drop_secret = sql(DROP_SECRET)
        self._forget_members = sql(FORGET_MEMBERS)
        self._forget_attendances = sql(FORGET_ATTENDANCES)
        self._forget_room_secret = sql(FORGET_ROOM_SECRET)
        self._keep_room_secret = sql(KEEP_ROOM_SECRET)
        self._forget_room = sql(FORGET_ROOM)
        self._name_room = sql(NAME_ROOM)

    def check_names(self, cursor: DBAPICursor, draft: Draft) -> None:
        """Raises `NameTaken` if ``draft`` gives somebody the name that another account has.

        `BadMessage` for a second account of one guest, who may be at several servers.
        """
        if isinstance(draft.event, Registered) and draft.event.by_id is not None:
            cursor.execute(self._has_account, (number_of(draft.event.by_id),))
            if cursor.fetchone() is not None:
                raise BadMessage(REGISTERED_ALREADY)
        for row in draft.also:
            if isinstance(row, TakeName):
                for key in keys_like(row.name.key):
                    cursor.execute(self._find_account, (key, DIRECTORY.key))
                    found = cursor.fetchone()
                    if found is not None and found[0] != number_of(row.user):
                        raise NameTaken(taken_by_now(row.name, key))

    def check_there(self, cursor: DBAPICursor, draft: Draft) -> None:
        """Raises `RoomMovedOn` unless the room is there beside which ``draft`` is meant."""
        for row in draft.also:
            if isinstance(row, WhileThere):
                cursor.execute(self._find_room, (row.room.key,))
                found = cursor.fetchone()
                if found is None or row.room_id not in (None, found[0]):
                    raise RoomMovedOn

    def change(self, cursor: DBAPICursor, row: Entry, *known: dict[str, StagedRoom]) -> None:
        """Saves ``row``, unless it is about something else; ``known`` rooms lose what it changes.

        Raises `NameTaken`, `RoomInUse`, `RoomMovedOn`, `Outdated`.
        """
        if isinstance(row, ForgetRoom):
            self._check_forgotten(cursor, row)
            self._forget(cursor, row.room.key, *known)
            self._forget(cursor, queue_of(row.room).key, *known)
        elif isinstance(row, NameRoom):
            former, new = row.room.key, row.name.key
            if new != former:
                cursor.execute(self._find_room, (new,))
                if cursor.fetchone() is not None:
                    raise NameTaken(f'There is a room called "{row.name}" already.')
            cursor.execute(self._name_room, (new, str(row.name), former))
            queue, theirs = queue_of(row.name), queue_of(row.room).key
            if new != former:
                self._forget(cursor, queue.key, *known)  # of no room: another server's late word
            cursor.execute(self._name_room, (queue.key, str(queue), theirs))
            for rooms in known:
                rooms.pop(former, None)
                rooms.pop(theirs, None)
        elif isinstance(row, TakeIdentity):
            who = (row.issuer, row.subject)
            cursor.execute(self._take_identity, (*who, number_of(row.user)))
            cursor.execute(self._find_identity, who)
            if cursor.fetchall() != [(number_of(row.user),)]:
                raise NameTaken("Another account logs in by this sign-on by now.")
        elif isinstance(row, ForgetIdentities):
            cursor.execute(self._forget_identities, (number_of(row.user),))
        elif isinstance(row, ForgetCertificates):
            all = row.only is None
            statement = self._forget_certificates if all else self._forget_certificate
            cursor.execute(statement, (number_of(row.user), (row.but if all else row.only) or ""))
        elif isinstance(row, KeepSecret) and isinstance(row.owner, RoomName):
            cursor.execute(self._forget_room_secret, (row.owner.key,))
            if row.value is not None:
                cursor.execute(self._keep_room_secret, (row.value, row.owner.key))

    def _check_forgotten(self, cursor: DBAPICursor, row: ForgetRoom) -> None:
        """Raises why that room is not to be forgotten."""
        cursor.execute(self._find_head, (row.room.key,))
        found = cursor.fetchone()
        id, head = (None, None) if found is None else found
        if row.room_id is not None and id != row.room_id:
            raise RoomMovedOn
        if row.head is not None and (head or 0) > row.head:
            raise RoomInUse(f"{row.room} was not deleted: somebody came just now.")

    def swap(self, cursor: DBAPICursor, rows: Iterable[Entry]) -> None:
        """Does what of ``rows`` needs a secret to be what it was; raises `Outdated` if it is not.

        To be called before anything else is done of the entry.
        """
        for row in rows:
            if isinstance(row, SwapSecret):
                self._swap(cursor, row)
            elif isinstance(row, KeepDevice) and row.proof is not None:
                of = SecretKind.PASSWORD.value, number_of(row.device.user)
                # Written as it was: who changes it waits for this, or this for them.
                cursor.execute(self._swap_secret, (row.proof, *of, row.proof))
                if cursor.rowcount == 0:
                    raise Outdated(CHANGED)

    def _swap(self, cursor: DBAPICursor, row: SwapSecret) -> None:
        of = row.kind.value, number_of(row.owner)
        if row.was is None:
            cursor.execute(self._add_secret, (*of, row.value))
        elif row.value is None:
            cursor.execute(self._drop_secret, (*of, row.was))
        else:
            cursor.execute(self._swap_secret, (row.value, *of, row.was))
        if cursor.rowcount == 0:
            raise Outdated

    def _forget(self, cursor: DBAPICursor, key: str, *known: dict[str, StagedRoom]) -> None:
        for statement in (
            self._forget_attendances,
            self._forget_members,
            self._forget_room_secret,
            self._forget_room,
        ):
            cursor.execute(statement, (key,))
        for rooms in known:
            rooms.pop(key, None)
