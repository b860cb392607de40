"""A TCP balancer as operators have: one port for all nodes, and those that fail are left out."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from tools.cluster.background import Background, close, connect, reset, together
from tools.cluster.forwarder import CHUNK
from tools.cluster.listener import Listener
from tools.cluster.ports import LOOPBACK

CHECK_SECONDS = 0.5
ANSWER_SECONDS = 5.0  # a node that does not answer for so long is left out; a busy one may be slow
HEAD_BYTES = 64 * 1024  # of a request, at most

_HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_REQUEST = re.compile(rb"[A-Z]+ /")
_CONNECTION = re.compile(rb"\r\nConnection:[^\r]*", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nUpgrade:", re.IGNORECASE)


class Mode(Enum):
    """Which node gets a connection."""

    NEXT = "next"
    """Each connection another one."""
    RANDOM = "random"
    STICKY = "sticky"
    """An address stays with its node, as long as that one lives."""
    REQUESTS = "requests"
    """As `NEXT`, and no connection has more than one request of HTTP."""


class Health(Enum):
    """What a node answers when it is asked how it is."""

    WELL = "well"
    AILING = "ailing"
    """It answers, and cannot save: who is well comes first."""
    AWAY = "away"


@dataclass
class _Node:
    name: str
    port: int
    health: Health = Health.WELL
    connections: int = 0


class Balancer:
    """Listens on ``port``, and passes connections on to ``nodes`` (ports by name)."""

    def __init__(
        self,
        background: Background,
        port: int,
        nodes: Mapping[str, int],
        mode: Mode = Mode.NEXT,
        *,
        dice: random.Random | None = None,
    ) -> None:
        self.port = port
        self.mode = mode
        self._background = background
        self._nodes = [_Node(name, port) for name, port in nodes.items()]
        self._turn = 0
        self._stuck: dict[str, str] = {}  # the node of each address
        self._dice = dice or random.Random()  # noqa: S311 - no secret
        self._connections: dict[asyncio.Task[None], _Node] = {}
        self._listener = Listener(background, port, self._serve)
        self._watching = background.call(self._begin())

    @property
    def connections(self) -> dict[str, int]:
        """How many each node has, by name."""
        return {node.name: node.connections for node in self._nodes}

    @property
    def health(self) -> dict[str, Health]:
        """How each node is, by name."""
        return {node.name: node.health for node in self._nodes}

    def close(self) -> None:
        """Ends it for good, and all connections."""
        self._background.call(self._end())
        self._listener.close()

    async def _begin(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self._watch(node)) for node in self._nodes]

    async def _end(self) -> None:
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    async def _watch(self, node: _Node) -> None:
        while True:
            before, node.health = node.health, await _ask(node.port)
            if node.health is Health.AWAY and before is not Health.AWAY:
                for task, its in list(self._connections.items()):
                    if its is node:  # who is connected there goes elsewhere, at once
                        task.cancel()
            await asyncio.sleep(CHECK_SECONDS)

    def _order(self, address: str) -> list[_Node]:
        """All nodes that may answer, the one to try first first."""
        place = self._turn % len(self._nodes)
        self._turn += 1
        nodes = self._nodes[place:] + self._nodes[:place]
        if self.mode is Mode.RANDOM:
            self._dice.shuffle(nodes)
        elif self.mode is Mode.STICKY:
            stuck = self._stuck.get(address)
            nodes.sort(key=lambda node: node.name != stuck)
        nodes = [node for node in nodes if node.health is not Health.AWAY]
        return sorted(nodes, key=lambda node: node.health is not Health.WELL)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        address = writer.get_extra_info("peername")[0]
        node, far_reader, far_writer = await self._reach(address)
        self._connections[task] = node
        node.connections += 1
        try:
            await together(self._requests(reader, far_writer), _pass(far_reader, writer))
            await close(writer, far_writer)
        finally:
            node.connections -= 1
            del self._connections[task]
            reset(far_writer)

    async def _reach(
        self, address: str
    ) -> tuple[_Node, asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to a node. Raises `OSError` if there is none that takes it."""
        for node in self._order(address):
            try:
                streams = await connect((LOOPBACK, node.port))
            except OSError:
                node.health = Health.AWAY
            else:
                self._stuck[address] = node.name
                return (node, *streams)
        raise ConnectionError

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode is Mode.REQUESTS and (data := await reader.read(CHUNK)):
            if _REQUEST.match(data):
                while b"\r\n\r\n" not in data and len(data) < HEAD_BYTES:
                    if not (more := await reader.read(CHUNK)):
                        break
                    data += more
                data = _alone(data)
            writer.write(data)
        await _pass(reader, writer)


def _alone(data: bytes) -> bytes:
    """A request with the wish that the connection is closed behind it; but not for a WebSocket."""
    head, gap, rest = data.partition(b"\r\n\r\n")
    if not gap or _UPGRADE.search(head):
        return data
    return _CONNECTION.sub(b"", head) + b"\r\nConnection: close" + gap + rest


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()


async def _ask(port: int) -> Health:
    """How the node on ``port`` is."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await connect((LOOPBACK, port))
            try:
                writer.write(_HEALTH)
                status = await reader.readline()
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        return Health.AWAY
    if b" 200 " in status:
        return Health.WELL
    return Health.AILING if status else Health.AWAY
