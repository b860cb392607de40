"""WebSockets that are silent are pinged; those that are dead are cut off."""

from __future__ import annotations

import asyncio

from hubbub.server.options import Options
from tests.server.serving import Chatter, serving

QUICK = Options(port=0, ping_seconds=0.04, idle_seconds=0.2)
PING = b"\x89\x00"
PONG = b"\x8a\x80\0\0\0\0"


async def test_a_silent_client_is_pinged_and_cut_off_when_it_does_not_answer() -> None:
    async with serving(QUICK) as server:
        client = await server.raw_web()
        assert await client.rest() == PING, "one ping, then the end"
        await server.connections(0)


async def test_a_silent_client_that_answers_pings_stays() -> None:
    async with serving(QUICK) as server:
        client = await server.raw_web()
        for _ in range(8):
            assert await client.until_bytes(PING) == PING
            client.send(PONG)
        assert server.listener.connections == 1


async def test_a_client_of_a_library_stays() -> None:
    async with serving(QUICK) as server, server.web() as socket:
        await asyncio.sleep(0.5)
        await Chatter(socket).ask("pong", type="ping")


async def test_who_talks_is_not_pinged() -> None:
    async with serving(QUICK) as server:
        client = await server.raw_web()
        for _ in range(15):
            client.send(PONG)
            await asyncio.sleep(0.02)
        client.close()
        assert await client.rest() == b""


async def test_a_line_client_may_be_silent_for_as_long_as_it_likes() -> None:
    async with serving(QUICK) as server:
        ada = await server.enter("ada")
        web = await server.raw_web()
        await web.rest()
        ada.say("still here")
        await ada.until("ada: still here")


async def test_a_handshake_that_never_ends_is_cut_off() -> None:
    async with serving(QUICK) as server:
        client = await server.line(b"GET /ws HTTP/1.1\r\nHost: localhost\r\n")
        assert await client.rest() == b""
        await server.connections(0)
