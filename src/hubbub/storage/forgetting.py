"""Takes the name of a former member off the disk, and the texts: see `AuthorForgotten`."""

from __future__ import annotations

from sqlalchemy import ClauseElement, Dialect, select, text
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain.events import FORMER_MEMBER, AuthorForgotten
from hubbub.domain.ids import number_of
from hubbub.domain.projection import forgetting
from hubbub.storage.rows import EDITS, KINDS, MESSAGES, event_of
from hubbub.storage.schema import CONTENT, events
from hubbub.storage.staging import FORGOTTEN

_BY = '"by"'
_MESSAGES = ", ".join(f"'{kind}'" for kind in MESSAGES)
_SAID = ", ".join(f"'{kind}'" for kind in (*MESSAGES, *EDITS))
_FILES, _TAGS = '%"files":%', '%"tags":%'
_BEFORE = "WHERE room_id = :room AND author = :author AND seq < :seq"


def blank(column: str) -> str:
    """As many spaces as the column has bytes."""
    size = f"length(CAST({column} AS BLOB))"
    return f"substr(replace(hex(zeroblob({size})), '0', ' '), 1, {size})"


# First what has the same size, which SQLite writes in its place. What becomes shorter moves the
# rows beside it, and the page keeps bytes of what was there, secure_delete or not.
BLANK_NAME = text(f"UPDATE events SET {_BY} = {blank(_BY)} {_BEFORE}")  # noqa: S608
BLANK_TEXTS = text(
    f"UPDATE events SET text = {blank('text')} {_BEFORE}"  # noqa: S608
    f" AND kind IN ({_SAID})"
)
BLANK = text(
    f"UPDATE events SET text = {blank('text')}, extra = {blank('extra')}"  # noqa: S608
    " WHERE id = :id"
)
FORGET_NAME = f"UPDATE events SET {_BY} = '{FORMER_MEMBER}'{{}} {_BEFORE}"  # noqa: S608
FORGET_TEXTS = f"UPDATE events SET text = ''{{}} {_BEFORE} AND kind IN ({_SAID})"  # noqa: S608
# What tells of them otherwise is found by the id that stands beside the name.
FIND_OTHERS = (
    select(events.c.id, *CONTENT)
    .where(
        text(
            "room_id = :room AND seq < :seq AND extra IS NOT NULL"
            f" AND (CASE WHEN kind IN ({_MESSAGES}) THEN author = :author"
            " AND (extra LIKE :files OR extra LIKE :tags)"
            " ELSE author = :again OR extra LIKE :named END)"
        )
    )
    .order_by(events.c.id)
)
REWRITE = text("UPDATE events SET text = :text, extra = :extra WHERE id = :id")
FORGET_MEMBER = text("DELETE FROM members WHERE room_id = :room AND author = :author")
FORGET_ATTENDANCES = text("DELETE FROM attendances WHERE room_id = :room AND user_id = :author")
FORGET_USER = text(f"UPDATE users SET name = '{FORMER_MEMBER}' WHERE id = :author")  # noqa: S608


_DELETED = f"(SELECT id FROM rooms WHERE key LIKE '{FORGOTTEN}%')"  # noqa: S608
_NAMELESS = f"WHERE author = :author AND room_id IN {_DELETED}"
_BLANK_ALL = f"{_BY} = {blank(_BY)}, text = {blank('text')}, extra = {blank('extra')}"
BLANK_NAMELESS = text(f"UPDATE events SET {_BLANK_ALL} {_NAMELESS}")  # noqa: S608
FORGET_NAMELESS = (
    f"UPDATE events SET {_BY} = '{FORMER_MEMBER}', text = NULL, extra = NULL{{}} {_NAMELESS}"  # noqa: S608
)


class Forgetting:
    """The statements, compiled once."""

    def __init__(
        self, dialect: Dialect, *, overwrites: bool, renamed: str = "", emptied: str = ""
    ) -> None:
        """``renamed``, ``emptied``: SQL of what else is set where the name goes, and the text."""

        def sql(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        self._overwrites = overwrites
        self._blank_name = sql(BLANK_NAME)
        self._blank_texts = sql(BLANK_TEXTS)
        self._blank = sql(BLANK)
        self._forget_name = sql(text(FORGET_NAME.format(renamed)))
        self._forget_texts = sql(text(FORGET_TEXTS.format(emptied)))
        self._find_others = sql(FIND_OTHERS)
        self._rewrite = sql(REWRITE)
        self._blank_nameless = sql(BLANK_NAMELESS)
        self._forget_nameless = sql(text(FORGET_NAMELESS.format(emptied)))
        self._forget_user = sql(FORGET_USER)
        self._forget_member = sql(FORGET_MEMBER)
        self._forget_attendances = sql(FORGET_ATTENDANCES)

    def write(self, cursor: DBAPICursor, room: int, forgotten: AuthorForgotten) -> None:
        """Changes what is before ``forgotten`` in the room with that row."""
        if forgotten.by_id is None:
            return
        author, seq = number_of(forgotten.by_id), forgotten.seq
        named = f'%"{forgotten.by_id}"%'
        cursor.execute(self._find_others, (room, seq, author, _FILES, _TAGS, author, named))
        for id, *row in cursor.fetchall():
            event = event_of(*row)
            changed = forgetting(event, forgotten)
            if changed is not event and type(changed) in KINDS:
                _, said, extra, _ = KINDS[type(changed)].content(changed)
                if self._overwrites:
                    cursor.execute(self._blank, (id,))
                cursor.execute(self._rewrite, (said, extra, id))
        if self._overwrites:
            cursor.execute(self._blank_name, (room, author, seq))
            if forgotten.emptied:
                cursor.execute(self._blank_texts, (room, author, seq))
        cursor.execute(self._forget_name, (room, author, seq))
        if forgotten.emptied:
            cursor.execute(self._forget_texts, (room, author, seq))
        cursor.execute(self._forget_user, (author,))

    def write_members(self, cursor: DBAPICursor, room: int, forgotten: AuthorForgotten) -> None:
        """Nobody is in the room who is forgotten, as by the fold. To be called behind joins."""
        if forgotten.by_id is not None:
            for statement in (self._forget_member, self._forget_attendances):
                cursor.execute(statement, (room, number_of(forgotten.by_id)))

    def write_nameless(self, cursor: DBAPICursor, author: int) -> None:
        """Takes all that ``author`` did in deleted rooms off the disk: nobody is shown it again."""
        if self._overwrites:
            cursor.execute(self._blank_nameless, (author,))
        cursor.execute(self._forget_nameless, (author,))
