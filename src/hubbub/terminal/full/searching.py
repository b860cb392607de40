"""Searches all rooms of the server, and answers to what somebody said."""

from __future__ import annotations

from hubbub.domain.kinds import is_message
from hubbub.domain.names import UserName
from hubbub.domain.replies import Found, Result
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.loading import Loading
from hubbub.terminal.full.model.room import Room

RESULTS = 20  # as many as a screen shows
LOOKED_AT = 500  # newest events of a room in which somebody's text is looked for
MORE = "more"


class Searching:
    """``more`` is the query that was asked last, and where it goes on."""

    def __init__(self, conversation: Conversation, loading: Loading) -> None:
        self._conversation = conversation
        self._loading = loading
        self._more: tuple[str, str] | None = None

    async def search(self, query: str) -> tuple[str, Found] | None:
        """The query that was asked and what it found; None when there is no more.

        Raises the server's refusals.
        """
        before = None
        if query == MORE:
            if self._more is None:
                return None
            query, before = self._more
        found = await self._conversation.chat.search(query, before=before, limit=RESULTS)
        self._more = None if found.next is None else (query, found.next)
        return query, found

    async def go_to(self, result: Result) -> None:
        """Brings a text that was found into view, in its room."""
        room = await self._conversation.join(result.room)
        await self._loading.to(room, result.seq)
        room.timeline.point(result.seq, result.excerpt[1::2])
        self._conversation.listener.changed()

    def newest_of(self, room: Room, name: str) -> int | None:
        """``seq`` of the newest text by ``name`` that was shown in the room."""
        key = UserName.recall(name).key
        events = self._conversation.cache.page(room.name, limit=LOOKED_AT).events
        for event in reversed(events):
            if is_message(event) and UserName.recall(event.by).key == key:
                return event.seq
        return None
