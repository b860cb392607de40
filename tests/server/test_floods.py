"""Floods: whoever sends nonsense, or too much, delays themselves and nobody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from websockets.frames import Frame, Opcode

from hubbub.hub.settings import HubSettings
from hubbub.server import connection, run
from tests.memorylog.log import MemoryLog
from tests.server.serving import Chatter, Server, eventually, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


async def test_a_flood_of_nonsense_makes_only_its_sender_pause(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PENALTY_SECONDS", 60.0)
    ben = await server.enter("ben")
    eve = await server.enter("eve")
    eve.send(b"/dance\n" * 50_000)
    for _ in range(connection.MAX_REFUSALS):
        assert 'There is no command "/dance"' in await eve.line()
    ben.say("nobody minds")
    await ben.until("ben: nobody minds")
    heard = await eve.until("ben: nobody minds")
    assert len(heard) == 1, "she is told no more while she pauses"


async def test_a_pause_is_over_after_a_while(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PENALTY_SECONDS", 0.02)
    eve = await server.enter("eve")
    eve.send(b"/dance\n" * 350 + b"sorry\n")
    await eve.until("eve: sorry")


async def test_a_flood_of_nonsense_over_a_websocket_makes_only_its_sender_pause(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PENALTY_SECONDS", 60.0)
    ben = await server.enter("ben")
    async with server.web() as socket:
        eve = Chatter(socket)
        await eve.enter("eve")
        flood = [asyncio.ensure_future(socket.send("nonsense")) for _ in range(300)]
        for _ in range(connection.MAX_REFUSALS):
            assert (await eve.hear())["code"] == "bad-message"
        ben.say("nobody minds")
        await ben.until("ben: nobody minds")
        await asyncio.gather(*flood)
        socket.transport.abort()


async def test_too_many_commands_are_refused_and_then_make_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "PENALTY_SECONDS", 60.0)
    async with serving(settings=HubSettings(rate_limit=1, rate_burst=10)) as server:
        eve = await server.enter("eve")
        eve.send(b"hello\n" * 1000)
        await server.enter("ben")
        heard = await eve.until("ben has joined the chat!")
        told = sum("You are too fast" in line for line in heard)
        assert 0 < told <= connection.MAX_REFUSALS


@pytest.mark.parametrize("flood", [b"\n", b" \t\r\n", b"/help\n", b"/who\n", b"x\n"])
async def test_a_flood_of_lines_takes_turns_with_the_others(server: Server, flood: bytes) -> None:
    ben, eve = await server.enter("ben"), await server.enter("eve")
    eve.send(flood * (400_000 // len(flood)))
    reading = asyncio.ensure_future(eve.reader.read())
    assert await dearest_answer(server, rounds=20) < 0.5
    eve.abort()
    await asyncio.wait([reading])
    await ben.until("eve has left the chat!")


@pytest.mark.parametrize(
    "frame",
    [
        Frame(Opcode.PING, b""),
        Frame(Opcode.PONG, b""),
        Frame(Opcode.CONT, b"", fin=False),
        Frame(Opcode.CONT, b"x", fin=False),
        Frame(Opcode.BINARY, b""),
        Frame(Opcode.TEXT, b""),
    ],
    ids=["ping", "pong", "empty fragment", "tiny fragment", "binary", "empty text"],
)
async def test_a_flood_of_tiny_frames_takes_turns_with_the_others(
    server: Server, frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PENALTY_SECONDS", 0.05)
    begin = Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True)
    eve = await server.raw_web(begin if frame.opcode is Opcode.CONT else b"")
    eve.send(frame.serialize(mask=True) * 30_000)
    reading = asyncio.ensure_future(eve.rest())
    assert await dearest_answer(server, rounds=20) < 0.5
    eve.abort()
    await reading
    await server.connections(0)


@pytest.mark.parametrize("web", [False, True], ids=["line", "web"])
async def test_who_has_to_wait_for_the_disk_is_not_read_from(
    web: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "FLUSH_SECONDS", 0.05)
    log = MemoryLog()
    async with serving(log=log) as server:
        if web:
            hello = b'{"type": "hello", "user": "eve"}'
            eve = await server.raw_web(Frame(Opcode.TEXT, hello).serialize(mask=True))
            flood = Frame(Opcode.TEXT, b'{"type": "ping"}').serialize(mask=True)
        else:
            eve = await server.line(b"eve\nGeneral\n")
            flood = b"more and more of it\n"
        await eventually(lambda: any(session.busy for session in server.hub.sessions))
        (session,) = server.hub.sessions
        eve.send(flood * 400_000)
        reading = asyncio.ensure_future(eve.rest())
        await eventually(lambda: session.outlet._paused)  # type: ignore[attr-defined]
        waiting = session.outlet
        kept = waiting._backlog if web else waiting._wire.reader._buffer  # type: ignore[attr-defined]
        assert len(kept) < 1024 * 1024
        eve.abort()
        await reading


async def test_a_thousand_commands_at_once_are_done_in_order(server: Server) -> None:
    async with server.web() as socket:
        ada = Chatter(socket)
        await ada.enter("ada")
        await ada.send(*({"type": "ping", "id": number} for number in range(1000)))
        assert [(await ada.hear())["re"] for _ in range(1000)] == list(range(1000))


async def test_connections_that_come_and_go_leave_nothing_behind(server: Server) -> None:
    for _ in range(10):
        crowd = await asyncio.gather(*(server.line(b"eve\n" * 3) for _ in range(30)))
        for client in crowd:
            client.abort()
    await server.connections(0)
    await eventually(lambda: not server.hub.sessions)
    assert len(server.hub.users) == 0


async def dearest_answer(server: Server, rounds: int) -> float:
    """The most that the loop does before somebody else has an answer, in seconds of its thread.

    Not of a clock on the wall: other programs may keep the machine busy.
    """
    async with server.web() as socket:
        chatter, worst = Chatter(socket), 0.0
        for _ in range(rounds):
            begin = time.thread_time()
            await chatter.ask("pong", type="ping")
            worst = max(worst, time.thread_time() - begin)
        return worst
