"""HTTP clients that ask and do not take the answer, or are gone before it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Collection

import pytest

from hubbub.domain.search import Query
from hubbub.hub.ports import Finds
from hubbub.server.http import protocol
from tests.server.serving import LineClient, Server, eventually, serving

BIG = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
SEARCH = b"GET /api/search?q=hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


async def deaf(server: Server, request: bytes) -> socket.socket:
    """Somebody who asks, and takes nothing."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, server.address)
    await loop.sock_sendall(sock, request)
    return sock


def http_protocols(server: Server) -> protocol.HttpProtocols:
    http = server.context.http
    found = getattr(http, "_protocols", None)
    assert isinstance(found, protocol.HttpProtocols)
    return found


async def test_who_takes_no_answers_is_given_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "UNSENT_BYTES", 200_000)
    async with serving(http=True) as server:
        await (await server.line(BIG)).until_bytes(b"\r\n\r\n")
        unsent = http_protocols(server).unsent
        # More than the system keeps for itself.
        lazy = [await deaf(server, BIG * 500) for _ in range(10)]
        await eventually(lambda: unsent.total() > 200_000)
        refused = await (await server.line(BIG)).until_bytes(b"\r\n\r\n")
        assert refused.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: 5" in refused.lower()
        for sock in lazy:
            sock.close()
        await eventually(lambda: not unsent)
        served = await (await server.line(BIG)).until_bytes(b"\r\n\r\n")
        assert served.startswith(b"HTTP/1.1 200 ")


def reset(client: LineClient) -> None:
    """Gone. (A mere end of what it sends is no sign of that: it may wait for its answer.)"""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.abort()


class Slow:
    """A `hubbub.hub.ports.Search` that finds nothing, when the test says so."""

    behind = 0

    def __init__(self) -> None:
        self.asked = 0
        self.over = asyncio.Event()

    async def find(
        self, query: Query, *, before: int | None, limit: int, rooms: Collection[str] | None
    ) -> Finds:
        self.asked += 1
        await self.over.wait()
        return Finds([], None)


async def test_a_search_of_somebody_who_has_gone_waits_no_more() -> None:
    async with serving(http=True) as server:
        slow = Slow()
        server.hub.search = slow
        asking = [await server.line(SEARCH) for _ in range(3)]
        searches = server.hub.searches
        await eventually(lambda: slow.asked == 1 and searches.waiting == 2)
        for client in asking[1:]:
            reset(client)
        await eventually(lambda: searches.waiting == 0)
        slow.over.set()
        answer: LineClient = asking[0]
        assert (await answer.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert slow.asked == 1


async def test_a_search_that_runs_keeps_its_turn_when_its_asker_goes() -> None:
    """Nobody gets around the turns by going: the thread is busy all the same."""
    async with serving(http=True) as server:
        slow = Slow()
        server.hub.search = slow
        first = await server.line(SEARCH)
        await eventually(lambda: slow.asked == 1)
        reset(first)
        await server.connections(0)
        second = await server.line(SEARCH)
        await eventually(lambda: server.hub.searches.waiting == 1)
        assert slow.asked == 1
        slow.over.set()
        assert (await second.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
