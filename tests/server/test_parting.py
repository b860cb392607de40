"""Closed means gone: a connection that its user ends is closed when the leave is on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.hub.access import ANYBODY
from tests.memorylog.log import MemoryLog
from tests.server.serving import Server, eventually, serving
from tests.server.test_websocket import HELLO, JOIN, close, frames, text


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


def farewell(how: str) -> bytes:
    frames = {"bye": text({"type": "bye"}), "close": close()}
    return b"".join(frames[one] for one in how.split(", "))


def members(server: Server) -> int:
    return next(
        room.users for room in server.hub.room_list(ANYBODY).rooms if room.name == "General"
    )


@pytest.mark.parametrize("last", [b"exit\n", b"exit\n" + b"more\n" * 1000, b"/quit\n"])
async def test_who_looks_after_an_exit_finds_nobody(server: Server, last: bytes) -> None:
    for _ in range(20):
        ada = await server.enter("ada")
        ada.send(last)
        await ada.rest()
        assert members(server) == 0
        ben = await server.line(b"ben\n")
        assert await ben.lines(2) == ["Available rooms:", "  General (0 users)"]
        ben.abort()


@pytest.mark.parametrize("how", ["bye", "bye, close", "close", "close, close"])
async def test_who_looks_after_a_close_finds_nobody(server: Server, how: str) -> None:
    for _ in range(20):
        ada = await server.raw_web(HELLO + JOIN)
        await eventually(lambda: members(server) == 1)
        ada.send(farewell(how))
        opcode, _ = (await frames(ada))[-1]
        assert opcode == 8
        assert members(server) == 0


@pytest.mark.parametrize("how", ["bye", "close"])
async def test_the_close_comes_though_the_disk_does_not_answer(how: str) -> None:
    log = MemoryLog()
    async with serving(log=log) as server:
        ada = await server.raw_web(HELLO)
        await eventually(lambda: log.waiting > 0)
        log.commit()
        ada.send(JOIN)
        await eventually(lambda: log.waiting > 0)
        log.commit()
        ada.send(farewell(how))
        assert (await frames(ada))[-1][0] == 8
        assert members(server) == 1
        log.commit()
