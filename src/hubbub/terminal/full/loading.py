"""Fetches the parts of a room's history that one scrolls to: from the cache, else the server."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.events import Event
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.room import Room

PAGE = 100  # events


class Loading:
    """One fetch at a time in each room."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._busy: set[Room] = set()

    async def fill(self, room: Room) -> None:
        """Fetches what the reader comes near to."""
        timeline = room.timeline
        if timeline.wants_older:
            await self.older(room)
        elif timeline.wants_newer:
            await self.newer(room)

    async def older(self, room: Room) -> bool:
        """A page before what is loaded; False when there is none to be had now."""
        first = room.timeline.window.first
        cached = self._conversation.cache.page(room.name, before=first, limit=PAGE)
        if cached and cached[-1].seq == first - 1:
            room.timeline.add_older(cached)
            self._conversation.listener.changed()
            return True
        events = await self._ask(room, before=first)
        if events is None:
            return False
        if events:
            self._conversation.cache.add_older(room.name, events)
            room.timeline.add_older(events)
        else:
            room.timeline.begins_here()
        self._conversation.listener.changed()
        return bool(events)

    async def newer(self, room: Room) -> None:
        """A page behind what is loaded."""
        last = room.timeline.window.last
        cached = self._conversation.cache.page(room.name, before=last + 1 + PAGE, limit=PAGE)
        events: Sequence[Event] | None = [event for event in cached if event.seq > last]
        if not events or events[0].seq != last + 1:
            events = await self._ask(room, after=last)
        if events:
            room.timeline.add_newer(events)
            self._conversation.listener.changed()

    async def newest(self, room: Room) -> None:
        """Goes to the newest, which may be far from what is loaded."""
        if room.timeline.to_newest():
            self._conversation.listener.changed()
            return
        events: Sequence[Event] | None
        events = self._conversation.cache.page(room.name, before=None, limit=PAGE)
        if not events or events[-1].seq != room.shown:
            events = await self._ask(room)
        if events:
            room.timeline.show(events)
            self._conversation.listener.changed()

    async def back(self, room: Room, lines: int) -> None:
        """Goes so many events back from the newest."""
        goal = max(1, room.shown - lines + 1)
        while room.timeline.window.first > goal:
            room.timeline.to_oldest()
            if not await self.older(room):
                break
        room.timeline.to_event(max(goal, room.timeline.window.first))
        self._conversation.listener.changed()

    async def _ask(
        self, room: Room, *, before: int | None = None, after: int | None = None
    ) -> Sequence[Event] | None:
        """Asks the server; None when it cannot be asked, or is being asked already."""
        chat = self._conversation.chat
        if room in self._busy:
            return None
        if not chat.online:
            self._conversation.listener.told(
                "Those lines are on the server, and there is no connection now.", bad=True
            )
            return None
        self._busy.add(room)
        limit = min(PAGE, chat.limits.history) if chat.limits else PAGE
        try:
            page = await chat.history(room.name, before=before, after=after, limit=limit)
        except (ChatError, ChatClosed) as error:
            self._conversation.listener.told(str(error), bad=True)
            return None
        finally:
            self._busy.discard(room)
        return page.events
