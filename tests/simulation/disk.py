"""The log on a disk that is slow, full, unreadable, forgetful, and that a crash may cut."""

from __future__ import annotations

import asyncio
from random import Random

from hubbub.domain.errors import LogUnavailable
from hubbub.domain.events import AnyEvent
from hubbub.hub.ports import Entry, Settled
from tests.memorylog.log import Disk, MemoryLog
from tests.simulation.virtual_loop import VirtualLoop


class Moods:
    """How the disk behaves; it outlives the server. Times are seconds of the loop."""

    def __init__(self) -> None:
        self.sync_seconds = 0.01
        self.read_seconds = 0.01
        self.full_until = 0.0
        self.unreadable_until = 0.0
        self.forgetful = 0.0
        """How often a group that is reported as refused was saved after all."""


class SlowLog(MemoryLog):
    """Saves what has gathered in groups, one after the other, each in its own time."""

    def __init__(self, disk: Disk, moods: Moods, loop: VirtualLoop, dice: Random) -> None:
        super().__init__(disk=disk)
        self._moods = moods
        self._loop = loop
        self._dice = dice
        self._group = 0
        self._dead = False

    def append(self, entry: Entry) -> None:
        if self._closed:
            super().append(entry)
        elif not self._dead:
            self._queue.append(entry)
            self._begin()

    def crash(self) -> None:
        """The server is gone. The group that is being synced may have reached the disk."""
        self._dead = True
        group = self._queue[: self._group]
        full = self._moods.full_until > self._loop.now
        if group and not full and self._dice.random() < 0.5:
            for entry in group:
                self._settle(entry)

    async def close(self) -> None:
        while self._queue:  # noqa: ASYNC110 - time is virtual, and this costs none
            await asyncio.sleep(0.01)
        await super().close()

    async def read(self, room: int | str, after: int, upto: int) -> list[AnyEvent]:
        # As it was when the read began, or as it is when it ends: both are the log.
        early = await super().read(room, after, upto) if self._dice.random() < 0.5 else None
        await asyncio.sleep(self._dice.random() * self._moods.read_seconds)
        if self._moods.unreadable_until > self._loop.now:
            raise LogUnavailable("This sector cannot be read.")
        return await super().read(room, after, upto) if early is None else early

    async def expired(self, room: int | str, after: int, before: int, now: int, most: int) -> int:
        await asyncio.sleep(self._dice.random() * self._moods.read_seconds)
        if self._moods.unreadable_until > self._loop.now:
            raise LogUnavailable("This sector cannot be read.")
        return await super().expired(room, after, before, now, most)

    def _begin(self) -> None:
        if not self._group and self._queue:
            self._group = self._dice.randint(1, len(self._queue))
            self._loop.call_later(self._dice.random() * self._moods.sync_seconds, self._synced)

    def _synced(self) -> None:
        size, self._group = self._group, 0
        if self._dead:
            return
        if self._moods.full_until <= self._loop.now:
            self.commit(size)
        else:
            group = self._queue[:size]
            del self._queue[:size]
            if self._dice.random() < self._moods.forgetful:
                for entry in group:
                    self._settle(entry)
            error = LogUnavailable("The disk is full.")
            self._listener([Settled(entry, error=error) for entry in group])
        self._begin()
