"""The rooms of the server: the busiest ones, and those that what is typed asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from hubbub.client.errors import ChatClosed
from hubbub.domain.commands import MAX_NAME_QUERY_CHARS
from hubbub.domain.errors import ChatError, InvalidName, NoSuchRoom
from hubbub.domain.names import RoomName
from hubbub.domain.replies import RoomInfo, RoomList
from hubbub.terminal.full.model.rooms import key_of
from hubbub.terminal.full.model.switching import rank_of

if TYPE_CHECKING:
    from hubbub.terminal.full.conversation import Conversation

FETCHED = 200  # rooms, without a query: more than anybody scrolls through
FOUND = 50  # rooms, with one: whoever wants another types on
MOST_DIGITS = 4  # of a room's number in the list
PAUSE_SECONDS = 0.15  # without a key, until the server is asked: not for each letter of a word


class Finding:
    """``rooms`` are the busiest, of ``total``; ``more``: there may be others.

    Nobody waits for the server: what is known is shown, and what is found joins it.
    """

    def __init__(self, conversation: Conversation) -> None:
        self.rooms: Sequence[RoomInfo] = ()
        self.total = 0
        self.more = True
        self._conversation = conversation
        self._found = RoomList(rooms=())
        self._query = ""
        self._looking: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Asks for the busiest rooms; offline there are those of the cache. Raises the refusals."""
        conversation = self._conversation
        if conversation.chat.online:
            page = await conversation.chat.list_rooms(limit=FETCHED)
            self.rooms, self.more = page.rooms, page.next is not None
            self.total = page.total or len(page.rooms)
        else:
            self.rooms = [RoomInfo(name, 0, 0) for name in conversation.cache.rooms()]
            self.total, self.more = len(self.rooms), False

    def look(self, typed: str, then: Callable[[], None]) -> None:
        """Asks for the rooms that fit, in a moment, and calls ``then``; for the busiest ones, when
        nothing is typed yet. What was asked before is not waited for any more.
        """
        self.stop()
        if len(typed) <= MAX_NAME_QUERY_CHARS:
            self._looking = self._conversation.tasks.start(self._look(typed, then))

    def stop(self) -> None:
        """Nobody waits for what is looked for."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def ask(self, typed: str) -> None:
        """Asks for the rooms that fit, and waits; without an answer what is known has to do."""
        self.stop()
        chat = self._conversation.chat
        if chat.online and len(typed) <= MAX_NAME_QUERY_CHARS:
            with suppress(ChatError, ChatClosed):
                self._found, self._query = await chat.list_rooms(typed, limit=FOUND), typed

    async def meant(self, typed: str) -> str | None:
        """The room that a name, or a number of our list, stands for; None: there is none so far."""
        conversation = self._conversation
        room = conversation.rooms.get(typed)
        if room is None and typed.isascii() and typed.isdigit():
            room = conversation.rooms.at(int(typed[:MOST_DIGITS]))
        if room is not None:
            return room.name
        try:
            name = RoomName.parse(typed)
            if not conversation.chat.online:
                known = conversation.cache.rooms()
                return next((one for one in known if key_of(one) == name.key), None)
            return (await conversation.chat.history(name, limit=1)).room
        except (InvalidName, NoSuchRoom):
            return None

    @property
    def is_empty(self) -> bool:
        """Whether the server has no room yet."""
        return self._conversation.chat.online and not (self.total or self.rooms)

    def known(self) -> Sequence[RoomInfo]:
        """All rooms that were told of."""
        return list({room.name: room for room in (*self.rooms, *self._found.rooms)}.values())

    def fitting(self, typed: str) -> list[RoomInfo]:
        """The known rooms that have all words of it; those that begin with it come first."""
        found = [(rank_of(typed, room.name), room) for room in self.known()]
        ranked = [(rank, room) for rank, room in found if rank is not None]
        return [room for _, room in sorted(ranked, key=lambda one: one[0])]

    def more_like(self, typed: str) -> bool:
        """Whether the server has more of them than it has told."""
        return typed == self._query and self._found.next is not None

    async def _look(self, typed: str, then: Callable[[], None]) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        chat = self._conversation.chat
        if not chat.online:
            return
        try:
            if typed.strip():
                self._found = await chat.list_rooms(typed, limit=FOUND)
                self._query = typed
            else:
                await self.refresh()
        except (ChatError, ChatClosed):
            return  # what is known already has to do
        then()
