"""Five hundred people at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hubbub.hub.access import ANYBODY
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from hubbub.server.options import Options
from hubbub.storage.log import SqlLog
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import Server, eventually, serving

CROWD = 500
HELLO = b" says hello\n"


async def test_five_hundred_come_at_once_hear_each_other_and_go(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path, durability="process")
    options, settings = (
        Options(port=0, sessions_per_address=0),
        HubSettings(history_on_join=ALL_HISTORY, sessions_per_address=0),
    )
    async with serving(options, settings, log) as server:
        heard = await asyncio.gather(*(visit(server, number) for number in range(CROWD)))
        for log_of_one in heard:
            assert log_of_one.count(HELLO) == CROWD
        await server.connections(0)
        await eventually(lambda: server.hub.room_list(ANYBODY).rooms[0].users == 0)
        (room,) = server.hub.room_list(ANYBODY).rooms
        events = await log.read("general", 0, room.head)
        assert len(events) == room.head == 3 * CROWD, "a join, a text and a leave of each"
        assert [event.seq for event in events] == list(range(1, room.head + 1))
    await log.close()


async def visit(server: Server, number: int) -> bytes:
    """Comes in, says one thing, hears everyone, and goes; returns all that was heard."""
    client = await server.line(f"guest{number}\nGeneral\n{number} says hello\n".encode())
    heard, hellos = bytearray(), 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while hellos < CROWD:
            heard += await client.reader.readuntil(b"\n")
            hellos += heard.endswith(HELLO)
    client.say("exit")
    return bytes(heard) + await client.rest()
