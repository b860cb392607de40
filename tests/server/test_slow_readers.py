"""Clients that stop reading: they cost little, harm nobody, and get everything later, once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.hub.pages import PAGE_BYTES
from hubbub.server.options import Options
from hubbub.storage.log import SqlLog
from tests.server.serving import Chatter, LineClient, Server, eventually, serving, texts

LINES = 10_000  # some 5 MB: far more than the kernel's buffers, the outbox and the room's tail
WORDS = "a line that is long enough to fill the pipes soon " * 9
OUTBOX = 32 * 1024
OPTIONS = Options(port=0, sessions_per_address=0, outbox_bytes=OUTBOX)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    log = await SqlLog.open(tmp_path, durability="process")
    async with serving(OPTIONS, log=log) as server:
        yield server
    await log.close()


async def test_readers_that_stop_cost_little_and_get_every_line_once(server: Server) -> None:
    ada, ben = await server.enter("ada"), await server.enter("ben")
    slow = [await enter_slowly(server, f"slow{number}") for number in range(5)]
    for client in slow:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    async with asyncio.TaskGroup() as group:
        for client in (ada, ben):
            group.create_task(listen(client))
        group.create_task(talk(ada))
    await eventually(lambda: server.hub.stats()["stalls"] >= 5)
    for session in server.hub.sessions:
        waiting = session.outlet._transport.get_write_buffer_size()  # type: ignore[attr-defined]
        assert waiting <= OUTBOX + PAGE_BYTES
    for client in slow:
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    await asyncio.gather(*map(listen, slow))
    ada.say("and now live")
    for client in [ben, *slow]:
        assert await client.line() == "[…] ada: and now live"


async def test_a_websocket_that_stops_gets_every_event_once(server: Server) -> None:
    ada = await server.enter("ada")
    pipe = await narrow_socket(server)
    async with server.web(max_queue=1, sock=pipe) as socket:
        eve = Chatter(socket)
        await eve.enter("eve")
        narrow(server, "eve")
        async with asyncio.TaskGroup() as group:
            group.create_task(listen(ada))
            group.create_task(talk(ada))
        assert server.hub.stats()["stalls"] >= 1
        await eve.ask("pong", type="ping")
        while len(texts(eve.events)) < LINES:
            await eve.hear("events")
        seqs = [event["seq"] for event in eve.events]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert texts(eve.events) == [f"{WORDS}{number}" for number in range(LINES)]


async def test_a_reader_that_stops_does_not_delay_a_quiet_room(server: Server) -> None:
    ada, eve = await server.enter("ada"), await enter_slowly(server, "eve")
    eve.writer.transport.pause_reading()  # type: ignore[attr-defined]
    ben = await server.enter("ben", "Kitchen")
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(ada))
        group.create_task(talk(ada))
        for number in range(50):  # while she reads nothing, which she never does again
            ben.say(f"tea? {number}")
            assert await ben.line() == f"[…] ben: tea? {number}"
    assert server.hub.stats()["stalls"] >= 1


async def test_who_does_not_read_answers_is_not_read_from(server: Server) -> None:
    """Questions without end, and nobody who takes the answers."""
    eve = await enter_slowly(server, "eve")
    eve.writer.transport.pause_reading()  # type: ignore[attr-defined]
    (session,) = server.hub.sessions
    eve.send(b"/history 200\n" * 10 + b"/help\n" * 100_000)
    await eventually(lambda: session.stalled)
    waiting = session.outlet._transport.get_write_buffer_size()  # type: ignore[attr-defined]
    assert waiting <= OUTBOX + PAGE_BYTES
    assert session.outlet._paused  # type: ignore[attr-defined]
    ben = await server.enter("ben")
    ben.say("who minds?")
    await ben.until("ben: who minds?")
    eve.abort()
    await ben.until("eve has left the chat!")


async def test_a_reader_that_stopped_may_be_cut_off(server: Server) -> None:
    ada, eve = await server.enter("ada"), await enter_slowly(server, "eve")
    eve.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.gather(listen(ada), talk(ada))
    await eventually(lambda: server.hub.stats()["stalls"] >= 1)
    eve.abort()
    await server.connections(1)
    await ada.until("eve has left the chat!")


async def enter_slowly(server: Server, name: str) -> LineClient:
    """Someone whose socket takes little at once."""
    pipe = await narrow_socket(server)
    client = LineClient(*await asyncio.open_connection(sock=pipe))
    server.clients.append(client)
    client.send(f"{name}\nGeneral\n")
    await client.until(f"{name} has joined the chat!")
    narrow(server, name)
    return client


async def narrow_socket(server: Server) -> socket.socket:
    """A connection whose end takes little at once."""
    pipe = socket.socket()
    pipe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
    pipe.setblocking(False)
    await asyncio.get_running_loop().sock_connect(pipe, (server.host, server.port))
    return pipe


def narrow(server: Server, name: str) -> None:
    """Makes the server's end of somebody's connection take little at once, too."""
    user = server.hub.users.get(name)
    assert user is not None
    transport = user.sessions[0].outlet._transport  # type: ignore[attr-defined]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * 1024)


async def talk(client: LineClient) -> None:
    """Says all the lines, as fast as they are taken."""
    for number in range(LINES):
        client.say(f"{WORDS}{number}")
        if number % 50 == 0:
            await client.writer.drain()


async def listen(client: LineClient) -> None:
    """Hears all the lines, in order, each once."""
    expected = 0
    while expected < LINES:
        line = await client.line()
        if WORDS in line:
            assert line.endswith(f" {expected}")
            expected += 1
