"""Shows what happens in the chat, and knows how much of it has been shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hubbub.client import Chat, Entered, Happened, RoomReset, Said, Update
from hubbub.domain.names import UserName
from hubbub.terminal.plain.teller import Teller

BATCH = 100  # updates that are shown with one write
SPEAKERS = 1000  # people in a room whose newest text is known: those of the last hours


class Listener:
    """Takes all updates of ``chat`` and hands the lines for them to ``show``."""

    def __init__(
        self, chat: Chat, teller: Teller, show: Callable[[list[str]], Awaitable[None]]
    ) -> None:
        self._chat = chat
        self._teller = teller
        self._show = show
        self._seqs: dict[str, int] = {}
        self._room: str | None = None
        self._newest: dict[str, int] = {}
        self._busy = False
        self._shown = asyncio.Event()

    async def run(self) -> None:
        """Shows what happens, until the chat ends."""
        async for update in self._chat:
            self._busy = True
            batch = [update]
            while self._chat.has_updates and len(batch) < BATCH:
                batch.append(await anext(self._chat))
            await self._show([line for one in batch for line in self._teller.tell(one)])
            self._seqs.update(
                {one.room: one.event.seq for one in batch if isinstance(one, Happened)}
            )
            for one in batch:
                self._note(one)
            self._busy = False
            self._shown.set()

    async def show_history_of(self, entered: Entered) -> None:
        """Returns when the room's history is shown, or when that cannot be now."""
        while self._chat.online and self._seqs.get(entered.room, 0) < entered.head:
            await self._next()

    def newest_of(self, room: str, name: str) -> int | None:
        """``seq`` of the newest text by ``name`` that was shown of the room we are in."""
        return self._newest.get(UserName.recall(name).key) if room == self._room else None

    async def catch_up(self) -> None:
        """Returns when everything is shown that the server had for us."""
        await self._chat.ping()
        while self._chat.has_updates or self._busy:
            await self._next()

    def _note(self, update: Update) -> None:
        if isinstance(update, Entered) and not update.again:
            self._room = update.room
            self._newest.clear()
        elif isinstance(update, RoomReset) and update.room == self._room:
            self._newest.clear()
        elif isinstance(update, Happened) and isinstance(update.event, Said):
            key = UserName.recall(update.event.by).key
            if update.room == self._room:
                self._newest.pop(key, None)
                self._newest[key] = update.event.seq
                if len(self._newest) > SPEAKERS:
                    del self._newest[next(iter(self._newest))]

    async def _next(self) -> None:
        self._shown.clear()
        await self._shown.wait()
