"""Brings sessions from their cursor to the head: history on join, resume, and slow readers.

One mechanism for all three. What is in memory is written at once; older pages are read from the
log by a few workers that serve all sessions in turn, one page at a time, so that five hundred
who fell behind share the disk and nobody waits for the one who reads a million lines.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.projection import up_to_date
from hubbub.hub.pages import PAGE_EVENTS, CachedPage, PageCache, first_piece, parts_of
from hubbub.hub.past import shown_behind
from hubbub.hub.ports import Log
from hubbub.hub.room import LIVE, Floor, HubRoom
from hubbub.hub.turns import Turns

if TYPE_CHECKING:
    from hubbub.hub.session import Session
    from hubbub.hub.share import Share

WORKERS = 4  # pages read at the same time; the log's readers are as many threads
CACHE_BYTES = 8 * 1024 * 1024  # encoded pages for many readers of the same past
PARTING_SECONDS = 5.0  # without progress, before a session that said goodbye is closed
MOST_PARTING_SECONDS = 60.0  # before it is closed in any case
RETRY_SECONDS = 1.0  # before a page is asked for again when the log could not be read


class Parting:
    """A session that has said goodbye, and is still given the events that were there then.

    ``heads``: how far that is in each room where it was behind. ``until``: when it is late, if it
    takes nothing more; ``end`` is when it is late in any case.
    """

    __slots__ = ("end", "heads", "over", "taken", "until")

    def __init__(self, heads: dict[HubRoom, int], over: Callable[[], None], now: float) -> None:
        self.heads = heads
        self.over = over
        self.taken = -1
        self.until = now + PARTING_SECONDS
        self.end = now + MOST_PARTING_SECONDS

    def told(self, session: Session) -> bool:
        """Whether it was given all of it."""
        cursors = ((room.cursor(session), head) for room, head in self.heads.items())
        return all(cursor == LIVE or cursor >= head for cursor, head in cursors)

    def late(self, session: Session, now: float) -> bool:
        """Whether it has taken too long."""
        cursors = ((room.cursor(session), room.head) for room in self.heads)
        taken = sum(head if cursor == LIVE else cursor for cursor, head in cursors)
        if taken > self.taken:
            self.taken, self.until = taken, now + PARTING_SECONDS
        return now >= min(self.until, self.end)


class CatchUp:
    """Feeds sessions that are behind. `run` serves those whose next events are on disk only."""

    def __init__(self, log: Log, turns: Turns, floor: Floor) -> None:
        """``floor``: up to where sessions are shown nothing."""
        self._log = log
        self._turns = turns
        self._floor = floor
        self._cache = PageCache(CACHE_BYTES)
        # Sessions whose next events are on disk, by the share of the loop that pays for them. Each
        # share gets a page in turn, so that nobody waits for a client with a hundred sessions.
        self._queue: dict[Share, deque[tuple[Session, HubRoom]]] = {}
        self._queued: set[tuple[Session, HubRoom]] = set()
        self._work = asyncio.Event()
        self._fed: set[HubRoom] = set()  # from memory, since the last tick
        self._fed_lately: set[HubRoom] = set()  # and before it
        self._parting: dict[Session, Parting] = {}
        self.pages_read = 0

    def feed_all(self, session: Session) -> None:
        """The session's outbox has room again."""
        for room in session.rooms:
            self.feed(session, room)

    def feed(self, session: Session, room: HubRoom) -> None:
        """Writes what is in memory behind the cursor, when it is the session's client's turn.

        The rest is queued for the workers.
        """
        self._turns.take(Feeding(self, session, room))

    def feed_at_once(self, session: Session, room: HubRoom) -> None:
        """Writes a page of it now, so that it goes before what the session is told next."""
        if self.feed_until(session, room, self._turns.stopwatch()):
            self.feed(session, room)

    def feed_until(self, session: Session, room: HubRoom, until: float) -> bool:
        """A turn of a `Feeding`."""
        more = self._feed(session, room, until)
        if self._parting and (parting := self._parting.get(session)) and parting.told(session):
            self._part(session)
            return False
        return more

    def _feed(self, session: Session, room: HubRoom, until: float) -> bool:
        if session.held and room in session.held:
            return False
        format = session.outlet.format
        while self._takes(session):
            floor = self._floor(session, room) if room.hides_past else room.floor
            cursor = self._cursor(session, room, floor)
            if cursor == LIVE:
                return False
            if cursor >= room.head:
                room.go_live(session)
                return False
            upto = _page_end(cursor, room.head)
            # Who is not shown all of it has pages of their own.
            said = room.said_by(session)
            own = floor > room.floor or bool(said)
            page = None if own else self._cache.get(room, format, cursor, upto)
            if page is None:
                recent = room.recent(cursor, upto)
                if recent is None:
                    self._enqueue(session, room)
                    return False
                events = first_piece(shown_behind(floor, recent) if own else recent)
                self._fed.add(room)
                page = _shown(session, room, events, said), events[-1].seq
            data, last = page
            room.seek(session, last)
            if data:
                session.outlet.pipe.write(data)
            if self._turns.stopwatch() >= until and room.cursor(session) < room.head:
                return True
        return False

    def when_told(self, session: Session, over: Callable[[], None], now: float) -> None:
        """Calls ``over`` when ``session`` was given all that is there now; maybe at once.

        One that takes nothing for `PARTING_SECONDS` is not waited for.
        """
        behind = (room for room in session.rooms if room.cursor(session) != LIVE)
        rooms = ((room, room.head) for room in behind if room not in session.held)
        parting = Parting(dict(rooms), over, now)
        if parting.told(session):
            over()
        else:
            self._parting[session] = parting

    def forget_pages(self) -> None:
        """A room has another name, or somebody was forgotten, which is in encoded pages."""
        self._cache = PageCache(CACHE_BYTES)

    def tick(self, now: float) -> None:
        """Closes sessions that are late with leaving. Rooms that nobody enters any more drop the
        list of names that newcomers were given.
        """
        for session, parting in list(self._parting.items()):
            if session.ended or parting.late(session, now):
                self._part(session)
        for room in self._fed_lately - self._fed:
            room.forget_names()
        self._fed_lately, self._fed = self._fed, set()

    def _part(self, session: Session) -> None:
        """``session`` was given all that it is to be given."""
        parting = self._parting.pop(session)
        if not session.ended:
            parting.over()

    async def run(self) -> None:
        """Serves the queue until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._worker())

    async def _worker(self) -> None:
        while True:
            while not self._queue:
                self._work.clear()
                await self._work.wait()
            session, room = self._next()
            await self._read(session, room)

    def _next(self) -> tuple[Session, HubRoom]:
        share = next(iter(self._queue))
        waiting = self._queue.pop(share)
        found = waiting.popleft()
        if waiting:
            self._queue[share] = waiting  # behind all others
        self._queued.discard(found)
        return found

    async def _read(self, session: Session, room: HubRoom) -> None:
        floor = self._floor(session, room) if room.hides_past else room.floor
        said = room.said_by(session)
        own = floor > room.floor or bool(said)
        cursor = self._cursor(session, room, floor)
        if cursor == LIVE or not self._takes(session):
            return
        upto = _page_end(cursor, room.head)
        format = session.outlet.format
        kept = None if own else self._cache.get(room, format, cursor, upto)
        if cursor < upto and kept is None:
            cache = self._cache
            try:
                with room.reading() as meanwhile:
                    read = await room.read(self._log, cursor, upto)
                    events = up_to_date(read, meanwhile)
            except ChatError:  # nobody is shown a hole: it waits until the log is mended
                self._feed_later(session, room)
                return
            self.pages_read += 1
            if not events and upto > room.floor:  # another server has deleted what is in between
                self._feed_later(session, room)
                return
            if not events:  # all of it is gone since
                self.feed(session, room)
                return
            if upto == room.head:
                room.remember(events)
            piece = first_piece(shown_behind(floor, events) if own else events)
            last = piece[-1].seq
            data = _shown(session, room, piece, said)
            if not own:
                parts = parts_of(piece)
                page = CachedPage(data, last, parts, room.amended(parts))
                cache.put(room, format, cursor, upto, page)
            if (own or meanwhile) and self._is_for(session, room, cursor, floor):
                # At once, so that it comes on however often messages are amended.
                room.seek(session, last)
                if data:
                    session.outlet.pipe.write(data)
        # The session may have gone, left or stalled meanwhile: `feed` looks again.
        self.feed(session, room)

    def _feed_later(self, session: Session, room: HubRoom) -> None:
        asyncio.get_running_loop().call_later(RETRY_SECONDS, self.feed, session, room)

    def _cursor(self, session: Session, room: HubRoom, floor: int) -> int:
        """Where ``session`` is; it goes on at ``floor``, which may have risen since it came."""
        cursor = room.cursor(session)
        if cursor == LIVE or cursor >= floor:
            return cursor
        room.seek(session, floor)
        return floor

    def _is_for(self, session: Session, room: HubRoom, cursor: int, floor: int) -> bool:
        """Whether what was read behind ``cursor`` is what ``session`` is still to be given."""
        same = not room.hides_past or self._floor(session, room) <= floor
        return same and room.cursor(session) == cursor and self._takes(session)

    def _takes(self, session: Session) -> bool:
        return not session.stalled and not session.ended

    def _enqueue(self, session: Session, room: HubRoom) -> None:
        if (session, room) not in self._queued:
            self._queued.add((session, room))
            self._queue.setdefault(session.share, deque()).append((session, room))
            self._work.set()


class Feeding:
    """A session that catches up in a room, as a `hubbub.hub.turns.Taker`."""

    __slots__ = ("_catchup", "_room", "_session", "queued", "share")

    def __init__(self, catchup: CatchUp, session: Session, room: HubRoom) -> None:
        self._catchup = catchup
        self._session = session
        self._room = room
        self.share = session.share
        self.queued = False

    ahead = 0.0

    def turn(self, until: float) -> bool:
        """See `hubbub.hub.turns.Taker`."""
        if self._room not in self._session.rooms:
            return False
        return self._catchup.feed_until(self._session, self._room, until)


def _shown(
    session: Session, room: HubRoom, events: Sequence[AnyEvent], said: Collection[int]
) -> bytes:
    """``events`` as ``session`` is shown them, which has ``said`` some of them."""
    format = session.outlet.format
    if said or (not format.echoes and format.differ(events)):
        return session.outlet.show(room.name, events, said)
    return format.events(room.name, events, past=True)


def _page_end(cursor: int, head: int) -> int:
    """The end of the page behind ``cursor``: pages are aligned, so that readers share them."""
    return min(head, (cursor // PAGE_EVENTS + 1) * PAGE_EVENTS)
