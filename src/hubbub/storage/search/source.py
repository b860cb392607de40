"""The log as the index sees it: all events of all rooms in the order in which they were saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, and_, bindparam, func, select, union_all

from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName
from hubbub.domain.numbers import MAX_EXACT
from hubbub.domain.projection import amended, target_of
from hubbub.storage.rows import (
    EDITS,
    FORGETTING,
    MESSAGES,
    REDACTIONS,
    TRIMMING,
    event_of,
    name_of,
    summary_of,
)
from hubbub.storage.schema import CONTENT, events, room_state, rooms
from hubbub.storage.search.index import Row, stamp_of
from hubbub.storage.staging import FORGOTTEN

_ROW = (events.c.id, events.c.room_id, events.c.seq, events.c.at, events.c.by, events.c.text)
NEXT = (
    select(*_ROW, events.c.kind, events.c.amends)
    .where(events.c.id > bindparam("after"))
    .order_by(events.c.id)
    .limit(bindparam("most"))
)
ONE = select(*_ROW).where(events.c.id == bindparam("id"))
_AT = events.c.room_id == bindparam("room"), events.c.seq == bindparam("seq")
SAID = select(*_ROW).where(*_AT, events.c.kind.in_(MESSAGES))
EDITED = (
    select(events.c.id, events.c.text)
    .where(
        events.c.room_id == bindparam("room"),
        events.c.amends == bindparam("seq"),
        events.c.kind.in_(EDITS),
        events.c.id < bindparam("before"),
    )
    .order_by(events.c.id.desc())
    .limit(1)
)
VERSIONS = union_all(
    select(events.c.id).where(*_AT),
    EDITED.with_only_columns(events.c.id).limit(None).order_by(None),
).params(before=MAX_EXACT)
NEWEST = select(func.max(events.c.id))
SAID_BETWEEN = (
    select(events.c.id)
    .where(events.c.id.between(bindparam("first"), bindparam("last")), events.c.kind.in_(MESSAGES))
    .order_by(events.c.id.desc())
    .limit(bindparam("most"))
)
LENGTHS = (
    select(events.c.id, func.length(events.c.text))
    .where(events.c.id.between(bindparam("first"), bindparam("last")), events.c.kind.in_(MESSAGES))
    .order_by(events.c.id.desc())
    .limit(bindparam("most"))
)
ROOM = select(rooms.c.id).where(rooms.c.key == bindparam("key"))
ROOMS = select(rooms.c.id).where(rooms.c.key.in_(bindparam("keys", expanding=True)))
PLACE = (
    select(events.c.room_id, events.c.id)
    .join_from(events, rooms)
    .where(rooms.c.key == bindparam("key"), events.c.seq == bindparam("seq"))
)
TEXTS = (
    select(
        events.c.id,
        rooms.c.name,
        rooms.c.key,
        events.c.room_id,
        *CONTENT,
    )
    .join_from(events, rooms)
    .where(events.c.id.in_(bindparam("ids", expanding=True)), events.c.kind.in_(MESSAGES))
    .where(~rooms.c.key.startswith(FORGOTTEN))
    .order_by(events.c.id.desc())
)
_AMENDING = events.alias("amending")
AMENDMENTS = (
    select(_AMENDING.c.room_id, *(_AMENDING.c[column.name] for column in CONTENT))
    .join_from(
        events,
        _AMENDING,
        and_(_AMENDING.c.room_id == events.c.room_id, _AMENDING.c.amends == events.c.seq),
    )
    .where(events.c.id.in_(bindparam("ids", expanding=True)))
)


_REWRITING = frozenset((*FORGETTING, *TRIMMING))
"""The kinds by which texts are gone, or others, that were there before."""


def _floors(connection: Connection) -> dict[int, int]:
    """Up to which number events are gone, by the ids of the rooms where any are."""
    found = connection.execute(select(room_state.c.room_id, room_state.c.state))
    floors = {id: summary_of(1, 0, state).facts.floor for id, state in found}
    return {id: floor for id, floor in floors.items() if floor}


class Text(NamedTuple):
    """A text in its present form, and the id of its event."""

    id: int
    room: RoomName
    event: Said


class Version(NamedTuple):
    """A message as it was before another event: its row, and the id of what has its text."""

    row: Row
    id: int
    text: str | None


def in_present_form(
    found: Iterable[Sequence[Any]], amendments: Iterable[Sequence[Any]]
) -> list[Text]:
    """The texts in rows: id, name and key of the room, its id, and what `event_of` takes.

    ``amendments``: rows of what amends them: the room's id, and the same.
    """
    by_room: dict[int, list[AnyEvent]] = {}
    for room, *row in amendments:
        by_room.setdefault(room, []).append(event_of(*row))
    texts = []
    for id, name, key, room, *row in found:
        event = event_of(*row)
        if is_message(event):
            amending = (one for one in by_room.get(room, ()) if target_of(one) == event.seq)
            event = amended(event, *sorted(amending, key=attrgetter("seq")))
        if is_message(event):
            texts.append(Text(id, name_of(RoomName, name, key), event))
    return texts


class Source:
    """Reads the log on an engine that cannot write. Raises `sqlalchemy.exc.SQLAlchemyError`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._floors: Mapping[int, int] = {}
        self._known = False

    def next(self, after: int, most: int) -> list[Row]:
        """The next events behind the one with that id."""
        with self._engine.connect() as connection:
            found = connection.execute(NEXT, {"after": after, "most": most}).all()
            # Of an index that begins anew, what is in the log at that moment counts as done.
            if not after or not self._known or any(row.kind in TRIMMING for row in found):
                self._floors, self._known = _floors(connection), True
            return [self._row(row, self._floors) for row in found]

    def _row(self, row: Sequence[Any], floors: Mapping[int, int]) -> Row:
        id, room, seq, at, by, text, kind, amends = row
        edit, redaction = kind in EDITS, kind in REDACTIONS
        about = amends if edit or redaction else None
        there = (kind in MESSAGES or edit) and (about or seq) > floors.get(room, 0)
        text = text if there else None
        return Row(id, room, seq, at, by, text, kind in _REWRITING, about, redaction)

    def before(self, row: Row) -> Version | None:
        """What the message that ``row`` edits or takes back was before that; None if it is gone.

        Its text as it is in the log now: maybe nothing is left of it.
        """
        where = {"room": row.room, "seq": row.about, "before": row.id}
        with self._engine.connect() as connection:
            said = connection.execute(SAID, where).first()
            if said is None:
                return None
            found = Row(*said)
            edit = connection.execute(EDITED, where).first()
        return Version(found, *((found.id, found.text) if edit is None else edit))

    def versions(self, row: Row) -> list[int]:
        """The ids of the message that ``row`` is about, and of its edits."""
        where = {"room": row.room, "seq": row.about}
        with self._engine.connect() as connection:
            return list(connection.execute(VERSIONS, where).scalars())

    def newest(self) -> int:
        """The id of the newest event; 0 when there is none."""
        with self._engine.connect() as connection:
            return connection.execute(NEWEST).scalar() or 0

    def said(self, first: int, last: int, most: int) -> list[int]:
        """The ids of the newest texts between two events."""
        values = {"first": first, "last": last, "most": most}
        with self._engine.connect() as connection:
            return list(connection.execute(SAID_BETWEEN, values).scalars())

    def lengths(self, first: int, last: int, most: int) -> list[tuple[int, int]]:
        """The ids of the newest texts between two events, and how many characters they have."""
        values = {"first": first, "last": last, "most": most}
        with self._engine.connect() as connection:
            return [(id, chars) for id, chars in connection.execute(LENGTHS, values)]

    def stamp(self, id: int) -> str | None:
        """What the event looks like; None when there is none."""
        with self._engine.connect() as connection:
            found = connection.execute(ONE, {"id": id}).first()
        return None if found is None else stamp_of(Row(*found))

    def room_id(self, key: str) -> int | None:
        """The id of a room by its key."""
        with self._engine.connect() as connection:
            return connection.execute(ROOM, {"key": key}).scalar()

    def room_ids(self, keys: Sequence[str]) -> list[int]:
        """The ids of rooms by their keys."""
        with self._engine.connect() as connection:
            return list(connection.execute(ROOMS, {"keys": keys}).scalars())

    def places(self, floors: Mapping[str, int]) -> list[tuple[int, int]]:
        """The ids of rooms, and of the events in them with those numbers."""
        with self._engine.connect() as connection:
            found = (
                connection.execute(PLACE, {"key": key, "seq": seq}).first()
                for key, seq in floors.items()
            )
            return [(room, place) for room, place in filter(None, found)]

    def texts(self, ids: Sequence[int]) -> list[Text]:
        """The texts among these events, newest first."""
        with self._engine.connect() as connection:
            found = connection.execute(TEXTS, {"ids": ids}).all()
            return in_present_form(found, connection.execute(AMENDMENTS, {"ids": ids}))

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()
