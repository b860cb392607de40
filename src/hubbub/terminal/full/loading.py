"""Loads the parts of a room's history that are scrolled to: from the cache, or the server."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event
from hubbub.domain.kinds import is_message
from hubbub.domain.mentions import mentions
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.state import State

PAGE = 100  # events
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
        """A page before what is loaded."""
        first = room.timeline.window.first
        cached = self._state.cache.page(room.name, before=first, limit=PAGE)
        if cached and cached[-1].seq == first - 1:
            room.timeline.add_older(cached)
            self._state.listener.changed()
            return
        events = await self._ask(room, before=first)
        if events is None:
            return
        if events:
            self._state.cache.add_older(room.name, events)
            room.timeline.add_older(events)
        else:
            room.timeline.begins_here()
        self._state.listener.changed()

    async def newer(self, room: Room) -> None:
        """A page behind what is loaded."""
        last = room.timeline.window.last
        cached = self._state.cache.page(room.name, before=last + 1 + PAGE, limit=PAGE)
        events: Sequence[Event] | None = [event for event in cached if event.seq > last]
        if not events or events[0].seq != last + 1:
            events = await self._ask(room, after=last)
        if events:
            room.timeline.add_newer(events)
            self._state.listener.changed()

    async def newest(self, room: Room) -> None:
        """Goes to the newest, which may be far from what is loaded."""
        if room.timeline.to_newest():
            self._state.listener.changed()
            return
        events: Sequence[Event] | None
        events = self._state.cache.page(room.name, before=None, limit=PAGE)
        if not events or events[-1].seq != room.shown:
            events = await self._ask(room)
        if events:
            room.timeline.show(events)
            self._state.listener.changed()

    async def back(self, room: Room, lines: int) -> None:
        """Goes so many events back from the newest."""
        await self.to(room, max(1, room.shown - lines + 1))

    async def to(self, room: Room, seq: int, *, top: bool = False) -> None:
        """Brings an event into view, however far it is from what is loaded; to the ``top``, if
        what follows it is to be read.
        """
        if not room.timeline.to_event(seq, top=top):
            cached = self._state.cache.page(room.name, before=seq + PAGE, limit=PAGE)
            events: Sequence[Event] | None = [event for event in cached if event.seq >= seq]
            if not events or events[0].seq != seq:
                events = await self._ask(room, after=seq - 1)
            if events:
                room.timeline.show(events, at=seq)
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
            events = self._loaded(room, seq) or await self._ask(room, after=seq)
            if not events:
                break
            for event in events:
                if not is_message(event) or me.did(event) or hides(event.by):
                    continue
                if mentions(event.text, me.name or "") and not unread.has_seen(event.seq):
                    unread.see_text(event.seq, named=True)
                    await self.to(room, event.seq)
                    return True
            seq = events[-1].seq
        return False

    def _loaded(self, room: Room, after: int) -> Sequence[Event]:
        """What follows an event, if that is loaded."""
        window = room.timeline.window
        if not window.first <= after + 1 <= window.last:
            return ()
        return [event for event in window.events if event.seq > after]

    async def _ask(
        self, room: Room, *, before: int | None = None, after: int | None = None
    ) -> Sequence[Event] | None:
        """Asks the server; None when it cannot be asked."""
        chat = self._state.chat
        if not chat.online:
            self._state.listener.told(
                "Older messages are on the server, and you are not connected to it now.", bad=True
            )
            return None
        limit = min(PAGE, chat.limits.history) if chat.limits else PAGE
        try:
            page = await chat.history(room.name, before=before, after=after, limit=limit)
        except (ChatError, ChatClosed) as error:
            self._state.listener.told(str(error), bad=True)
            return None
        return page.events
