"""A server with ten thousand rooms, for programs, for netcat and for scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.client import connect
from tests.many_rooms import MANY, fill, names
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.terminal.scripting import Commands

MORE = f"More: /rooms more, or a part of a name: /rooms WORD. There are {MANY:,} rooms."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("many") / "data"
    fill(folder, names())
    with ServerProcess(folder) as server:
        yield server


async def test_a_program_goes_through_all_of_them(server: ServerProcess) -> None:
    async with connect(f"127.0.0.1:{server.port}", user="ada") as ada:
        page = await ada.list_rooms()
        found = [room.name for room in page.rooms]
        while page.next is not None:
            page = await ada.list_rooms(after=page.next)
            found += [room.name for room in page.rooms]
        assert len(found) == MANY == page.total
        assert set(found) == set(names())
        assert [room.name for room in await ada.rooms("NADU xa")] == ["Xanadu"]


async def test_where_one_was_is_in_the_shortest_list(server: ServerProcess) -> None:
    async with connect(f"127.0.0.1:{server.port}", user="eve") as eve:
        await eve.join("Xanadu")
        await eve.say("Xanadu", "hello")
        await eve.leave("Xanadu")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (page := await eve.list_rooms(limit=2)).rooms[0].name == "Xanadu":
                await eve.ping()  # her leaving is being saved
        assert [room.name for room in page.rooms] == ["General", "room0", "Xanadu"]
        assert page.rooms[-1].unread == 0


async def test_netcat_sees_fifty_at_a_time(server: ServerProcess) -> None:
    reader, writer = await asyncio.open_connection(*server.address)
    try:
        writer.write(b"ben\n/rooms more\n/rooms XANA\nexit\n")
        lines = (await reader.read()).decode().splitlines()
    finally:
        writer.close()
    lists = [place for place, line in enumerate(lines) if line == "Available rooms:"]
    assert [lines[place + 51] for place in lists[:2]] == [MORE, MORE]
    assert lines[lists[2] + 1] == "  Xanadu (0 users)"


def test_scripts_speak_and_listen_in_any_of_them(server: ServerProcess, tmp_path: Path) -> None:
    commands = Commands(server, tmp_path)
    assert commands.run("send", "room9876", "hi").code == 0
    assert "hi" in commands.run("tail", "room9876").out
