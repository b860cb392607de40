"""The rooms' events: of each room one piece of its log without holes, and never too much."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from msgspec import Struct

from hubbub.client.cache import kept
from hubbub.client.cache.bounds import Bounds
from hubbub.client.cache.database import transaction
from hubbub.client.rooms import room_key
from hubbub.domain.events import Event
from hubbub.domain.numbers import MAX_EXACT

SLICE = 100  # events of a room that go at once when there are too many bytes


class _Room(Struct, frozen=True):
    id: int
    first: int
    last: int
    at: int


class History:
    """What is known of all rooms. ``log`` is the id of the database that it comes from, for us.

    Another client on this file may know of another one by now: then nothing is read or written
    until we do, too.
    """

    def __init__(self, database: sqlite3.Connection, bounds: Bounds) -> None:
        self.log: str | None = None
        self._database = database
        self._bounds = bounds
        (page_size,) = database.execute("PRAGMA page_size").fetchone()
        self._most_pages = bounds.bytes // page_size

    def add(self, room: str, events: Sequence[Event]) -> int:
        """Takes newer events; returns how many bytes were written.

        Those that are known are left out. When some are missing between, the older ones go.
        """
        with transaction(self._database):
            known = self._find(room)
            fresh = _newer(events, known.last if known else None)
            if not fresh or not self._is_ours():
                return 0
            if known is not None and fresh[0].seq != known.last + 1:
                self._drop(known)
                known = None
            fresh = fresh[-self._bounds.events :]
            return self._grow(room, known, fresh, at=fresh[-1].at)

    def add_older(self, room: str, events: Sequence[Event]) -> int:
        """Takes older events, those right before what is known; as `add`."""
        with transaction(self._database):
            known = self._find(room)
            space = self._bounds.events - (known.last - known.first + 1 if known else 0)
            fresh = _older(events, known.first if known else None, space)
            if not fresh or not self._is_ours():
                return 0
            return self._grow(room, known, fresh, at=known.at if known else fresh[-1].at)

    def page(self, room: str, before: int | None, limit: int) -> list[Event]:
        """The newest events with ``seq < before``, ``limit`` at most, in order."""
        found = self._database.execute(
            "SELECT event FROM events WHERE room = (SELECT id FROM rooms WHERE key = ?) AND seq < ?"
            " AND (SELECT log FROM server) IS ? ORDER BY seq DESC LIMIT ?",
            (
                room_key(room),
                MAX_EXACT + 1 if before is None else min(before, MAX_EXACT + 1),
                self.log,
                max(0, limit),
            ),
        ).fetchall()
        return kept.from_bytes([event for (event,) in reversed(found)])

    def span(self, room: str) -> tuple[int, int] | None:
        """``seq`` of the oldest and of the newest event that is known."""
        known = self._find(room)
        return (known.first, known.last) if known and self._is_ours() else None

    def rooms(self) -> list[str]:
        """The rooms of which something is known; where something happened last comes first."""
        found = self._database.execute(
            "SELECT name FROM rooms WHERE (SELECT log FROM server) IS ? ORDER BY at DESC, id",
            (self.log,),
        )
        return [name for (name,) in found]

    def read_by(self, kinds: str) -> None:
        """Forgets rooms with events of which this version might know more than the last did."""
        with transaction(self._database):
            if self._database.execute("SELECT kinds FROM server").fetchone() == (kinds,):
                return
            unread = self._database.execute(
                "SELECT id, first, last, at FROM rooms WHERE id IN"
                " (SELECT room FROM events WHERE instr(event, CAST(? AS BLOB))"
                " OR NOT instr(event, CAST(? AS BLOB)))",
                (f'"kind":"{kept.UNKNOWN}"', '"by_id":"'),
            )
            for room in unread.fetchall():
                self._drop(_Room(*room))
            self._database.execute("UPDATE server SET kinds = ?", (kinds,))

    def forget(self, room: str) -> None:
        """Forgets all of a room's events."""
        with transaction(self._database):
            known = self._find(room)
            if known is not None and self._is_ours():
                self._drop(known)

    def clear(self) -> None:
        """Forgets all events; to be called in a transaction."""
        self._database.execute("DELETE FROM events")
        self._database.execute("DELETE FROM rooms")

    def _is_ours(self) -> bool:
        (log,) = self._database.execute("SELECT log FROM server").fetchone()
        return bool(log == self.log)

    def _find(self, room: str) -> _Room | None:
        found = self._database.execute(
            "SELECT id, first, last, at FROM rooms WHERE key = ?", (room_key(room),)
        ).fetchone()
        return _Room(*found) if found else None

    def _grow(self, room: str, known: _Room | None, fresh: list[Event], at: int) -> int:
        """Writes ``fresh``, which fit to what is ``known``."""
        first, last = fresh[0].seq, fresh[-1].seq
        if known is not None:
            first, last = min(first, known.first), max(last, known.last)
        first_kept = max(first, last - self._bounds.events + 1)
        at = max(0, min(at, MAX_EXACT))
        if known is None:
            id = self._database.execute(
                "INSERT INTO rooms (key, name, first, last, at) VALUES (?, ?, ?, ?, ?)",
                (room_key(room), room, first_kept, last, at),
            ).lastrowid
        else:
            id = known.id
            self._database.execute(
                "UPDATE rooms SET name = ?, first = ?, last = ?, at = ? WHERE id = ?",
                (room, first_kept, last, at, id),
            )
        rows = [(id, event.seq, kept.to_bytes(event)) for event in fresh]
        self._database.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
        if first_kept > first:
            self._delete(id, first_kept)
        self._make_space()
        return sum(len(event) for _, _, event in rows)

    def _delete(self, id: int | None, before: int) -> None:
        self._database.execute("DELETE FROM events WHERE room = ? AND seq < ?", (id, before))

    def _drop(self, room: _Room) -> None:
        self._delete(room.id, MAX_EXACT + 1)
        self._database.execute("DELETE FROM rooms WHERE id = ?", (room.id,))

    def _make_space(self) -> None:
        """Too many bytes: the room where nothing happened for longest gives, its oldest first."""
        while self._pages() > self._most_pages:
            found = self._database.execute(
                "SELECT id, first, last, at FROM rooms ORDER BY at, id LIMIT 1"
            ).fetchone()
            if found is None:
                return
            oldest = _Room(*found)
            first_kept = oldest.first + SLICE
            if first_kept > oldest.last:
                self._drop(oldest)
            else:
                self._delete(oldest.id, first_kept)
                self._database.execute(
                    "UPDATE rooms SET first = ? WHERE id = ?", (first_kept, oldest.id)
                )

    def _pages(self) -> int:
        """Pages of the file that are in use."""
        (pages,) = self._database.execute("PRAGMA page_count").fetchone()
        (free,) = self._database.execute("PRAGMA freelist_count").fetchone()
        return int(pages - free)


def _newer(events: Iterable[Event], last: int | None) -> list[Event]:
    """Those behind ``last``; if there are holes, those behind the newest hole."""
    fresh: list[Event] = []
    for event in events:
        if (last is not None and event.seq <= last) or not _has_place(event):
            continue
        if last is not None and event.seq > last + 1:
            fresh.clear()
        fresh.append(event)
        last = event.seq
    return fresh


def _older(events: Sequence[Event], first: int | None, space: int) -> list[Event]:
    """At most ``space`` of those right before ``first``, up to the newest hole."""
    fresh: list[Event] = []
    for event in reversed(events):
        if len(fresh) >= space:
            break
        if (first is not None and event.seq >= first) or not _has_place(event):
            continue
        if first is not None and event.seq < first - 1:
            break
        fresh.append(event)
        first = event.seq
    fresh.reverse()
    return fresh


def _has_place(event: Event) -> bool:
    return 0 < event.seq <= MAX_EXACT
