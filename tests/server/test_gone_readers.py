"""HTTP clients that ask and do not take the answer, or are gone before it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Collection, Mapping
from typing import cast

import pytest

from hubbub.domain.search import Query
from hubbub.hub.clients import Client
from hubbub.hub.ports import Finds
from hubbub.server.http import protocol, unsent
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


def total(sizes_by_client: Mapping[Client, Mapping[unsent.Unsent, int]]) -> int:
    return sum(sum(sizes.values()) for sizes in sizes_by_client.values())


async def test_who_takes_no_answers_is_given_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsent, "UNSENT_BYTES", 200_000)
    monkeypatch.setattr(unsent, "SLOW_SECONDS", 3600.0)
    async with serving(http=True) as server:
        await (await server.line(BIG)).until_bytes(b"\r\n\r\n")
        left = http_protocols(server).unsent.by_client
        # More than the system keeps for itself.
        lazy = [await deaf(server, BIG * 500) for _ in range(10)]
        await eventually(lambda: total(left) > 200_000)
        refused = await (await server.line(BIG)).until_bytes(b"\r\n\r\n")
        assert refused.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: 5" in refused.lower()
        for sock in lazy:
            sock.close()
        await eventually(lambda: not left)
        served = await (await server.line(BIG)).until_bytes(b"\r\n\r\n")
        assert served.startswith(b"HTTP/1.1 200 ")


async def test_who_takes_answers_the_slowest_gives_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else somebody who leaves theirs would keep all from the server who share an address."""
    async with serving(http=True) as server:
        for listening in server.listener._servers:
            for sock in listening.sockets:  # connections inherit it: else the system has all of it
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        first = await server.line(BIG)
        await first.until_bytes(b"\r\n\r\n")
        first.abort()
        await server.connections(0)
        protocols = http_protocols(server)
        by_client = protocols.unsent.by_client
        reads = await deaf(server, BIG)
        await eventually(lambda: total(by_client) > 0)
        [(reader, left)] = next(iter(by_client.values())).items()
        lazy = [await deaf(server, BIG) for _ in range(4)]
        waiting = next(iter(by_client.values()))
        await eventually(lambda: len(waiting) == 5)
        loop = asyncio.get_running_loop()
        while reader.count() > left // 2:
            await loop.sock_recv(reads, 4096)
        for connection in waiting:
            connection.waits_since -= 60.0  # a minute goes by
        monkeypatch.setattr(unsent, "UNSENT_BYTES", total(by_client) - 1)
        assert protocols.open == 5
        served = await (await server.line(BIG)).until_bytes(b"\r\n\r\n")
        assert served.startswith(b"HTTP/1.1 200 ")
        await server.connections(5)
        assert not reader._transport.is_closing()
        for sock in (reads, *lazy):
            sock.close()


class Waiting:
    """A connection whose peer takes nothing of so much; ``looks`` counts what that costs."""

    def __init__(self, unsent: dict[Waiting, int], size: int) -> None:
        self._unsent = unsent
        self.waits_since = 0.0
        self.looks = 0
        unsent[self] = size

    def count(self) -> int:
        self.looks += 1
        return self._unsent[self]

    def pace(self, now: float) -> float:
        return self._unsent[self] - self.count()

    def give_way(self) -> None:
        del self._unsent[self]


async def test_many_who_give_way_at_once_cost_no_more_for_each() -> None:
    async with serving(http=True) as server:
        await (await server.line(BIG)).until_bytes(b"\r\n\r\n")
        protocols, client = http_protocols(server), server.hub.clients.at("127.0.0.1")
        sizes: dict[Waiting, int] = {}
        lazy = [Waiting(sizes, 1000) for _ in range(400)]
        busy = Waiting(sizes, unsent.UNSENT_BYTES)
        protocols.unsent.by_client[client] = cast(dict[unsent.Unsent, int], sizes)
        assert protocols.unsent.make_way(client, 60.0)
        assert list(sizes) == [busy], "all that were before it had to go"
        assert max(one.looks for one in lazy) <= 2
        del protocols.unsent.by_client[client]


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
