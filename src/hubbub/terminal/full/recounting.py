"""Counts the unread texts of a room again, because the server also counts ignored users."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.client.errors import ChatClosed
from hubbub.client.segment import Segment
from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.state import State

MOST = 4096  # events of a room that are counted at most: as many as the server counts
PAGE = 200  # lines in one request


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
            if page is None or room.unread is not unread:
                return
            events += page.events
            seq = page.last
        room.recount(events)
        self._state.listener.changed()

    def _known(self, room: Room, after: int) -> Segment | None:
        """What is behind ``after``, as far as that is loaded or cached; None if the next is not."""
        loaded = room.timeline.window.behind(after)
        if loaded is not None:
            return loaded
        return _following(self._state.cache.page(room.name, after=after, limit=PAGE), after)

    async def _ask(self, room: Room, after: int) -> Segment | None:
        chat = self._state.chat
        if not chat.online or chat.limits is None:
            return None
        try:
            limit = min(PAGE, chat.limits.history)
            page = await chat.timeline(room.name, after=after, limit=limit)
        except (ChatError, ChatClosed):
            return None
        return _following(Segment.of(page), after)


def _following(page: Segment, after: int) -> Segment | None:
    """``page``, if it begins right behind ``after``."""
    return page if page.first == after + 1 <= page.last else None
