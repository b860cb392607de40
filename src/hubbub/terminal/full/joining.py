"""Enters rooms: at once, or as soon as there is a connection again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.names import RoomName
from hubbub.terminal.full.model.room import Room

if TYPE_CHECKING:
    from hubbub.terminal.full.conversation import Conversation

FIRST_PAGE = 100  # events of the cache that are shown at once: what a server shows, too


class Joining:
    """The rooms that a conversation is to be in; what the cache has of them is shown first."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    async def join(self, name: str, *, made: bool = False) -> Room:
        """As `Conversation.join`."""
        RoomName.parse(name)
        conversation = self._conversation
        known = conversation.rooms.get(name)
        if known is not None and known.inside:
            conversation.open(known)
            return known
        online = conversation.chat.online
        room = self._added(name) if online else self.later(name)
        room.made = made
        conversation.open(room)
        if online:
            await self._enter(room)
        return room

    def later(self, name: str) -> Room:
        """Enters a room without waiting: nobody knows when there will be a connection."""
        room = self._added(name)

        async def enter() -> None:
            try:
                await self._enter(room)
            except ChatError as error:
                self._conversation.listener.told(error.message, bad=True)
            except ChatClosed:
                pass  # we have ended, or are somebody else by now

        self._conversation.tasks.start(enter())
        return room

    def show_cached(self, room: Room) -> None:
        """Shows what is known of a room on this computer."""
        conversation = self._conversation
        events = conversation.cache.page(room.name, before=None, limit=FIRST_PAGE)
        if events:
            room.show_kept(events, conversation.me, conversation.read_up_to(room.name))

    def _added(self, name: str) -> Room:
        known = self._conversation.rooms.get(name)
        if known is not None:
            return known
        room = self._conversation.rooms.add(name)
        self.show_cached(room)
        return room

    async def _enter(self, room: Room) -> None:
        conversation = self._conversation
        try:
            at = room.shown_at if room.shown else None
            await conversation.chat.join(room.name, after=room.shown or None, after_at=at)
        except ChatError:
            if not room.inside:
                conversation.rooms.remove(room)
                conversation.listener.changed()
            raise
        conversation.keep()
