"""Enters a room that the person names: asks which one, and catches slips in its name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hubbub.client import Chat, ChatError, Entered, InvalidName, NeedPassword, NoSuchRoom
from hubbub.domain.alike import alike
from hubbub.domain.commands import MAX_NAME_QUERY_CHARS
from hubbub.domain.names import RoomName
from hubbub.domain.orders import Order
from hubbub.domain.tickets import is_code, room_link
from hubbub.terminal.plain.asking import ask_room
from hubbub.terminal.plain.console import Console
from hubbub.terminal.plain.roompages import RoomPages

MADE = "This room is new: you have just made it. To take it back: /delete"
MOST_LIKE = 5  # similar rooms that are named when a room does not exist
ANSWER_SECONDS = 10.0  # for an answer of the server, before the person is told that there is none


class Entrance:
    """``tell`` shows lines. Only a person is asked about a name; a pipe has to be exact."""

    def __init__(
        self, chat: Chat, console: Console, pages: RoomPages, tell: Callable[..., Awaitable[None]]
    ) -> None:
        self._chat = chat
        self._console = console
        self._pages = pages
        self._tell = tell
        self._asked: str | None = None  # the key of the missing room that was named last

    async def choose(self, room: str | None) -> Entered:
        """Asks for a room, unless ``room`` is given, until the server lets us in.

        Raises `Leave`, and `ChatError` for a given room if nobody can be asked.
        """
        name, suggestion, wanted = room, None, ""
        while True:
            if name is None:
                await self._tell(*await self._pages.lines(wanted))
                answer = await ask_room(self._console, suggestion)
                if isinstance(answer, Order):
                    wanted = answer.argument
                    continue
                name, wanted = answer, ""
            link = room_link(name)
            try:
                if link is not None:
                    return await self._chat.join(link.room, invite=link.code)
                return await self._chat.join(name)
            except ChatError as refusal:
                if room is not None and not self._console.interactive:
                    raise  # the next line in the pipe is no answer: it is meant for the room
                await self._tell(refusal.message)
                # Enter alone takes an existing room rather than make a new one.
                near = await self.similar(name) if isinstance(refusal, InvalidName) else []
                name, suggestion = None, near[0] if near else refusal.suggestion

    async def exists(self, room: str, password: str | None = None) -> bool:
        """Whether a person who types ``/join`` may go to ``room`` now.

        The first time that a missing room is named, its name may be a slip: then similar rooms are
        told, and only naming it again makes it. A ``password`` of a missing room is taken for the
        rest of a name that has a space, unless it looks like the code of a link into a room that
        is hidden. A pipe is never asked.
        """
        if not self._console.interactive or (password and is_code(password)):
            return True
        wanted = room
        try:
            name = RoomName.parse(wanted)
            if not self._chat.online or (name.key == self._asked and not password):
                return True
            if await self._is_there(name):
                return True
            if password:
                wanted = f"{room} {password}"
                RoomName.parse(wanted)
        except InvalidName as refusal:
            near = await self.similar(wanted)
            await self._tell(refusal.message, *(f"Did you mean /join {one}" for one in near))
            return False
        self._asked = name.key
        await self._tell(
            f"There is no room {name} yet. To make it, type /join {name} once more.",
            *(f"Did you mean /join {one}" for one in await self.similar(name)),
        )
        return False

    async def _is_there(self, name: RoomName) -> bool:
        async with asyncio.timeout(ANSWER_SECONDS):
            try:
                await self._chat.history(name, limit=1)
            except NeedPassword:
                return True  # the server says how it is given
            except NoSuchRoom:
                # One that we are invited to, or own, and cannot read yet is in the list.
                found = (await self._chat.list_rooms(name)).rooms
                return any(RoomName.recall(one.name).key == name.key for one in found)
        return True

    def entered(self) -> None:
        """A room was entered: a missing room that was named before is asked about again."""
        self._asked = None

    async def tell_made(self, room: str) -> None:
        """Tells that a room was made without a question, and names similar rooms."""
        near = [one for one in await self.similar(room) if one != room]
        await self._tell(MADE, *(f"Did you mean {one}? To go there: /join {one}" for one in near))

    async def similar(self, room: str) -> list[str]:
        """The rooms that may be meant by a name: spelt much like it, or with it as a part."""
        query = room.strip()[:MAX_NAME_QUERY_CHARS]
        if not (query and self._console.interactive):
            return []
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                parts = (await self._chat.list_rooms(query, limit=MOST_LIKE)).rooms
                near = alike(room, [one.name for one in await self._chat.rooms()])
        except (ChatError, TimeoutError):
            return []
        return list(dict.fromkeys([*near, *(one.name for one in parts)]))
