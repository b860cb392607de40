"""The rooms of the server: the busiest ones, and those that match what is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from hubbub.client.errors import ChatClosed
from hubbub.domain.commands import MAX_NAME_QUERY_CHARS
from hubbub.domain.errors import ChatError, InvalidName, NeedPassword, NoSuchRoom, NotAllowed
from hubbub.domain.names import RoomName
from hubbub.domain.replies import RoomInfo, RoomList
from hubbub.domain.rules import RoomAccess
from hubbub.terminal.full.model.rooms import key_of, label_of
from hubbub.terminal.full.model.switching import rank_of
from hubbub.terminal.full.state import State

FETCHED = 200  # rooms without a query: more than anybody scrolls through
FOUND = 50  # rooms with a query: to see others, the person types more of the name
MOST_DIGITS = 4  # of a room's number in the list
PAUSE_SECONDS = 0.15  # after a key, until the server is asked (debounce)
MANY_ROOMS = 10  # more do not fit on a small screen: only those that match are listed


class RoomListing(NamedTuple):
    """A list of rooms, with a title above and a hint about further rooms below it."""

    title: str
    rooms: Sequence[RoomInfo]
    more: str = ""


class Finding:
    """``rooms`` are the busiest of ``total`` rooms; ``more``: the server may have others.

    Known rooms are offered at once; rooms that the server finds are added when it answers.
    """

    def __init__(self, state: State) -> None:
        self.rooms: Sequence[RoomInfo] = ()
        self.total = 0
        self.more = True
        self._state = state
        self._found = RoomList(rooms=())
        self._query = ""
        self._looking: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Fetches the busiest rooms; offline, those of the cache.

        Raises the server's refusals, and `ChatClosed`.
        """
        state = self._state
        if state.chat.online:
            page = await state.chat.list_rooms(limit=FETCHED)
            self.rooms, self.more = page.rooms, page.next is not None
            self.total = page.total or len(page.rooms)
        else:
            self.rooms = [RoomInfo(name, 0, 0) for name in state.cache.rooms()]
            self.total, self.more = len(self.rooms), False

    def look(self, typed: str, then: Callable[[], None]) -> None:
        """Fetches the rooms that match ``typed`` after a pause, and calls ``then``; an empty text
        fetches the busiest ones. An earlier search is cancelled.
        """
        self.stop()
        if len(typed) <= MAX_NAME_QUERY_CHARS:
            self._looking = self._state.tasks.start(self._look(typed, then))

    def stop(self) -> None:
        """Cancels the search."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def ask(self, typed: str) -> None:
        """Fetches the rooms that match, and waits; without an answer nothing is added."""
        self.stop()
        chat = self._state.chat
        if chat.online and len(typed) <= MAX_NAME_QUERY_CHARS:
            with suppress(ChatError, ChatClosed):
                self._found, self._query = await chat.list_rooms(typed, limit=FOUND), typed

    async def meant(self, typed: str) -> str | None:
        """The name of the room that a name, or a number in our list, stands for; None: no room."""
        state = self._state
        room = state.rooms.get(typed)
        if room is None and typed.isascii() and typed.isdigit():
            room = state.rooms.at(int(typed[:MOST_DIGITS]))
        if room is not None:
            return room.name
        try:
            name = RoomName.parse(typed)
        except InvalidName:
            return None
        try:
            if not state.chat.online:
                known = state.cache.rooms()
                return next((one for one in known if key_of(one) == name.key), None)
            found = (await state.chat.history(name, limit=1)).room
            self._moved(name, found)
            return found
        except NoSuchRoom:
            await self.refresh()  # a room into which we are invited is only in the list
            return next((one.name for one in self.known() if key_of(one.name) == name.key), None)
        except (NeedPassword, NotAllowed):
            return str(name)  # who goes there is told why not, or asked for the password

    def _moved(self, was: str, name: str) -> None:
        """The room ``was`` is called ``name``, as it turns out: what is cached of it stays."""
        cache = self._state.cache
        if key_of(was) != key_of(name) and cache.span(was) and not cache.span(name):
            cache.rename_room(was, name)
            self._state.listener.moved(was, name)

    def is_locked(self, name: str) -> bool:
        """Whether a room is known to ask for a password."""
        key = key_of(name)
        return any(
            room.access is RoomAccess.LOCKED for room in self.known() if key_of(room.name) == key
        )

    @property
    def is_empty(self) -> bool:
        """Whether the server has no room yet."""
        return self._state.chat.online and not (self.total or self.rooms)

    def known(self) -> Sequence[RoomInfo]:
        """All rooms that the server has named."""
        return list({room.name: room for room in (*self.rooms, *self._found.rooms)}.values())

    def fitting(self, typed: str) -> list[RoomInfo]:
        """The known rooms whose names have all words of ``typed``, the best matches first."""
        found = [(rank_of(typed, label_of(room)), room) for room in self.known()]
        ranked = [(rank, room) for rank, room in found if rank is not None]
        return [room for _, room in sorted(ranked, key=lambda one: one[0])]

    def more_like(self, typed: str) -> bool:
        """Whether the server has more rooms that match than it has named."""
        return typed == self._query and self._found.next is not None

    def listing(self, typed: str) -> RoomListing:
        """What to show of the server's rooms while ``typed`` is in the input."""
        if not self.rooms:
            return RoomListing("There are no rooms yet.", self.rooms)
        if self.total <= MANY_ROOMS:
            return RoomListing("Available rooms:", self.rooms)
        title = f"Available rooms: {self.total:,} (type to find one)"
        if typed and (fitting := self.fitting(typed)):
            further = self.more_like(typed)
            more = "There are more rooms like that: type on." if further else ""
            return RoomListing(title, fitting, more)
        more = f"{self.total - len(self.rooms):,} more rooms: type to find one."
        return RoomListing(title, self.rooms, more if self.more else "")

    async def _look(self, typed: str, then: Callable[[], None]) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        chat = self._state.chat
        if not chat.online:
            return
        try:
            if typed.strip():
                self._found = await chat.list_rooms(typed, limit=FOUND)
                self._query = typed
            else:
                await self.refresh()
        except (ChatError, ChatClosed):
            return  # the known rooms stay
        then()
