"""A whole server in this process, on a free port, and clients on real sockets."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from hubbub.domain.ids import ID_BITS
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Bus, Log, Passwords, SingleSignOn
from hubbub.hub.settings import HubSettings
from hubbub.hub.uploading import FilePorts
from hubbub.server.http.administering import Tasks
from hubbub.server.listener import Listener
from hubbub.server.options import Options
from hubbub.server.run import serve
from hubbub.server.tls.certificates import Certificates
from hubbub.wire.irc.servicenames import SERVICES
from tests.memorylog.log import MemoryLog
from tests.patience import PATIENCE_SECONDS
from tests.server.over_tls import usual_certificates, usual_client
from tests.server.tls_streams import open_encrypted

UNHURRIED = HubSettings(rate_limit=0)
TIME = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]")

UPGRADE = (
    b"GET /ws HTTP/1.1\r\n"
    b"Host: 127.0.0.1\r\n"
    b"Upgrade: websocket\r\n"
    b"Connection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"\r\n"
)
"""The handshake of RFC 6455, 1.3."""


class Server:
    """What a test sees of the server."""

    def __init__(self, hub: Hub, listener: Listener, stop: asyncio.Event) -> None:
        self.hub = hub
        self.listener = listener
        self.context = listener.context
        self.stop = stop
        self.host, self.port = "127.0.0.1", 0
        self.clients: list[LineClient] = []
        self.tls: ssl.SSLContext | None = None

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    @property
    def url(self) -> str:
        return f"ws{'s' if self.tls else ''}://{self.host}:{self.port}/ws"

    async def line(self, sent: bytes = b"", *, address: str | None = None) -> LineClient:
        """Someone with netcat at ``address``, who has sent these bytes."""
        at = (address, 0) if address else None
        if self.tls is None:
            opening = asyncio.open_connection(self.host, self.port, local_addr=at)
        else:
            opening = open_encrypted(self.host, self.port, self.tls, at)
        client = LineClient(*await opening)
        self.clients.append(client)
        client.send(sent)
        return client

    async def by_socket(self, path: Path, sent: bytes = b"") -> LineClient:
        """Someone at the Unix socket, who has sent these bytes."""
        client = LineClient(*await asyncio.open_unix_connection(path))
        self.clients.append(client)
        client.send(sent)
        return client

    async def enter(self, name: str, room: str = "General") -> LineClient:
        """Someone with netcat who has come into the room and heard the own join."""
        client = await self.line(f"{name}\n{room}\n".encode())
        await client.until(f"{name} has joined the chat!")
        return client

    def web(self, **options: Any) -> connect:
        """A WebSocket, to be used with ``async with``."""
        return connect(self.url, compression=None, max_size=None, ssl=self.tls, **options)

    async def raw_web(self, behind: bytes = b"") -> LineClient:
        """A socket that has done the handshake of a WebSocket; ``behind`` came with it."""
        client = await self.line(UPGRADE + behind)
        answer = await client.until_bytes(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        return client

    async def sessions(self, count: int) -> None:
        """Waits until the hub has so many sessions."""
        await eventually(lambda: len(self.hub.sessions) == count)

    async def connections(self, count: int) -> None:
        """Waits until the listener counts so many connections."""
        await eventually(lambda: len(self.context.admission) == count)


class LineClient:
    """Bytes to the server and lines from it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @property
    def socket(self) -> socket.socket:
        found: socket.socket = self.writer.get_extra_info("socket")
        return found

    def send(self, data: bytes | str) -> None:
        self.writer.write(data if isinstance(data, bytes) else data.encode())

    def say(self, line: str) -> None:
        self.send(line + "\n")

    def end(self) -> None:
        """Sends no more, and still reads."""
        self.writer.write_eof()

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        """Is gone without a word: the peer is told with a reset."""
        self.writer.transport.abort()

    async def line(self) -> str:
        """The next line, without its time; "" at the end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return TIME.sub("[…]", (await self.reader.readline()).decode()).rstrip("\r\n")

    async def lines(self, count: int) -> list[str]:
        return [await self.line() for _ in range(count)]

    async def until(self, end: str) -> list[str]:
        """The lines up to the one with this end."""
        lines: list[str] = []
        while not lines or not lines[-1].endswith(end):
            lines.append(await self.line())
            assert lines[-1], f"the connection ended before {end!r}: {lines}"
        return lines

    async def until_bytes(self, end: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.reader.readuntil(end)

    async def rest(self) -> bytes:
        """All that comes until the connection ends, by a close or a reset."""
        got = b""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while data := await self.reader.read(65536):
                    got += data
            except ConnectionError:
                pass
        return got


class Chatter:
    """A client of the JSON protocol: sends commands, and hears frames of the kind that it wants."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []

    async def send(self, *commands: dict[str, Any]) -> None:
        for command in commands:
            await self.socket.send(json.dumps(command))

    async def hear(self, kind: str | None = None) -> dict[str, Any]:
        """The next frame, or the next of one kind; the events of those on the way are kept."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.recv())
                if frame["type"] == "events":
                    self.events += frame["events"]
                if kind in (None, frame["type"]):
                    return frame

    async def ask(self, kind: str, **command: Any) -> dict[str, Any]:
        """Sends a command, and hears the answer of a kind."""
        await self.send(command)
        return await self.hear(kind)

    async def enter(self, name: str, room: str = "General") -> str:
        """Says hello and joins; returns the token."""
        welcome = await self.ask("welcome", type="hello", user=name)
        await self.ask("joined", type="join", room=room)
        await self.ask("pong", type="ping")
        return str(welcome["token"])


def texts(events: Sequence[dict[str, Any]]) -> list[str]:
    return [event["text"] for event in events if event["kind"] == "said"]


async def eventually(is_so: Callable[[], bool]) -> None:
    """Waits for what the sockets bring about: there is no barrier on the way from them."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110 - what is looked at has no event to wait for
            await asyncio.sleep(0.002)


def make_hub(
    settings: HubSettings = UNHURRIED,
    log: Log | None = None,
    passwords: Passwords | None = None,
    provider: SingleSignOn | None = None,
    bus: Bus | None = None,
    files: FilePorts | None = None,
) -> Hub:
    """A hub on a log in memory, by the real clocks."""
    return Hub(
        log or MemoryLog(auto=True),
        settings=settings,
        clock=lambda: time.time_ns() // 1_000_000,
        monotonic=time.monotonic,
        stopwatch=time.perf_counter,
        passwords=passwords,
        provider=provider,
        bus=bus,
        files=files,
        ids=lambda: secrets.randbelow(2**ID_BITS - 1) + 1,
        kept_back=SERVICES,
    )


@asynccontextmanager
async def serving(
    options: Options | None = None,
    settings: HubSettings = UNHURRIED,
    log: Log | None = None,
    *,
    http: bool = False,
    passwords: Passwords | None = None,
    provider: SingleSignOn | None = None,
    certificates: Certificates | None = None,
    tls: ssl.SSLContext | None = None,
    tasks: Callable[[Hub], Tasks] | None = None,
    bus: Bus | None = None,
    files: FilePorts | None = None,
) -> AsyncIterator[Server]:
    """A server that runs until the end of the block, and then stops as SIGTERM would stop it.

    ``tls``: by what its clients encrypt; None: they do not. ``tasks``: makes those of
    administrators.
    """
    hub = make_hub(settings, log, passwords, provider, bus, files)
    stop, ready = asyncio.Event(), asyncio.Event()
    addresses: list[tuple[str, int]] = []
    listeners: list[Listener] = []

    async def prepare(listener: Listener) -> None:
        if http:
            listener.serve_http()
        listeners.append(listener)
        ready.set()

    if certificates is None:
        certificates, tls = usual_certificates(), usual_client()
    options = options or Options(port=0, sessions_per_address=0)
    async with asyncio.TaskGroup() as group:
        group.create_task(
            serve(
                hub,
                options,
                announce=addresses.extend,
                prepare=prepare,
                stop=stop,
                certificates=certificates,
                tasks=None if tasks is None else partial(tasks, hub),
            )
        )
        await ready.wait()
        server = Server(hub, listeners[0], stop)
        server.port = addresses[0][1]
        server.tls = tls
        try:
            yield server
        finally:
            for client in server.clients:
                client.abort()
            stop.set()
