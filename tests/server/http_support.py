"""An HTTP server on a free port, a client that sends any bytes, and a hub without a log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import h11
import pytest
import uvloop
from msgspec.structs import replace
from starlette.types import ASGIApp

from hubbub.domain.commands import MAX_HISTORY, Command, Hello
from hubbub.domain.errors import (
    BadCursor,
    BadMessage,
    LogUnavailable,
    NoSuchRoom,
    RateLimited,
    WrongToken,
)
from hubbub.domain.events import AnyEvent
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Done, Found, Messages, Page, Reply, Result, RoomInfo, RoomList
from hubbub.domain.rules import Role
from hubbub.hub.access import Viewer
from hubbub.hub.clients import Budgets, Clients
from hubbub.hub.clients import Client as Payer
from hubbub.hub.measures import Measures
from hubbub.hub.ports import FileRecord
from hubbub.hub.session import User
from hubbub.hub.settings import HubSettings
from hubbub.hub.turns import Turns
from hubbub.hub.uploading import NoSuchFile, Uploading
from hubbub.server.admission import Admission
from hubbub.server.askers import Askers
from hubbub.server.http.app import make_app
from hubbub.server.http.protocol import HttpProtocols, Limits
from hubbub.server.options import Options
from hubbub.server.origin_policy import OriginPolicy
from tests.patience import PATIENCE_SECONDS

LOOPS = (asyncio.new_event_loop, uvloop.new_event_loop)


def on_each_loop(scenario: Callable[[], Awaitable[None]]) -> Callable[..., None]:
    """A test that runs ``scenario`` on asyncio's loop, and again on uvloop's."""

    @pytest.mark.parametrize("new_loop", LOOPS, ids=["asyncio", "uvloop"])
    def test(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        async def in_time() -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await scenario()

        with asyncio.Runner(loop_factory=new_loop, debug=True) as runner:
            runner.run(in_time())

    test.__name__ = scenario.__name__
    test.__doc__ = scenario.__doc__
    return test


@dataclass
class FakeHub:
    """A `hubbub.server.http.view.HubView` over plain lists."""

    rooms: dict[str, list[AnyEvent]] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    server_name: str = "Hubbub"
    healthy: bool = True
    line_bytes: int = 2048
    counts: dict[str, float] = field(default_factory=dict)
    counts_by: dict[str, dict[str, int]] = field(default_factory=dict)
    measures: Measures = field(default_factory=Measures)
    tokens: dict[str, User] = field(default_factory=dict)
    asked: list[Command] = field(default_factory=list)
    reply: Reply = Done()  # noqa: RUF009 - it is frozen
    uploading: Uploading | None = None
    files: dict[str, FileRecord] = field(default_factory=dict)

    def room_list(
        self,
        viewer: Viewer,
        *,
        query: str | None = None,
        after: str | None = None,
        limit: int = 500,
    ) -> RoomList:
        if after == "nonsense":
            raise BadMessage("That is no place.")
        infos = [
            RoomInfo(
                name=RoomName.parse(name),
                users=self.users.get(name, 0),
                head=len(events),
                at=events[-1].at if events else None,
            )
            for name, events in self.rooms.items()
        ]
        infos = [info for info in infos if query is None or query in info.name]
        infos.sort(key=lambda info: -info.users)
        next = "go on" if len(infos) > limit else None
        return RoomList(rooms=infos[:limit], next=next, total=len(self.rooms))

    async def identify_guest(self, name: UserName, token: str, client: str = "") -> User:
        return await self.identify(token, client)

    def file_pass(self, user: User) -> str:
        return f"pass of {user.name}"

    async def identify_by_pass(self, word: str, client: str = "") -> User:
        return await self.identify(word, client)

    async def file(self, viewer: Viewer, id: str, client: str = "") -> FileRecord:
        if id not in self.files:
            raise NoSuchFile
        return self.files[id]

    async def find(
        self,
        viewer: Viewer,
        query: str,
        *,
        before: str | None = None,
        limit: int = 20,
        client: str = "",
    ) -> Found:
        if query == "too fast":
            raise RateLimited("Too many.", retry_after=1.0)
        return Found(
            results=[Result("General", 2, 7, "ada", ["", query, f" {before} {limit}"])], next="2"
        )

    async def pins(self, viewer: Viewer, room: RoomName, *, client: str = "") -> Messages:
        return Messages(room=room, events=[], head=0)

    async def conversation(
        self, viewer: Viewer, room: RoomName, target: int, *, client: str = ""
    ) -> Messages:
        return Messages(room=room, events=[], head=0)

    async def page(
        self,
        viewer: Viewer,
        room: RoomName,
        *,
        before: int | None = None,
        after: int | None = None,
        after_at: int | None = None,
        around: int | None = None,
        limit: int = 50,
        client: str = "",
    ) -> Page:
        if not self.healthy:
            raise LogUnavailable("The disk is full.")
        assert 1 <= limit <= MAX_HISTORY
        found = {RoomName.parse(name).key: name for name in self.rooms}.get(room.key)
        if found is None:
            raise NoSuchRoom(f"There is no room {room}.")
        events = self.rooms[found]
        if after_at is not None and [event.at for event in events if event.seq == after] != [
            after_at
        ]:
            raise BadCursor(f"Event {after} is another one.")
        if after is not None:
            first = after
        elif around is not None:
            first = max(0, around - 1 - limit // 2)
        else:
            first = max(0, (len(events) if before is None else before - 1) - limit)
        end = len(events) if before is None else before - 1
        return Page(
            room=RoomName.parse(found),
            events=events[first : min(end, first + limit)],
            head=len(events),
            first=first + 1,
            last=min(end, first + limit),
        )

    async def timeline(
        self,
        viewer: Viewer,
        room: RoomName,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
        client: str = "",
    ) -> Page:
        page = await self.page(viewer, room, before=before, after=after, around=around, limit=limit)
        return replace(page, events=[event for event in page.events if is_message(event)])

    async def identify(self, token: str, client: str = "") -> User:
        if token not in self.tokens:
            raise WrongToken("That is nobody's.")
        return self.tokens[token]

    async def ask(self, token: str, command: Command, client: str = "") -> Reply:
        await self.identify(token)
        self.asked.append(command)
        return self.reply

    async def log_in(self, command: Hello, client: str = "") -> Reply:
        self.asked.append(command)
        return self.reply

    sign_ons = None

    def server_role(self, viewer: Viewer) -> Role:
        return Role.OWNER

    def stats(self) -> Mapping[str, float]:
        return self.counts

    def labelled(self) -> Mapping[str, Mapping[str, int]]:
        return self.counts_by


@dataclass
class Answer:
    """One answer, whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] in ("application/json", "application/schema+json")
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The code of the error that this is, in the shape that all errors have."""
        assert self.status >= 400
        assert self.json.keys() == {"error"}
        assert self.json["error"].keys() == {"code", "message"}
        assert all(isinstance(value, str) and value for value in self.json["error"].values())
        code: str = self.json["error"]["code"]
        return code


class Client:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._rest = b""

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self, method: str = "GET") -> Answer:
        """The next answer, read as h11 reads answers to ``method``."""
        connection = h11.Connection(h11.CLIENT)
        connection.send(h11.Request(method=method, target="/", headers=[("Host", "test")]))
        connection.send(h11.EndOfMessage())
        connection.receive_data(self._rest) if self._rest else None
        status, headers, body = 0, {}, b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await self.reader.read(65536)
                assert data or connection.their_state is not h11.SEND_RESPONSE, "closed, no answer"
                connection.receive_data(data)
            elif isinstance(event, h11.Response):
                status = event.status_code
                headers = {name.decode(): value.decode() for name, value in event.headers}
                assert len(headers) == len(event.headers), "a header came twice"
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self._rest = connection.trailing_data[0]
                return Answer(status, headers, body)

    async def get(self, target: str, method: str = "GET", **headers: str) -> Answer:
        """Asks for ``target`` as a well-behaved client does."""
        fields = {"Host": "localhost", **{n.replace("_", "-"): v for n, v in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.send(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode())
        return await self.answer(method)

    async def closed(self) -> bool:
        """Waits for the end; whether nothing more came before it."""
        try:
            return await self.reader.read() == b"" and not self._rest
        except ConnectionResetError:
            return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class Ends:
    """The connections that have ended, to be told of and to wait for."""

    def __init__(self) -> None:
        self.transports: list[asyncio.BaseTransport] = []
        self._another = asyncio.Event()

    def __call__(self, transport: asyncio.BaseTransport) -> None:
        self.transports.append(transport)
        self._another.set()

    async def another(self) -> None:
        """Waits for one more."""
        self._another.clear()
        await self._another.wait()


class Server:
    """A server on a free port."""

    def __init__(self, protocols: HttpProtocols, server: asyncio.Server, ends: Ends) -> None:
        self.protocols = protocols
        self.address: tuple[str, int] = server.sockets[0].getsockname()[:2]
        self.clients: list[Client] = []
        self.ends = ends

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection(*self.address))
        self.clients.append(client)
        return client

    async def get(self, target: str, method: str = "GET", **headers: str) -> Answer:
        """One request on a connection of its own."""
        client = await self.connect()
        return await client.get(target, method, **headers)

    async def emptied(self) -> None:
        """Waits until no connection is open."""
        while self.protocols.open:
            await self.ends.another()


def nowhere() -> asyncio.Protocol:
    raise AssertionError("no request was to upgrade")


def metering() -> tuple[Turns, Callable[[asyncio.BaseTransport], Payer]]:
    """Turns that cost nothing, and are all one client's."""
    client = Payer("somebody", Budgets(HubSettings()))
    return Turns(lambda: 0.0), lambda transport: client


@asynccontextmanager
async def serving(
    app: ASGIApp | FakeHub,
    *,
    limits: Limits | None = None,
    websocket: Callable[[], asyncio.Protocol] = nowhere,
    metrics: str = "loopback",
    allowed_hosts: tuple[str, ...] = (),
    trusted: tuple[str, ...] = (),
    prefix: str = "",
) -> AsyncIterator[Server]:
    """Serves ``app``, or the application of a hub. Proxies are ``trusted``."""
    if isinstance(app, FakeHub):
        app = make_app(app, OriginPolicy(allowed_hosts, ()), metrics=metrics, prefix=prefix)
    ends = Ends()
    clients = Clients(HubSettings(), lambda: 0.0)
    options = Options(trusted_proxies=trusted)
    askers = Askers(Admission(clients, options, asyncio.get_running_loop()))
    metered = metering()
    protocols = HttpProtocols(
        app, websocket, limits or Limits(), *metered, ends, askers=askers, prefix=prefix
    )
    listening = await asyncio.get_running_loop().create_server(protocols, "127.0.0.1", 0)
    server = Server(protocols, listening, ends)
    try:
        yield server
    finally:
        listening.close()
        for client in server.clients:
            await client.close()
        await server.emptied()
