"""What comes and goes leaves nothing behind: a server that runs for months is as it was.

The figures of an hour of mixed load: ``python -m benchmarks run soak``.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from hubbub.hub.hub import Hub
from hubbub.hub.presence import Presence
from hubbub.hub.room import HubRoom
from hubbub.hub.settings import HubSettings
from hubbub.storage.log import SqlLog
from tests.faults.conftest import tls_too
from tests.faults.leaks import leaks
from tests.server.over_tls import over_tls
from tests.server.serving import Chatter, Server, serving

Visit = Callable[[Server], Awaitable[None]]


@pytest.fixture
async def server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, either_if_long: tuple[str, ...]
) -> AsyncIterator[Server]:
    """One that keeps no history in memory: what it may keep would hide what it must not."""
    monkeypatch.setattr("hubbub.hub.tail.TAIL_EVENTS", 1)
    log = await SqlLog.open(tmp_path, durability="process")
    with over_tls(tmp_path) if either_if_long else nullcontext():
        settings = HubSettings(rate_limit=0, history_on_join=0)
        async with serving(settings=settings, log=log, http=True) as server:
            await server.enter("ada")  # somebody is there all the time, and does not read
            yield server
    await log.close()


async def nobody(server: Server) -> None:
    """Connects, and is gone."""
    client = await server.line()
    client.abort()
    await gone(server, client)


async def by_line(server: Server) -> None:
    client = await server.line(b"ben\nGeneral\n")
    await client.until("ben has joined the chat!")
    client.say("hello\nexit")
    await client.rest()
    await gone(server, client)


async def by_web(server: Server) -> None:
    async with server.web() as socket:
        ben = Chatter(socket)
        await ben.enter("ben")
        await ben.ask("ack", type="say", room="General", text="hello", nonce="once")
        await ben.ask("left", type="leave", room="General")
        await ben.ask("bye", type="bye")


async def lost_and_back(server: Server) -> None:
    """Loses the connection, comes back by the token, and says goodbye."""
    async with server.web() as socket:
        token = await Chatter(socket).enter("ben")
        socket.transport.abort()
    for end in ("lost", "bye"):
        async with server.web() as socket:
            ben = Chatter(socket)
            await ben.ask("welcome", type="hello", user="ben", token=token)
            await ben.ask("joined", type="join", room="General")
            if end == "bye":
                await ben.ask("bye", type="bye")
            else:
                socket.transport.abort()


async def refused(server: Server) -> None:
    """Asks for all that is not to be had."""
    async with server.web() as socket:
        eve = Chatter(socket)
        for command in (
            {"type": "hello", "user": "ada"},
            {"type": "say", "room": "General", "text": "hello"},
            {"type": "history", "room": "nowhere"},
            {"type": "no such thing"},
        ):
            await eve.ask("error", **command)


async def garbage(server: Server) -> None:
    client = await server.line(b"\x16\x03\x01garbage\r\n\r\n")
    client.end()
    await client.rest()
    await gone(server, client)


async def over_http(server: Server) -> None:
    client = await server.line(
        b"GET /api/rooms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    assert b"200 OK" in await client.rest()
    await gone(server, client)


async def gone(server: Server, client: Any) -> None:
    server.clients.remove(client)
    client.close()
    with contextlib.suppress(ConnectionError):
        await client.writer.wait_closed()


VISITS = (nobody, by_line, by_web, lost_and_back, refused, garbage, over_http)


@tls_too
@pytest.mark.parametrize("visit", VISITS)
async def test_a_visit_leaves_nothing_behind(visit: Visit, server: Server) -> None:
    async def cycle() -> None:
        await visit(server)
        await server.connections(1)

    assert await leaks(cycle) == {}
    stats = server.hub.stats()
    assert (stats["sessions"], stats["users"], stats["rooms"]) == (1, 1, 1)


def keeping(method: Callable[..., Any], kept: list[object]) -> Callable[..., Any]:
    """``method``, but something is kept of each call."""

    def leaky(*args: Any, **kwargs: Any) -> Any:
        kept.append([object()])
        return method(*args, **kwargs)

    return leaky


@pytest.mark.parametrize(
    "owner, name",
    [(Hub, "connect"), (Presence, "leave"), (HubRoom, "publish")],
)
async def test_what_a_visit_would_leave_is_found(
    owner: type, name: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One small list for each connection, leave or message."""
    monkeypatch.setattr(owner, name, keeping(getattr(owner, name), []))

    async def cycle() -> None:
        await by_line(server)
        await server.connections(1)

    assert "list" in await leaks(cycle, warm_up=10, windows=2)
