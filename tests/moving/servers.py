"""Servers that rooms are moved between: a hub over a log, to which nobody needs to be connected."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import UNSEQUENCED, AnyEvent, Registered, RoleGiven, Said
from hubbub.domain.ids import UserId, user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Draft, Entry, Log, TakeName
from hubbub.hub.settings import HubSettings
from hubbub.hub.uploading import FilePorts
from hubbub.moving.choices import Choices, Operator
from hubbub.moving.exporting import export_lines
from hubbub.moving.formats import open_source
from hubbub.moving.importing import import_rooms
from hubbub.moving.report import ExportReport, ImportReport
from hubbub.moving.selecting import Selection
from hubbub.moving.served import Served
from hubbub.private import make_folder
from hubbub.storage.log import SqlLog
from tests.filing import file_ports
from tests.memorylog.log import MemoryLog
from tests.passwords import CheapPasswords

NOON = 1_690_711_200_000
ADA, BEN, EVE = (UserName.parse(name) for name in ("ada", "ben", "eve"))
IDS = {ADA: user_id(1 << 40), BEN: user_id(1 << 41), EVE: user_id(1 << 42)}
OPERATOR = Operator(UserName.parse("root"), user_id(77))


class Place:
    """A server, and what is asked of it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.server = Served(hub)

    async def append(self, *entries: Entry) -> None:
        for outcome in await self.server.settle([partial(_entry, one) for one in entries]):
            assert outcome.error is None, outcome.error

    async def write(self, room: str, *events: AnyEvent) -> None:
        name = RoomName.parse(room)
        if name.key not in self.hub.rooms:
            self.hub.rooms.make(name)
        await self.append(*(Draft(name, event) for event in events))

    async def register(self, *names: UserName) -> None:
        for name in names:
            event = Registered(UNSEQUENCED, NOON, name, by_id=IDS[name])
            await self.append(Draft(DIRECTORY, event, also=(TakeName(IDS[name], name),)))

    async def own(self, name: UserName) -> None:
        event = RoleGiven(
            UNSEQUENCED, NOON, name, name, IDS[name], role=Role.OWNER, by_id=IDS[name]
        )
        await self.append(Draft(DIRECTORY, event))

    async def events(self, room: str) -> list[AnyEvent]:
        return await self.hub.log.read(RoomName.recall(room).key, 0, 1_000_000)

    async def texts(self, room: str) -> list[tuple[str, str, int | None]]:
        """Who says what, and which text it answers."""
        found = await self.events(room)
        return [(one.by, one.text, one.reply_to) for one in found if isinstance(one, Said)]

    async def rooms(self) -> list[str]:
        return [str(one.name) for one in await self.hub.log.rooms() if one.name != DIRECTORY]

    async def export(self, path: Path, *names: str, private: bool = True) -> ExportReport:
        chosen = Selection(names or None, private=private)
        return await export_lines(self.server, path, chosen)

    async def take(
        self,
        path: Path,
        choices: Choices | None = None,
        *,
        format: str | None = None,
        dry: bool = False,
    ) -> ImportReport:
        with open_source(path, format) as source:
            chosen = choices or Choices(private=True)
            return await import_rooms(self.server, source, chosen, OPERATOR, dry=dry)


def _entry(entry: Entry, done: object) -> Entry:
    return replace(entry, done=done)


def said(text: str, by: UserName = ADA, at: int = NOON, *, reply_to: int | None = None) -> Said:
    return Said(UNSEQUENCED, at, by, text, reply_to, by_id=IDS[by])


@asynccontextmanager
async def place_over(
    log: Log, *, first_room: str = "", files: FilePorts | None = None
) -> AsyncIterator[Place]:
    """A hub over ``log``."""
    numbers = itertools.count(1)
    hub = Hub(
        log,
        settings=HubSettings(rate_limit=0, first_room=first_room),
        clock=lambda: NOON + 86_400_000,
        monotonic=lambda: 0.0,
        ids=lambda: next(numbers),
        passwords=CheapPasswords(),
        files=files,
    )
    await hub.start()
    yield Place(hub)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Place]:
    """A server over a database in ``folder``."""
    make_folder(folder)
    log = await SqlLog.open(folder, durability="process")
    try:
        async with place_over(log, files=file_ports(folder)) as place:
            yield place
    finally:
        await log.close()


@asynccontextmanager
async def in_memory(log: MemoryLog | None = None) -> AsyncIterator[Place]:
    """A server over a log in memory."""
    async with place_over(log or MemoryLog(auto=True)) as place:
        yield place


def ids_of(events: Iterable[AnyEvent]) -> list[UserId | None]:
    return [event.by_id for event in events]
