"""Asks the index, newest first, stretch by stretch, so that no query takes long.

A stretch of events is looked through in one go; SQLite cannot be stopped in between when it looks
for what two long lists have in common. Stretches are short where that takes long, and grow where
little is found; between two of them the clock is looked at, and between two texts that are compared
with the query, which is work in Python: it is done bit by bit.

What was said a moment ago is not in the index yet. It is read from the log itself, if it is little.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Lock

from hubbub.domain.search import Query, day_of, excerpt, fits
from hubbub.hub.ports import MOST_FRESH, Find, Finds
from hubbub.storage.breath import Breath
from hubbub.storage.search.source import Source, Text
from hubbub.storage.search.terms import expression

SEARCH_SECONDS = 0.25  # then what was found so far is the answer
FIRST_STRETCH = 1 << 16  # events
LEAST_STRETCH = 1 << 12
QUICK_SECONDS = 0.005  # a stretch that takes less is followed by one four times as long
SLOW_SECONDS = 0.02  # one that takes more, by one a fourth as long
FRESH_CHARS = 1 << 16  # that are compared with a query though they are not indexed: 0.1 s at worst
ROUND = 32  # texts that are read from the log at once: a millisecond's work, if they are long

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


def find(
    connection: sqlite3.Connection,
    source: Source,
    query: Query,
    *,
    before: int | None,
    limit: int,
    rooms: Mapping[str, int] | None,
) -> Finds:
    """See `hubbub.hub.ports.Search`. Raises the errors of the two databases."""
    room = None
    if query.room is not None:
        room = source.room_id(query.room.key)
        if room is None:
            return Finds([], None)
    search = _Search(connection, source, query, room, rooms)
    finds: list[Find] = []
    breath = Breath(SEARCH_SECONDS)
    for first, newest, ids_in in search.spans(before):
        last, stretch = newest, FIRST_STRETCH
        more = True
        while last >= first and len(finds) <= limit and more:
            began = time.monotonic()
            low = max(first, last - stretch + 1)
            most = min(ROUND, limit + 1 - len(finds))
            ids = ids_in(low, last, most)
            took = time.monotonic() - began
            breath.rested()
            last = ids[-1] - 1 if len(ids) == most else low - 1
            for text in search.texts(ids):
                found = search.look(text)
                if found is not None:
                    finds.append(found)
                more = breath.take()
                if not more and text.id > last:
                    last = text.id - 1  # however little time there is, one more was looked at
                    break
            more = more and breath.take()
            if took < QUICK_SECONDS:
                stretch *= 4
            elif took > SLOW_SECONDS:
                stretch = max(LEAST_STRETCH, stretch // 4)
        if len(finds) > limit:
            return Finds(finds[:limit], finds[limit - 1].place)
        if last >= first:
            return Finds(finds, last + 1)
    return Finds(finds, None)


Ids = Callable[[int, int, int], list[int]]
"""The newest texts that may fit between two events, and how many at most."""


class _Search:
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
        self._source = source
        self._query = query
        self._rooms = rooms
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

    def spans(self, before: int | None) -> list[tuple[int, int, Ids]]:
        """The first and last event of what is to be looked through, newest first, and how."""
        (place,) = self._connection.execute("SELECT max(place) FROM state").fetchone()
        indexed = place or 0
        first, last = _bounds(self._connection, self._query, before)
        newest = self._source.newest()
        fresh = newest if before is None else min(newest, before - 1)
        return [
            (self._first_fresh(indexed, newest), fresh, self._source.said),
            (first, min(last, indexed), self.ids),
        ]

    def _first_fresh(self, indexed: int, newest: int) -> int:
        """From which event on those are looked through that are not in the index yet."""
        first, chars = newest + 1, 0
        for id, length in self._source.lengths(indexed + 1, newest, MOST_FRESH):
            chars += length
            if chars > FRESH_CHARS:
                break
            first = id
        return first

    def ids(self, first: int, last: int, most: int) -> list[int]:
        """The newest texts of the stretch that may fit."""
        values = {**self._values, "first": first, "last": last, "most": most}
        return [id for (id,) in self._connection.execute(self._sql, values)]

    def texts(self, ids: Sequence[int]) -> list[Text]:
        """What the log has of them, newest first."""
        return self._source.texts(ids) if ids else []

    def look(self, text: Text) -> Find | None:
        """The text, if it fits: the index does not know all that a query says."""
        event = text.event
        event = text.event
        floor = 0 if self._rooms is None else self._rooms.get(text.room.key)
        if floor is None or event.seq <= floor or not event.text:
            return None
        if self._query.room is not None and text.room.key != self._query.room.key:
            return None
        spots = fits(self._query, at=event.at, by=event.by, text=event.text)
        if spots is None:
            return None
        return Find(text.id, text.room, event, excerpt(event.text, spots))


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
