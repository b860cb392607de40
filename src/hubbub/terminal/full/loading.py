"""Loads the parts of a room's history that are scrolled to: from the cache, or the server."""

from __future__ import annotations

from hubbub.client.errors import ChatClosed
from hubbub.client.segment import Segment
from hubbub.domain.errors import ChatError
from hubbub.domain.kinds import is_news, traits_of
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.state import State

PAGE = 100  # lines; events of older servers
MOST_EMPTY = 10  # pages without a line, from older servers or the cache, that are passed at once
MENTION_PAGES = 20  # in which a mention is looked for: as far back as servers count


class Loading:
    """While one scrolls, one fetch at a time in each room."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._busy: set[Room] = set()
        self._filled: dict[Room, int] = {}

    async def fill(self, room: Room) -> None:
        """Fetches what the reader comes near to."""
        if room in self._busy:
            return
        self._busy.add(room)
        try:
            if room.timeline.wants_older:
                await self.older(room)
            elif room.timeline.wants_newer:
                await self.newer(room)
        finally:
            self._busy.discard(room)

    async def fill_up(self, room: Room) -> None:
        """Fetches older lines where those that are loaded take a few rows only: a class came in."""
        first = room.timeline.window.first
        if self._state.chat.online and self._filled.get(room) != first:
            self._filled[room] = first  # tried once, whatever comes of it
            await self.fill(room)

    async def older(self, room: Room) -> None:
        """A page before what is loaded, and more of them while they have no line."""
        window = room.timeline.window
        for _ in range(MOST_EMPTY):
            first = window.first
            page = self._state.cache.page(room.name, before=first, limit=PAGE)
            if page.empty or page.last != first - 1:
                asked = await self._ask(room, before=first)
                if asked is None or window.first != first:
                    return
                page = asked
                self._state.cache.add_older(room.name, page)
            if not room.timeline.add_older(page):
                room.timeline.begins_here()
            self._state.listener.changed()
            if window.at_beginning or _has_line(page):
                return

    async def newer(self, room: Room) -> None:
        """A page behind what is loaded, and more of them while they have no line."""
        window = room.timeline.window
        for _ in range(MOST_EMPTY):
            page = await self._behind(room, window.last)
            if page is None or not room.timeline.add_newer(page):
                return
            self._state.listener.changed()
            if window.attached or _has_line(page):
                return

    async def newest(self, room: Room) -> None:
        """Goes to the newest, which may be far from what is loaded."""
        if room.timeline.to_newest():
            self._state.listener.changed()
            return
        cached = self._state.cache.page(room.name, limit=PAGE)
        known = not cached.empty and cached.last == room.shown
        page = cached if known else await self._ask(room)
        if page is not None and not page.empty:
            room.timeline.show(page)
            self._state.listener.changed()

    async def back(self, room: Room, lines: int) -> None:
        """Goes so many events back from the newest."""
        await self.to(room, max(1, room.shown - lines + 1))

    async def to(self, room: Room, seq: int, *, top: bool = False) -> None:
        """Brings an event into view, however far it is from what is loaded; to the ``top``, if
        what follows it is to be read.
        """
        if not room.timeline.to_event(seq, top=top):
            page = await self._behind(room, seq - 1)
            if page is not None:
                room.timeline.show(page, at=seq)
                room.timeline.to_event(seq, top=top)
        self._state.listener.changed()

    async def first_new(self, room: Room) -> None:
        """Brings what is new into view: the first of it, below the line that says so."""
        read = room.unread.read if room.unread.texts else room.timeline.marker
        if read is not None:
            room.timeline.mark(read)
            await self.to(room, read + 1, top=True)

    async def next_mention(self, room: Room) -> bool:
        """Brings the next text that speaks of us and was not seen into view; False: none."""
        unread, me = room.unread, self._state.me
        if not unread.mentions:
            return False
        hides, seq = room.timeline.look.hides, unread.read
        for _ in range(MENTION_PAGES):
            page = room.timeline.window.behind(seq) or await self._ask(room, after=seq)
            if page is None or page.empty:
                break
            for event in page.events:
                if not is_news(event) or me.did(event) or hides(event):
                    continue
                named = unread.names_us(event, room.timeline.look)
                if named and not unread.has_seen(event.seq):
                    unread.see_text(event.seq, named=True)
                    await self.to(room, event.seq)
                    return True
            seq = page.last
        return False

    async def _behind(self, room: Room, after: int) -> Segment | None:
        """A page that begins right behind an event; None when there is none."""
        cached = self._state.cache.page(room.name, after=after, limit=PAGE)
        if cached.first == after + 1 <= cached.last:
            return cached
        page = await self._ask(room, after=after)
        return page if page is not None and page.first == after + 1 <= page.last else None

    async def _ask(
        self, room: Room, *, before: int | None = None, after: int | None = None
    ) -> Segment | None:
        """Asks the server; None when it cannot be asked."""
        chat = self._state.chat
        if not chat.online:
            self._state.listener.told(
                "Older messages are on the server, and you are not connected to it now.", bad=True
            )
            return None
        limit = min(PAGE, chat.limits.history) if chat.limits else PAGE
        try:
            page = await chat.timeline(room.name, before=before, after=after, limit=limit)
        except (ChatError, ChatClosed) as error:
            self._state.listener.told(str(error), bad=True)
            return None
        return Segment.of(page)


def _has_line(page: Segment) -> bool:
    return any(traits_of(event).line for event in page.events)
