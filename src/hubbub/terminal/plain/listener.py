"""Shows the updates of the chat, and moves the read markers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hubbub.client import Chat, Entered, Happened, Mark, RoomMoved, RoomReset, Update
from hubbub.domain.kinds import is_message
from hubbub.domain.names import UserName
from hubbub.terminal.plain.folding import Folding
from hubbub.terminal.plain.teller import Teller, is_direct, misses_new

HOLD_SECONDS = 3.0  # after a join or leave, in which further ones are held
BATCH = 100  # updates in one write, at most
SPEAKERS = 1000  # recent speakers of a room whose newest texts are known


class Listener:
    """Takes all updates of ``chat`` and passes the lines for them to ``show``.

    ``watched``: a person sees the lines. Then many joins and leaves have one line, and shown events
    count as read, unless unread events before them were not shown. ``keep`` saves each new marker.
    """

    def __init__(
        self,
        chat: Chat,
        teller: Teller,
        show: Callable[[list[str]], Awaitable[None]],
        *,
        watched: bool,
        keep: Callable[[str, Mark], None] = lambda room, mark: None,
        noted: Callable[[Update], None] = lambda update: None,
    ) -> None:
        """``noted`` is called with each update when it is shown."""
        self._chat = chat
        self._teller = teller
        self._show = show
        self._watched = watched
        self._keep = keep
        self._noted = noted
        self._folding = Folding(teller)
        self._showing = asyncio.Lock()
        self._held = asyncio.Event()
        self._misses: int | None = None
        self._seqs: dict[str, int] = {}
        self._times: dict[str, int] = {}  # of these events
        self._room: str | None = None
        self._newest: dict[str, int] = {}
        self._busy = False
        self._shown = asyncio.Event()

    async def run(self) -> None:
        """Shows updates until the chat ends."""
        async with asyncio.TaskGroup() as tasks:
            flushing = tasks.create_task(self._flush_in_time())
            try:
                await self._listen()
                await self._flush()
            finally:
                flushing.cancel()

    async def _listen(self) -> None:
        async for update in self._chat:
            self._busy = True
            batch = [update]
            while self._chat.has_updates and len(batch) < BATCH:
                batch.append(await anext(self._chat))
            async with self._showing:
                await self._show(self._lines(batch))
            for one in batch:
                if isinstance(one, Happened):
                    self._seqs[one.room], self._times[one.room] = one.event.seq, one.event.at
            for one in batch:
                self._note(one)
                self._read_direct(one)
            if self._watched and self._misses is None:
                self.read()
            self._busy = False
            self._shown.set()

    def _lines(self, batch: list[Update]) -> list[str]:
        if not self._watched:
            return [line for one in batch for line in self._teller.tell(one)]
        lines = self._folding.tell(batch, self._chat.me)
        if self._folding.holding:
            self._held.set()
        return lines

    async def _flush(self) -> None:
        """Shows the joins and leaves that are held."""
        async with self._showing:
            await self._show(self._folding.flush())

    async def _flush_in_time(self) -> None:
        while True:
            await self._held.wait()
            self._held.clear()
            await asyncio.sleep(HOLD_SECONDS)
            await self._flush()

    # Read markers

    def read(self) -> None:
        """Marks the room as read up to the last event that was shown."""
        self._misses = None
        if self._room is not None and (seq := self._seqs.get(self._room)):
            self._chat.read(self._room, seq)
            self._keep(self._room, Mark(seq, self._times[self._room]))

    def _read_direct(self, update: Update) -> None:
        """What is shown of direct conversations is read."""
        if not (self._watched and isinstance(update, Happened)) or update.room == self._room:
            return
        if not update.history and self._chat.people(update.room):
            self._chat.read(update.room, update.event.seq)

    def saw(self, first: int) -> None:
        """All events from ``first`` on were shown again: the missing ones may be among them."""
        if self._misses is not None and first <= self._misses + 1:
            self.read()

    async def show_history_of(self, entered: Entered) -> None:
        """Waits until the room's history is shown, or the connection is lost."""
        while self._chat.online and self._seqs.get(entered.room, 0) < entered.head:
            await self._next()

    def newest_of(self, room: str, name: str | None) -> int | None:
        """``seq`` of the newest text by ``name``, or by anybody, that was shown of the current
        room; None if there is none.
        """
        if room != self._room:
            return None
        if name is None:
            return next(reversed(self._newest.values()), None)
        return self._newest.get(UserName.recall(name).key)

    async def catch_up(self) -> None:
        """Waits until everything is shown that the server has sent so far."""
        await self._chat.ping()
        while self._chat.has_updates or self._busy:
            await self._next()
        await self._flush()

    def _note(self, update: Update) -> None:
        self._noted(update)
        if isinstance(update, RoomMoved):
            for known in (self._seqs, self._times):
                if update.room in known:
                    known[update.name] = known.pop(update.room)
            if self._room == update.room:
                self._room = update.name
        elif isinstance(update, Entered) and not (update.again or is_direct(update)):
            self._room = update.room
            self._misses = update.read if misses_new(update) else None
            self._newest.clear()
        elif isinstance(update, RoomReset) and update.room == self._room:
            self._newest.clear()
        elif isinstance(update, Happened) and is_message(update.event):
            key = UserName.recall(update.event.by).key
            if update.room == self._room:
                self._newest.pop(key, None)
                self._newest[key] = update.event.seq
                if len(self._newest) > SPEAKERS:
                    del self._newest[next(iter(self._newest))]

    async def _next(self) -> None:
        self._shown.clear()
        await self._shown.wait()
