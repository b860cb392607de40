"""Which texts may fit, by the terms that stand beside them in PostgreSQL: newest first.

What is common is found by walking back from the newest text; what is rare, by the index, which
knows no order. So a search walks a little, and then asks the index for all that may fit; when that
is too much to be sorted, for the newest part of it only, and when even that takes too long, it
walks on. In one room it walks along that room's events.

Ids do not grow in the order of the commits. That changes nothing here: what is saved between two
pages of an answer may be found in the next one, or not, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any

import psycopg
from psycopg.errors import QueryCanceled

from hubbub.domain.search import Query, day_of
from hubbub.storage.rows import facts_of
from hubbub.storage.search.finder import SEARCH_SECONDS
from hubbub.storage.search.source import Text, in_present_form
from hubbub.storage.search.vectors import OTHER_VERSIONS, condition, of_versions
from hubbub.storage.staging import FORGOTTEN

WALKS = (1 << 10, 1 << 13, 1 << 16)  # events of the first three walks, and of all others: 40 ms
WALKED = sum(WALKS[:2])  # so many were looked at before the index is asked
MANY = 1 << 13  # texts that the index may have found: more take longer to look up than to walk
GLANCE = 256  # texts that a walk stops at: what follows is mostly not needed
FEW_LETTERS = 4  # with so many, not all too many words begin
FEW_ROOMS = 64  # which the index is asked for; more are looked at in what it finds
LEAST_SECONDS = 0.1  # that a statement has in any case: each answer is to be further on

DAY = "(at / 86400000)"
"""SQL of an event's day, as the index has it: see `hubbub.domain.search.day_of`."""

_WALKED = "SELECT id, seq, room_id, at, terms FROM events WHERE terms IS NOT NULL"
# OFFSET keeps the conditions out of what is walked, and the index of terms.
_BY_ID = (
    f" FROM ({_WALKED} AND id BETWEEN %(low)s AND %(last)s ORDER BY id DESC OFFSET 0) AS found"
    " WHERE TRUE"
)
_BY_SEQ = (
    f" FROM ({_WALKED} AND room_id = %(room)s AND seq BETWEEN %(low)s AND %(last)s"
    " ORDER BY seq DESC OFFSET 0) AS found WHERE id BETWEEN %(first_id)s AND %(last_id)s"
)
_BY_INDEX = (
    f" FROM ({_WALKED} AND terms @@ CAST(%(quick)s AS tsquery)) AS found"
    " WHERE {place} BETWEEN %(low)s AND %(last)s"
)
# As it stands, no condition of an index: that is another one.
_FITS = " AND (terms @@ CAST(%(sought)s AS tsquery)) IS TRUE"
_SINCE = " AND at >= %(since)s"
_UNTIL = " AND at < %(until)s"
_READABLE = (
    " AND EXISTS (SELECT FROM unnest(CAST(%(rooms)s AS bigint[]), CAST(%(floors)s AS bigint[]))"
    " AS readable(room, floor) WHERE room = found.room_id AND floor < found.seq)"
)
_NEWEST_FIRST = " ORDER BY {place} DESC LIMIT %(most)s"
# One look-up for each day: nothing else knows which of the events after a day is the first.
_FIRST_SINCE = (
    f"WITH RECURSIVE days(day) AS ((SELECT {DAY} FROM events WHERE {DAY} >= %(day)s"  # noqa: S608
    f" AND terms IS NOT NULL ORDER BY {DAY} LIMIT 1) UNION ALL SELECT (SELECT {DAY} FROM events"
    f" WHERE {DAY} > days.day AND terms IS NOT NULL ORDER BY {DAY} LIMIT 1) FROM days"
    " WHERE days.day IS NOT NULL) SELECT min((SELECT id FROM events"
    f" WHERE {DAY} = days.day AND terms IS NOT NULL ORDER BY {DAY}, id LIMIT 1)) FROM days"
)
_LAST_UNTIL = (
    f"WITH RECURSIVE days(day) AS ((SELECT {DAY} FROM events WHERE {DAY} < %(day)s"  # noqa: S608
    f" AND terms IS NOT NULL ORDER BY {DAY} DESC LIMIT 1) UNION ALL SELECT (SELECT {DAY} FROM"
    f" events WHERE {DAY} < days.day AND terms IS NOT NULL ORDER BY {DAY} DESC LIMIT 1) FROM days"
    " WHERE days.day IS NOT NULL) SELECT max((SELECT id FROM events"
    f" WHERE {DAY} = days.day AND terms IS NOT NULL ORDER BY {DAY} DESC, id DESC LIMIT 1))"
    " FROM days"
)
_ENDS = (
    "SELECT oldest.seq, oldest.id, newest.seq, newest.id"
    " FROM (SELECT seq, id FROM events WHERE room_id = %(room)s ORDER BY seq LIMIT 1) AS oldest,"
    " (SELECT seq, id FROM events WHERE room_id = %(room)s ORDER BY seq DESC LIMIT 1) AS newest"
)
_HAS_VERSION = "SELECT FROM events WHERE terms IS NOT NULL AND terms @@ CAST(%s AS tsquery) LIMIT 1"
_ID_AT = "SELECT id FROM events WHERE room_id = %(room)s AND seq = %(seq)s"
_TEXTS = (
    "SELECT room_state.state, events.id, rooms.name, rooms.key, events.room_id,"  # noqa: S608
    ' events.seq, at, kind, author, "by", text, extra, amends'
    " FROM events JOIN rooms ON rooms.id = events.room_id"
    " LEFT JOIN room_state ON room_state.room_id = events.room_id WHERE events.id = ANY(%(ids)s)"
    f" AND rooms.key NOT LIKE '{FORGOTTEN}%%' ORDER BY events.id DESC"
)
_AMENDMENTS = (
    "SELECT amending.room_id, amending.seq, amending.at, amending.kind, amending.author,"
    ' amending."by", amending.text, amending.extra, amending.amends FROM events AS said'
    " JOIN events AS amending ON amending.room_id = said.room_id AND amending.amends = said.seq"
    " WHERE said.id = ANY(%(ids)s)"
)


def spans(
    connection: psycopg.Connection[Any],
    query: Query,
    *,
    before: int | None,
    rooms: Mapping[str, int] | None,
) -> Iterator[Vectored]:
    """What is to be looked through for a query; see `hubbub.hub.ports.Search`.

    Raises `psycopg.Error`.
    """
    asked = _Asked(connection)
    room = None
    if query.room is not None:
        room = asked.number("SELECT id FROM rooms WHERE key = %(key)s", key=query.room.key)
        if room is None or (rooms is not None and query.room.key not in rooms):
            return
        rooms = None if rooms is None else {query.room.key: rooms[query.room.key]}
    readable: dict[int, int] | None = None
    if rooms is not None:
        keys = [*rooms]
        found = asked.rows("SELECT id, key FROM rooms WHERE key = ANY(%(keys)s)", {"keys": keys})
        readable = {id: rooms[key] for id, key in found}
        if not readable:
            return
    first, last = _bounds(asked, query, before)
    if first <= last:
        yield Vectored(asked, query, room, readable, first, last, others_in(connection))


def others_in(
    connection: psycopg.Connection[Any], versions: Sequence[int] = OTHER_VERSIONS
) -> tuple[int, ...]:
    """Of which of these versions there are terms of texts. Raises `psycopg.Error`."""
    asked = _Asked(connection)
    if not asked.has_any(versions):
        return ()
    return tuple(one for one in versions if asked.has_any([one]))


class Vectored:
    """A `hubbub.storage.search.finder.Span` from the event ``first`` to ``last``.

    ``room``: the only one. ``readable``: the rooms, by their ids, and the numbers behind which.
    Places are ids, or in one ``room`` its numbers, which grow with the ids there.
    """

    def __init__(
        self,
        asked: _Asked,
        query: Query,
        room: int | None,
        readable: Mapping[int, int] | None,
        first: int,
        last: int,
        others: Sequence[int] = (),
    ) -> None:
        """``others``: the versions of terms beside this one's, see `condition`."""
        few = None
        if room is None and readable is not None and len(readable) <= FEW_ROOMS:
            few = readable
        sought = condition(query, None, others=others)
        # What the index is asked for, and if that takes too long, what then. In a room of which
        # everything is sought it is of no use.
        self._quick: list[str] = []
        if room is None or sought is not None:
            order = (False, True) if _is_broad(query, few) else (True, False)
            quick = [
                condition(query, room, few, prefixes=prefixes, others=others) for prefixes in order
            ]
            self._quick = [*filter(None, dict.fromkeys(quick))]
        fits = "" if sought is None else _FITS
        fits += "" if query.since is None else _SINCE
        fits += "" if query.until is None else _UNTIL
        self._room = room
        self._asked = asked
        self._first, self._last = first, last
        if room is not None:
            floor = 0 if readable is None else readable[room]
            self._first = max(floor, asked.seq_before(room, first)) + 1
            self._last = asked.seq_before(room, last + 1)
        elif readable is not None:
            fits += _READABLE
        place = self._place = "id" if room is None else "seq"
        newest = fits + _NEWEST_FIRST.format(place=place)
        self._walk = f"SELECT {place}, id" + (_BY_ID if room is None else _BY_SEQ) + newest
        self._look_up = f"SELECT {place}, id" + _BY_INDEX.format(place=place) + fits
        self._look_up += " LIMIT %(most)s"
        self._values: dict[str, object] = {
            "sought": sought,
            "since": query.since,
            "until": query.until,
            "room": room,
            "first_id": first,
            "last_id": last,
            "rooms": [] if readable is None else [*readable],
            "floors": [] if readable is None else [*readable.values()],
        }
        self._walks = iter(WALKS)
        self._stretch = next(self._walks)
        self._walked = 0
        self._reach = self._last - self._first + 1
        self._known: list[tuple[int, int]] = []  # places and ids of all that may fit, newest first,
        self._known_from = self._last + 1  # from this place on

    @property
    def done(self) -> bool:
        return self._last < self._first

    def texts(self, most: int, seconds: float) -> list[Text]:
        seconds = max(seconds, LEAST_SECONDS)
        if self._last < self._known_from:
            until = monotonic() + seconds
            if self._walked < WALKED or not self._ask_index(seconds):
                self._go_on(max(until - monotonic(), LEAST_SECONDS))
            seconds = max(until - monotonic(), LEAST_SECONDS)
        found = [one for one in self._known if one[0] <= self._last][:most]
        self._last = found[-1][0] - 1 if len(found) == most else self._known_from - 1
        return self._asked.texts([id for _, id in found], seconds)

    def return_to(self, text: Text) -> None:
        place = text.id if self._room is None else text.event.seq
        self._last = max(self._last, place - 1)

    def place(self) -> int:
        if self._room is None:
            return self._last + 1
        sql = (
            "SELECT id FROM events WHERE room_id = %(room)s AND seq > %(seq)s ORDER BY seq LIMIT 1"
        )
        found = self._asked.number(sql, room=self._room, seq=self._last)
        return 1 if found is None else found

    def _go_on(self, seconds: float) -> None:
        """Walks along the next events; not as far as it was meant to if that takes too long."""
        low = max(self._first, self._last - self._stretch + 1)
        try:
            found = self._rows(self._walk, low, GLANCE, seconds)
        except QueryCanceled:
            if self._stretch == WALKS[0]:
                raise
            self._stretch, self._walks = WALKS[0], iter(())
            return
        self._known, self._known_from = found, low
        if len(found) == GLANCE:
            self._known_from = found[-1][0]
        else:
            self._walked += self._stretch
            self._stretch = next(self._walks, self._stretch)

    def _ask_index(self, seconds: float) -> bool:
        """Looks up all that may fit, as far back as it can be; or finds that it is too much."""
        if self._reach <= WALKS[-1]:
            self._reach *= 4  # for the next time: now it is walked
            return False
        low = max(self._first, self._last - self._reach + 1)
        until = monotonic() + seconds
        found: list[tuple[int, int]] = []
        while self._quick:
            share = max(until - monotonic(), LEAST_SECONDS) / len(self._quick)
            try:
                found = self._rows(self._look_up, low, MANY + 1, share, quick=self._quick[0])
                break
            except QueryCanceled:
                del self._quick[0]
        else:
            return False
        if len(found) > MANY:
            self._reach = max(self._reach // 16, WALKS[-1])
            return False
        self._known, self._known_from = sorted(found, reverse=True), low
        self._reach *= 4
        return True

    def _rows(
        self, sql: str, low: int, most: int, seconds: float, *, quick: str | None = None
    ) -> list[Any]:
        values = {**self._values, "low": low, "last": self._last, "most": most, "quick": quick}
        return self._asked.rows(sql, values, seconds=seconds, bitmaps=quick is not None)


def _is_broad(query: Query, few: Mapping[int, int] | None) -> bool:
    """Whether looking up all words that begin as one of the query does takes longer than to look
    at what has the rest of it.
    """
    shortest = min((len(term.words[-1].folded) for term in query.terms if term.prefix), default=0)
    return query.by is not None or few is not None or shortest < FEW_LETTERS


class _Asked:
    """A connection that is asked within some time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def rows(
        self,
        sql: str,
        values: Mapping[str, object],
        *,
        seconds: float = SEARCH_SECONDS,
        bitmaps: bool = False,
    ) -> list[Any]:
        """What a statement finds. ``bitmaps``: it is not to be walked along any index."""
        with self._connection.pipeline():
            self._connection.execute(
                "SELECT set_config('statement_timeout', %s, false),"
                " set_config('enable_indexscan', %s, false)",
                (f"{int(seconds * 1000)}ms", "off" if bitmaps else "on"),
            )
            statement: Any = sql  # psycopg takes only what stands in the program itself
            return self._connection.execute(statement, values).fetchall()

    def has_any(self, versions: Sequence[int]) -> bool:
        """Whether any text has terms of one of these versions: the index knows, nothing else."""
        with self._connection.pipeline(), self._connection.transaction():
            self._connection.execute("SET LOCAL enable_seqscan = off")
            self._connection.execute("SET LOCAL enable_indexscan = off")
            found = self._connection.execute(_HAS_VERSION, (of_versions(versions),))
            return found.fetchone() is not None

    def number(self, sql: str, **values: object) -> int | None:
        """The one number that a statement finds."""
        found = self.rows(sql, values)
        return found[0][0] if found else None

    def seq_before(self, room: int, id: int) -> int:
        """The number of the room's last event before that id; 0 for none.

        Looked for by halves: ids and numbers grow together in a room, whose numbers have no holes
        but what was deleted at the beginning.
        """
        ends = self.rows(_ENDS, {"room": room})
        if not ends:
            return 0
        ((low, oldest, high, newest),) = ends
        if oldest >= id:
            return int(low) - 1
        if newest < id:
            return int(high)
        while high - low > 1:  # that at low is before it, that at high is not
            middle = (low + high) // 2
            found = self.number(_ID_AT, room=room, seq=middle)
            if found is not None and found < id:
                low = middle
            else:
                high = middle
        return int(low)

    def texts(self, ids: Sequence[int], seconds: float) -> list[Text]:
        """The texts among these events, newest first."""
        if not ids:
            return []
        found = self.rows(_TEXTS, {"ids": ids}, seconds=seconds)
        amendments = self.rows(_AMENDMENTS, {"ids": ids}, seconds=seconds)
        floors = {id: facts_of(state).floor for state, id, *_ in found if state is not None}
        texts = in_present_form((row for _, *row in found), amendments)
        # What a room has trimmed is deleted bit by bit.
        return [one for one in texts if one.event.seq > floors.get(one.id, 0)]


def _bounds(asked: _Asked, query: Query, before: int | None) -> tuple[int, int]:
    """The first and last event that can fit, by their ids."""
    first, last = 1, asked.number("SELECT max(id) FROM events") or 0
    if before is not None:
        last = min(last, before - 1)
    if query.since is not None:
        found = asked.number(_FIRST_SINCE, day=day_of(query.since))
        first = last + 1 if found is None else found
    if query.until is not None:
        found = asked.number(_LAST_UNTIL, day=day_of(query.until))
        last = 0 if found is None else min(last, found)
    return first, last
