"""The rooms' events: of each room one segment of its timeline, and never too much of it.

All events of the segment are here, or are known to be nothing to be shown: a page of history may
leave out what is no line of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from msgspec import Struct

from hubbub.client.cache import kept
from hubbub.client.cache.bounds import Bounds
from hubbub.client.cache.database import transaction
from hubbub.client.rooms import room_key
from hubbub.client.segment import NOTHING, Segment
from hubbub.domain.events import AnyEvent, AuthorForgotten, Event
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import floor_of, traits_of
from hubbub.domain.numbers import MAX_EXACT
from hubbub.domain.projection import amended, forgetting, requoted, target_of, without_past

APART = "\n"  # no name of a room has it
SLICE = 100  # events of a room that go at once when there are too many bytes


class _Room(Struct, frozen=True):
    id: int
    first: int
    last: int
    at: int


class History:
    """What is known of all rooms. ``log`` is the id of the database that it comes from, for us.

    Another client on this file may know of another one by now: then nothing is read or written
    until we do, too. ``owner`` is the id of our user. Rooms that only members read are each user's
    own, and are never found for another one, who may use the same file.
    """

    def __init__(
        self,
        database: sqlite3.Connection,
        bounds: Bounds,
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        """``gone`` is called when a text was taken away that is to be nowhere on the disk."""
        self._gone = gone
        self.log: str | None = None
        self.owner: UserId | None = None
        self._private: set[str] = set()
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
            segment = Segment(fresh[0].seq, fresh[-1].seq, fresh)
            written = self._grow(room, known, segment, at=fresh[-1].at)
            written += self._amend(room, fresh)
            for event in fresh:
                if isinstance(event, AuthorForgotten):
                    written += self._forget_author(room, event)
            if floor := floor_of(fresh):
                written += self._lose_past(room, floor)
            return written

    def add_older(self, room: str, page: Segment) -> int:
        """Takes an older page: of it, what ends where the known segment begins; as `add`."""
        with transaction(self._database):
            known = self._find(room)
            if known is not None:
                if page.last < known.first - 1:
                    return 0
                page = page.before(known.first)
            last = min(page.last if known is None else known.last, MAX_EXACT)
            page = page.before(last + 1).behind(max(0, last - self._bounds.events))
            if page.empty or not self._is_ours():
                return 0
            if known is not None:
                return self._grow(room, known, page, at=known.at)
            return self._grow(room, None, page, at=page.events[-1].at) if page.events else 0

    def page(self, room: str, before: int | None, after: int | None, limit: int) -> Segment:
        """At most ``limit`` events: the oldest with ``seq > after``, else the newest with ``seq <
        before``.
        """
        limit = max(0, limit)
        before = min(MAX_EXACT + 1 if before is None else before, MAX_EXACT + 1)
        where, order = ("> ?", "ASC") if after is not None else ("< ?", "DESC")
        # One statement, so that both are of the same moment: others may write meanwhile.
        found = self._database.execute(
            "SELECT rooms.first, rooms.last, events.event FROM rooms"  # noqa: S608  # no input
            f" LEFT JOIN events ON events.room = rooms.id AND events.seq {where}"
            " WHERE rooms.key = ? AND (SELECT log FROM server) IS ?"
            f" ORDER BY events.seq {order} LIMIT ?",
            (
                before if after is None else min(after, MAX_EXACT),
                self._key_of(room),
                self.log,
                limit,
            ),
        ).fetchall()
        if not found:
            return NOTHING
        first, last, _ = found[0]
        events = kept.from_bytes([event for _, _, event in found if event is not None])
        whole = len(events) < limit  # of what is known on that side
        if after is not None:
            return Segment(max(first, after + 1), last if whole else events[-1].seq, events)
        events.reverse()
        return Segment(first if whole else events[0].seq, min(last, before - 1), events)

    def span(self, room: str) -> tuple[int, int] | None:
        """The first and the last number of the known segment."""
        known = self._find(room)
        return (known.first, known.last) if known and self._is_ours() else None

    def rooms(self) -> list[str]:
        """The rooms of which something is known; where something happened last comes first."""
        found = self._database.execute(
            "SELECT key, name FROM rooms WHERE (SELECT log FROM server) IS ? ORDER BY at DESC, id",
            (self.log,),
        )
        ours = f"{self.owner}{APART}"
        return list(
            dict.fromkeys(name for key, name in found if APART not in key or key.startswith(ours))
        )

    def set_private(self, room: str, *, private: bool) -> None:
        """Whether only members read a room: then what is known of it is from now on our own."""
        key = room_key(room)
        if not private:
            self._private.discard(key)
            return
        self._private.add(key)
        own = self._own(key)
        with transaction(self._database):
            shared = self._row(key)
            if shared is None or not self._is_ours():
                return
            if own is None or self._row(own) is not None:
                self._drop(shared)
            else:
                self._database.execute("UPDATE rooms SET key = ? WHERE id = ?", (own, shared.id))

    def is_private(self, room: str) -> bool:
        """Whether a room is known to be one that only members read."""
        key = room_key(room)
        own = self._own(key)
        return key in self._private or (own is not None and self._row(own) is not None)

    def is_open(self, room: str) -> bool:
        """Whether a room is known to be one that everybody reads."""
        return not self.is_private(room) and self._row(room_key(room)) is not None

    def take_over(self, failed: History) -> None:
        """Knows whose rooms are whose, as ``failed`` knew."""
        self.owner, self._private = failed.owner, failed._private

    def forget_private(self) -> None:
        """Forgets all rooms that are our own."""
        with transaction(self._database):
            found = self._database.execute("SELECT id, first, last, at, key FROM rooms").fetchall()
            for *room, key in found:
                if self.owner is not None and key.startswith(f"{self.owner}{APART}"):
                    self._drop(_Room(*room))

    def move(self, was: str, name: str) -> None:
        """The room ``was`` is called ``name`` now."""
        before, after = room_key(was), room_key(name)
        if before in self._private:
            self._private.add(after)
        with transaction(self._database):
            for old, new in ((before, after), (self._own(before), self._own(after))):
                known = None if old is None else self._row(old)
                if known is None or new is None or not self._is_ours():
                    continue
                other = self._row(new)
                if other is not None and other.id != known.id:
                    self._drop(other)
                self._database.execute(
                    "UPDATE rooms SET key = ?, name = ? WHERE id = ?", (new, name, known.id)
                )

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
        return self._row(self._key_of(room))

    def _row(self, key: str) -> _Room | None:
        found = self._database.execute(
            "SELECT id, first, last, at FROM rooms WHERE key = ?", (key,)
        ).fetchone()
        return _Room(*found) if found else None

    def _own(self, key: str) -> str | None:
        return None if self.owner is None else f"{self.owner}{APART}{key}"

    def _key_of(self, room: str) -> str:
        """Where a room is: among our own, if it is there or only members read it."""
        key = room_key(room)
        own = self._own(key)
        if own is not None and (key in self._private or self._row(own) is not None):
            return own
        return key

    def _grow(self, room: str, known: _Room | None, fresh: Segment, at: int) -> int:
        """Writes ``fresh``, which joins what is ``known``."""
        first, last = fresh.first, fresh.last
        if known is not None:
            first, last = min(first, known.first), max(last, known.last)
        first_kept = max(first, last - self._bounds.events + 1)
        at = max(0, min(at, MAX_EXACT))
        if known is None:
            id = self._database.execute(
                "INSERT INTO rooms (key, name, first, last, at) VALUES (?, ?, ?, ?, ?)",
                (self._key_of(room), room, first_kept, last, at),
            ).lastrowid
        else:
            id = known.id
            self._database.execute(
                "UPDATE rooms SET name = ?, first = ?, last = ?, at = ? WHERE id = ?",
                (room, first_kept, last, at, id),
            )
        rows = [(id, event.seq, kept.to_bytes(kept.bare(event))) for event in fresh.events]
        self._database.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
        if first_kept > first:
            self._delete(id, first_kept)
        self._make_space()
        return sum(len(event) for _, _, event in rows)

    def _amend(self, room: str, fresh: Sequence[Event]) -> int:
        """Keeps messages, and what quotes them, as ``fresh`` changes them; returns the bytes."""
        known = self._find(room)
        by_target: dict[int, list[Event]] = {}
        for event in fresh:
            if (target := target_of(event)) is not None:
                by_target.setdefault(target, []).append(event)
        if known is None or not by_target:
            return 0
        written = 0
        for target, amendments in by_target.items():

            def form(one: AnyEvent, amendments: Sequence[Event] = amendments) -> AnyEvent:
                return amended(one, *amendments)

            written += self._change(known.id, f"seq = {target:d}", "", form)
        rewording = [event for event in fresh if traits_of(event).rewords]
        if rewording:
            first = min(target_of(event) or 0 for event in rewording)

            def quoting(one: AnyEvent) -> AnyEvent:
                for amendment in rewording:
                    if amendment.seq > one.seq:  # what was said later quotes what was so by then
                        one = requoted(one, amendment)
                return one

            written += self._change(known.id, f"seq > {first:d}", '"quote":', quoting)
            self._gone()
        return written

    def _forget_author(self, room: str, forgotten: AuthorForgotten) -> int:
        """Keeps the events before ``forgotten`` as they are now; returns the bytes written."""
        known = self._find(room)
        if known is None or forgotten.by_id is None:
            return 0
        if forgotten.emptied:
            self._gone()
        return self._change(
            known.id, "TRUE", f'"{forgotten.by_id}"', lambda one: forgetting(one, forgotten)
        )

    def _change(
        self, room: int, where: str, having: str, change: Callable[[AnyEvent], AnyEvent]
    ) -> int:
        """Changes the events of a room that are ``where`` and have some text; returns the bytes."""
        found = self._database.execute(
            "SELECT event FROM events WHERE room = ?"  # noqa: S608  # numbers only
            f" AND {where} AND instr(event, CAST(? AS BLOB))",
            (room, having),
        )
        before = kept.from_bytes([event for (event,) in found])
        changed = [(one, change(cast("AnyEvent", one))) for one in before]
        rows = [(kept.to_bytes(now), room, now.seq) for was, now in changed if now is not was]
        self._database.executemany("UPDATE events SET event = ? WHERE room = ? AND seq = ?", rows)
        return sum(len(event) for event, _, _ in rows)

    def _lose_past(self, room: str, floor: int) -> int:
        """What was up to ``floor`` is gone; returns the bytes written."""
        known = self._find(room)
        if known is None:
            return 0
        if known.first <= floor:
            self._delete(known.id, floor + 1)
            first = min(floor + 1, known.last)
            self._database.execute("UPDATE rooms SET first = ? WHERE id = ?", (first, known.id))
        self._gone()
        return self._change(known.id, "TRUE", '"quote":', lambda one: without_past(floor, one))

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


def _has_place(event: Event) -> bool:
    return 0 < event.seq <= MAX_EXACT
