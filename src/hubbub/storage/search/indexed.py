"""Which texts may fit, by the index in SQLite: stretches of events, newest first.

A stretch is looked through in one go; SQLite cannot be stopped in between when it looks for what
two long lists have in common. Stretches are short where that takes long, and grow where little is
found.

What was said a moment ago is not in the index yet. It is read from the log itself, if it is little.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from threading import Lock

from hubbub.domain.search import Query, day_of
from hubbub.hub.ports import MOST_FRESH
from hubbub.storage.search.source import Source, Text
from hubbub.storage.search.terms import expression

FIRST_STRETCH = 1 << 16  # events
LEAST_STRETCH = 1 << 12
QUICK_SECONDS = 0.005  # a stretch that takes less is followed by one four times as long
SLOW_SECONDS = 0.02  # one that takes more, by one a fourth as long
FRESH_CHARS = 1 << 16  # that are compared with a query though they are not indexed: 0.1 s at worst

# Not a plain JOIN, which might begin with the wrong table.
MATCH = (
    "SELECT docs.id FROM texts CROSS JOIN docs ON docs.id = texts.rowid WHERE texts MATCH :match"
)
EVERYTHING = "SELECT id FROM docs WHERE TRUE"
STRETCH = " AND docs.id BETWEEN :first AND :last ORDER BY docs.id DESC LIMIT :most"
STRETCH_OF_MATCH = " AND texts.rowid BETWEEN :first AND :last ORDER BY texts.rowid DESC LIMIT :most"
IN_ROOMS = " AND docs.room IN (SELECT value FROM json_each(:rooms))"
BEHIND_FLOORS = (
    " AND NOT EXISTS (SELECT 1 FROM json_each(:floors) AS floors"
    " WHERE docs.room = json_extract(floors.value, '$[0]')"
    " AND docs.id <= json_extract(floors.value, '$[1]'))"
)

Ids = Callable[[int, int, int], list[int]]
"""The newest texts that may fit between two events, and how many at most."""


class Stretches:
    """A `hubbub.storage.search.finder.Span` from the event ``first`` to ``last``."""

    def __init__(self, source: Source, ids_in: Ids, first: int, last: int) -> None:
        self._source = source
        self._ids_in = ids_in
        self._first = first
        self._last = last
        self._stretch = FIRST_STRETCH

    @property
    def done(self) -> bool:
        return self._last < self._first

    def texts(self, most: int, seconds: float) -> list[Text]:
        began = time.monotonic()
        low = max(self._first, self._last - self._stretch + 1)
        ids = self._ids_in(low, self._last, most)
        took = time.monotonic() - began
        self._last = ids[-1] - 1 if len(ids) == most else low - 1
        if took < QUICK_SECONDS:
            self._stretch *= 4
        elif took > SLOW_SECONDS:
            self._stretch = max(LEAST_STRETCH, self._stretch // 4)
        return self._source.texts(ids) if ids else []

    def return_to(self, text: Text) -> None:
        self._last = max(self._last, text.id - 1)

    def place(self) -> int:
        return self._last + 1


def spans(
    connection: sqlite3.Connection,
    source: Source,
    query: Query,
    *,
    before: int | None,
    rooms: Mapping[str, int] | None,
) -> Iterator[Stretches]:
    """What is to be looked through for a query: what is not in the index yet, then the index.

    ``before``, ``rooms``: see `hubbub.hub.ports.Search`. Raises the errors of the two databases.
    """
    room = None
    if query.room is not None:
        room = source.room_id(query.room.key)
        if room is None:
            return
    asked = _Asked(connection, source, query, room, rooms)
    (place,) = connection.execute("SELECT max(place) FROM state").fetchone()
    indexed = place or 0
    first, last = _bounds(connection, query, before)
    newest = source.newest()
    fresh = newest if before is None else min(newest, before - 1)
    first_fresh = _first_fresh(source, indexed, newest)
    yield Stretches(source, source.said, first_fresh, fresh)
    yield Stretches(source, asked.ids, first, min(last, indexed))


class _Asked:
    """One query on one connection."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        source: Source,
        query: Query,
        room: int | None,
        rooms: Mapping[str, int] | None,
    ) -> None:
        self._connection = connection
        match = expression(query, room)
        self._sql = EVERYTHING if match is None else MATCH
        self._values: dict[str, object] = {"match": match}
        if rooms is not None:
            self._sql += IN_ROOMS
            self._values["rooms"] = json.dumps(source.room_ids([*rooms]))
            floors = {room: seq for room, seq in rooms.items() if seq}
            if floors:
                self._sql += BEHIND_FLOORS
                self._values["floors"] = json.dumps(source.places(floors))
        self._sql += STRETCH if match is None else STRETCH_OF_MATCH

    def ids(self, first: int, last: int, most: int) -> list[int]:
        """The newest texts of the stretch that may fit."""
        values = {**self._values, "first": first, "last": last, "most": most}
        return [id for (id,) in self._connection.execute(self._sql, values)]


def _first_fresh(source: Source, indexed: int, newest: int) -> int:
    """From which event on those are looked through that are not in the index yet."""
    first, chars = newest + 1, 0
    for id, length in source.lengths(indexed + 1, newest, MOST_FRESH):
        chars += length
        if chars > FRESH_CHARS:
            break
        first = id
    return first


def _bounds(connection: sqlite3.Connection, query: Query, before: int | None) -> tuple[int, int]:
    """The first and last event that can fit."""
    (newest,) = connection.execute("SELECT max(id) FROM docs").fetchone()
    first, last = 1, newest or 0
    if before is not None:
        last = min(last, before - 1)
    if query.since is not None:
        sql = "SELECT min(first) FROM days WHERE day >= ?"
        (found,) = connection.execute(sql, (day_of(query.since),)).fetchone()
        first = last + 1 if found is None else found
    if query.until is not None:
        sql = "SELECT max(last) FROM days WHERE day < ?"
        (found,) = connection.execute(sql, (day_of(query.until),)).fetchone()
        last = 0 if found is None else min(last, found)
    return first, last


class Connections:
    """Idle connections to the index, of one generation of its file. For any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._idle: list[sqlite3.Connection] = []
        self._generation = 0

    def take(self, generation: int) -> sqlite3.Connection | None:
        """An idle one, if there is one to the file as it is now."""
        with self._lock:
            if generation != self._generation:
                self._drop()
                self._generation = generation
            return self._idle.pop() if self._idle else None

    def give_back(self, connection: sqlite3.Connection, generation: int) -> None:
        """It is idle."""
        with self._lock:
            self._idle.append(connection)
            if generation != self._generation:
                self._drop()

    def close(self) -> None:
        """Closes all that are idle."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        while self._idle:
            with suppress(sqlite3.Error):
                self._idle.pop().close()
