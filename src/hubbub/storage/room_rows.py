"""What a name means: rooms are forgotten, renamed, and have passwords; accounts take names."""

from __future__ import annotations

from sqlalchemy import ClauseElement, Dialect, text
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import NameTaken
from hubbub.domain.ids import number_of
from hubbub.domain.names import RoomName
from hubbub.hub.ports import Draft, Entry, ForgetRoom, KeepSecret, NameRoom, SecretKind, TakeName
from hubbub.storage.staging import FORGOTTEN, StagedRoom

ROOM_SECRET = SecretKind.ROOM.value
FORGET_MEMBERS = text("DELETE FROM members WHERE room_id = (SELECT id FROM rooms WHERE key = :key)")
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
FIND_ROOM = text("SELECT id FROM rooms WHERE key = :key")


def stands_apart(entry: Entry) -> bool:
    """Whether ``entry`` is about what a name means at that very place.

    Behind it the name may mean another room, or account.
    """
    if isinstance(entry, Draft):
        return any(map(stands_apart, entry.also))
    if isinstance(entry, KeepSecret):
        return entry.kind is SecretKind.ROOM
    return isinstance(entry, (ForgetRoom, NameRoom, TakeName))


class RoomRows:
    """The statements for what `stands_apart`, compiled once."""

    def __init__(self, dialect: Dialect) -> None:
        def sql(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        self._find_account = sql(FIND_ACCOUNT)
        self._find_room = sql(FIND_ROOM)
        self._forget_members = sql(FORGET_MEMBERS)
        self._forget_room_secret = sql(FORGET_ROOM_SECRET)
        self._keep_room_secret = sql(KEEP_ROOM_SECRET)
        self._forget_room = sql(FORGET_ROOM)
        self._name_room = sql(NAME_ROOM)

    def check_names(self, cursor: DBAPICursor, draft: Draft) -> None:
        """Raises `NameTaken` if ``draft`` gives somebody the name that another account has."""
        for row in draft.also:
            if isinstance(row, TakeName):
                cursor.execute(self._find_account, (row.name.key, DIRECTORY.key))
                found = cursor.fetchone()
                if found is not None and found[0] != number_of(row.user):
                    raise NameTaken(f'The name "{row.name}" belongs to an account by now.')

    def change(self, cursor: DBAPICursor, row: Entry, *known: dict[str, StagedRoom]) -> None:
        """Saves ``row``, unless it is about something else; ``known`` rooms lose what it changes.

        Raises `NameTaken`.
        """
        if isinstance(row, ForgetRoom):
            key = (row.room.key,)
            for statement in (self._forget_members, self._forget_room_secret, self._forget_room):
                cursor.execute(statement, key)
            for rooms in known:
                rooms.pop(row.room.key, None)
        elif isinstance(row, NameRoom):
            former, new = row.room.key, row.name.key
            if new != former:
                cursor.execute(self._find_room, (new,))
                if cursor.fetchone() is not None:
                    raise NameTaken(f'There is a room called "{row.name}" already.')
            cursor.execute(self._name_room, (new, str(row.name), former))
            for rooms in known:
                rooms.pop(former, None)
        elif isinstance(row, KeepSecret) and isinstance(row.owner, RoomName):
            cursor.execute(self._forget_room_secret, (row.owner.key,))
            if row.value is not None:
                cursor.execute(self._keep_room_secret, (row.value, row.owner.key))
