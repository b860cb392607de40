"""A hub as the server that rooms are moved into, or out of. Nobody needs to be connected to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence

from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.state import Member
from hubbub.hub.fileports import Begun, NoSuchBlob
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Done, Entry, FileRecord, Log, Settled


class Served:
    """See `hubbub.moving.ports.Server`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @property
    def log(self) -> Log:
        return self._hub.log

    def clock(self) -> int:
        return self._hub.clock()

    def name(self) -> str:
        return self._hub.settings.server_name

    def accounts(self) -> Collection[Member]:
        return self._hub.access.directory.state.members.values()

    def is_taken(self, name: UserName, id: UserId) -> bool:
        account = self._hub.access.account(name)
        if account is not None and account.id != id:
            return True
        return self._hub.users.is_taken(name, id)

    def keep_days(self) -> int:
        return self._hub.access.directory.state.facts.keep_days

    def is_busy(self) -> bool:
        return bool(self._hub.sessions)

    def check_disk(self) -> None:
        self._hub.disk.check()

    @property
    def has_files(self) -> bool:
        return self._hub.uploading is not None

    def blob(self, key: str, size: int) -> AsyncIterator[bytes]:
        if self._hub.uploading is None:
            raise NoSuchBlob
        return self._hub.uploading.blobs.read(key, 0, size)

    async def bring_file(self, file: Begun, pieces: AsyncIterator[bytes]) -> FileRecord:
        assert self._hub.uploading is not None
        return await self._hub.uploading.bring(file, pieces)

    async def settle(self, entries: Sequence[Callable[[Done], Entry]]) -> list[Settled]:
        if not entries:
            return []
        arriving = Arriving(len(entries))
        for make in entries:
            self._hub.log.append(make(arriving.take))
        return await arriving.all()

    async def adopt(self, rooms: Collection[RoomName]) -> None:
        await self._hub.adopt(rooms)


class Arriving:
    """Gathers outcomes, which come in the order of their entries."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._outcomes: list[Settled] = []
        self._whole = asyncio.get_running_loop().create_future()

    def take(self, outcome: Settled) -> None:
        """The next one."""
        self._outcomes.append(outcome)
        self._left -= 1
        if not self._left:
            self._whole.set_result(None)

    async def all(self) -> list[Settled]:
        """All of them. This keeps none: outcomes lead back here, and are no garbage otherwise."""
        # Shielded: what is on its way to the disk settles, whoever has stopped waiting for it.
        await asyncio.shield(self._whole)
        outcomes, self._outcomes = self._outcomes, []
        return outcomes
