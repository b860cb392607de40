"""A client that ends its side, as `printf … | nc` does, gets all that it has asked for."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.hub import catchup
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from hubbub.server.options import Options
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.server.serving import LineClient, Server, eventually, serving
from tests.server.test_websocket import HELLO, JOIN, close, frames, text


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    settings = HubSettings(rate_limit=0, history_on_join=ALL_HISTORY)
    async with serving(Options(port=0, outbox_bytes=65536), settings, http=True) as server:
        yield server


async def past(server: Server, *texts: str) -> None:
    """Things that were said, by somebody who is gone: nothing of it is in memory."""
    ada = await server.enter("ada")
    for one in texts:
        ada.say(one)
    ada.say("exit")
    await ada.rest()


def exchange(address: tuple[str, int], sent: bytes) -> str:
    """What netcat prints that is given ``sent`` and then nothing more."""
    with socket.create_connection(address, timeout=PATIENCE_SECONDS) as netcat:
        netcat.sendall(sent)
        netcat.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: netcat.recv(65536), b"")).decode()


@pytest.mark.parametrize("end", ["", "exit\n"])
async def test_who_only_enters_and_is_gone_is_shown_the_history(server: Server, end: str) -> None:
    await past(server, "one", "two")
    eve = await server.line(f"eve\nGeneral\n{end}".encode())
    eve.end()
    told = (await eve.rest()).decode().splitlines()
    assert [line.rpartition("] ")[2] for line in told] == [
        "Available rooms:",
        "  General (0 users)",
        "Welcome to room General!",
        "ada has joined the chat!",
        "ada: one",
        "ada: two",
        "ada has left the chat!",
        "eve has joined the chat!",
    ]
    ben = await server.line(b"ben\n")
    assert await ben.lines(2) == ["Available rooms:", "  General (0 users)"]


def test_history_from_before_a_restart_is_shown_to_netcat(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as process:
        exchange(("127.0.0.1", process.port), b"ada\nGeneral\nhello\nhow are you?\nexit\n")
        process.kill()
        process.start()
        asked = b"eve\nGeneral\n/history 2\n/search hello\n"
        told = exchange(process.address, asked)
        found = told
        while "No more." not in found:  # search follows the log by a moment
            assert "Nothing found." in found
            found = exchange(process.address, asked)
    # The log is read for those who come and for who asks at the same time: either may be first.
    events = [line.partition("] ")[2] for line in told.splitlines() if line.startswith("[")]
    texts = [event for event in events if event.startswith("ada: ")]
    assert texts == ["ada: hello", "ada: how are you?"]
    lines = [line.rpartition("] ")[2] for line in told.splitlines()]
    begin = lines.index("The last 2 of General:") + 1
    assert lines[begin : begin + 2] == ["ada has left the chat!", "eve has joined the chat!"]


def take_little(client: LineClient) -> None:
    """Or the system may take all that a client does not."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)


async def test_a_long_history_is_given_at_the_pace_of_who_takes_it(server: Server) -> None:
    await past(server, *("x" * 3000 for _ in range(300)))  # more than an outbox holds here
    eve = await server.line(b"eve\nGeneral\n")
    eve.end()
    assert (await eve.rest()).count(b"ada: xxx") == 300


async def test_who_takes_nothing_is_cut_off_all_the_same(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catchup, "PARTING_SECONDS", 0.0)
    await past(server, *("x" * 3000 for _ in range(2000)))
    eve = await server.line()
    take_little(eve)
    await server.connections(1)
    eve.send(b"eve\nGeneral\n")
    eve.end()
    # The server's own clock may have cut it off before we look.
    connections = server.context.admission
    await eventually(
        lambda: not len(connections) or any(one.leaving for one in server.hub.sessions)
    )
    server.hub.tick()
    server.hub.tick()
    await server.sessions(0)


async def test_what_was_said_before_a_close_frame_is_answered(server: Server) -> None:
    await past(server, "one")
    asked = text({"type": "history", "room": "General", "id": 5})
    eve = await server.raw_web(HELLO + JOIN + asked + close())
    told = [json.loads(data) for opcode, data in await frames(eve) if opcode == 1]
    kinds = [one["type"] for one in told]
    assert kinds.index("joined") < kinds.index("history")
    assert any("one" in json.dumps(one) for one in told if one["type"] == "events")


async def test_a_goodbye_counts_though_the_connection_is_lost_before_all_was_given(
    server: Server,
) -> None:
    await past(server, *("x" * 3000 for _ in range(2000)))
    eve = await server.raw_web()
    take_little(eve)
    eve.send(HELLO + JOIN + text({"type": "bye"}))
    await eventually(lambda: any(one.leaving for one in server.hub.sessions))
    eve.abort()
    await server.sessions(0)
    again = await server.raw_web(HELLO)  # the name is free: nobody has to prove anything
    assert b'"welcome"' in await again.until_bytes(b'"type":"') + await again.until_bytes(b'"')


@pytest.mark.parametrize("count", [1, 2, 20])
async def test_all_requests_that_came_at_once_are_answered(server: Server, count: int) -> None:
    await past(server, "one")
    request = b"GET /api/rooms/General/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    told = await asyncio.to_thread(exchange, server.address, request * count)
    assert told.count("HTTP/1.1 200 ") == count


async def test_a_part_of_a_request_behind_whole_ones_is_told(server: Server) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    told = await asyncio.to_thread(exchange, server.address, request * 2 + request[:20])
    assert [part[:3] for part in told.split("HTTP/1.1 ")[1:]] == ["200", "200", "400"]
