"""Several servers on one log in memory, whose clocks and bus the test holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from hubbub.hub.settings import HubSettings
from tests.hub.chat import UNHURRIED, Chat, word
from tests.hub.members import settle
from tests.hub.test_two_hubs import End, Line
from tests.memorylog.log import Disk


class Server(Chat):
    """One of them. ``stopped``: the process stands still, as by SIGSTOP, or is gone."""

    def __init__(self, settings: HubSettings, disk: Disk, end: End, first_id: int) -> None:
        super().__init__(settings, disk=disk, bus=end, first_id=first_id)
        self.end = end
        self.stopped = False

    @property
    def id(self) -> str:
        """The id of its node."""
        assert self.hub.node is not None
        return self.hub.node.id


class Several:
    """``servers`` on one ``disk``."""

    def __init__(self, settings: HubSettings = UNHURRIED) -> None:
        self.settings = settings
        self.disk = Disk()
        self.line = Line()
        self.servers: list[Server] = []

    def __iter__(self) -> Any:
        return iter(self.servers)

    async def add(self, *, tell: bool = True) -> Server:
        """One more, which has started, and maybe knows already what there is to know."""
        first_id = 100_000 * (1 + len(self.servers))
        server = Server(self.settings, self.disk, self.line.end(), first_id)
        server.seconds = self.disk.seconds
        self.servers.append(server)
        await server.start()
        if tell:
            await self.tell()
        return server

    @property
    def running(self) -> list[Server]:
        return [one for one in self.servers if not one.stopped]

    async def tell(self, rounds: int = 3) -> None:
        """All that was written at any is on disk, and known at all that run."""
        for _ in range(rounds):
            for server in self.running:
                await settle(server, 1)
            for server in self.running:
                server.end.hear()
                server.end.arrived.clear()
            for server in self.running:
                await server.quiet()

    async def pass_time(self, seconds: float, *, step: float = 1.0) -> None:
        """Time passes at all that run, a second at a time."""
        until = self.disk.seconds + seconds
        while self.disk.seconds < until:
            self.disk.seconds = min(self.disk.seconds + step, until)
            for server in self.running:
                server.pass_time(self.disk.seconds - server.seconds)
            await self.tell(1)
        await self.tell(2)

    def kill(self, server: Server) -> None:
        """As kill -9 does: nobody hears of it."""
        server.stopped = True
        for session in server.hub.sessions:
            session.outlet.open = False  # type: ignore[attr-defined]

    def forget_nodes(self) -> None:
        """As if all that is on disk came from before there were several servers."""
        self.disk.nodes.clear()
        self.disk.attendances.clear()
        self.disk.claims.clear()

    def story(self, room: str = "General") -> list[str]:
        """The room's log, in short words, without numbers."""
        return [word(event).partition(" ")[2] for event in self.disk.events.get(room.lower(), [])]


@asynccontextmanager
async def several(count: int = 3, settings: HubSettings = UNHURRIED) -> AsyncIterator[Several]:
    """So many servers that have started; in the end all that run tell the same."""
    them = Several(settings)
    async with AsyncExitStack() as stack:
        for _ in range(count):
            server = await them.add()
            stack.push_async_callback(server.crash)
        yield them
        await them.tell()
        for room in them.disk.rooms:
            if room.startswith(("/", " ")):
                continue
            told = {tuple(one.hub.rooms[room].names()) for one in them.running}
            assert len(told) == 1, (room, told)
