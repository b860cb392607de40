"""Counts the unread texts of a room again, because the server also counts ignored users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.state import State

MOST = 4096  # events of a room that are counted at most: as many as the server counts
PAGE = 200  # events in one request


class Recounting:
    """Counts one room after the other, in a background task."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rooms: dict[Room, None] = {}
        self._busy = False

    def request(self, rooms: Iterable[Room]) -> None:
        """Counts these rooms soon; a room that cannot be counted now keeps its present count."""
        self._rooms.update(dict.fromkeys(rooms))
        if self._rooms and not self._busy:
            self._busy = True
            self._state.tasks.start(self._work())

    async def _work(self) -> None:
        try:
            while self._rooms:
                room = next(iter(self._rooms))
                del self._rooms[room]
                await self._count(room)
        finally:
            self._busy = False

    async def _count(self, room: Room) -> None:
        unread = room.unread
        events: list[Event] = []
        seq = begin = unread.read
        while seq < max(room.shown, unread.counted):
            if max(room.shown, unread.counted) - begin > MOST:
                return
            page = self._known(room, seq) or await self._ask(room, seq)
            if not page or room.unread is not unread:
                return
            events += page
            seq = page[-1].seq
        room.recount(events)
        self._state.listener.changed()

    def _known(self, room: Room, after: int) -> Sequence[Event]:
        """The events behind ``after`` that are loaded or cached; empty if the next one is not."""
        window = room.timeline.window
        if window.first <= after + 1 <= window.last:
            return [event for event in window.events if event.seq > after]
        cached = self._state.cache.page(room.name, before=after + 1 + PAGE, limit=PAGE)
        events = [event for event in cached if event.seq > after]
        return events if events and events[0].seq == after + 1 else ()

    async def _ask(self, room: Room, after: int) -> Sequence[Event]:
        chat = self._state.chat
        if not chat.online or chat.limits is None:
            return ()
        try:
            limit = min(PAGE, chat.limits.history)
            return (await chat.history(room.name, after=after, limit=limit)).events
        except (ChatError, ChatClosed):
            return ()
