"""Counts what is unread once more, after the server has: it does not know whom one ignores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event
from hubbub.terminal.full.model.room import Room

if TYPE_CHECKING:
    from hubbub.terminal.full.conversation import Conversation

MOST = 4096  # events of a room that are looked through: as many as the server does
PAGE = 200  # events that are asked for at once


class Recounting:
    """One room after the other, beside all else."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._rooms: dict[Room, None] = {}
        self._busy = False

    def later(self, rooms: Iterable[Room]) -> None:
        """Counts these rooms soon; those that cannot be counted now keep the number they have."""
        self._rooms.update(dict.fromkeys(rooms))
        if self._rooms and not self._busy:
            self._busy = True
            self._conversation.tasks.start(self._work())

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
        self._conversation.listener.changed()

    def _known(self, room: Room, after: int) -> Sequence[Event]:
        """What follows an event, as far as that is here."""
        window = room.timeline.window
        if window.first <= after + 1 <= window.last:
            return [event for event in window.events if event.seq > after]
        cached = self._conversation.cache.page(room.name, before=after + 1 + PAGE, limit=PAGE)
        events = [event for event in cached if event.seq > after]
        return events if events and events[0].seq == after + 1 else ()

    async def _ask(self, room: Room, after: int) -> Sequence[Event]:
        chat = self._conversation.chat
        if not chat.online or chat.limits is None:
            return ()
        try:
            limit = min(PAGE, chat.limits.history)
            return (await chat.history(room.name, after=after, limit=limit)).events
        except (ChatError, ChatClosed):
            return ()
