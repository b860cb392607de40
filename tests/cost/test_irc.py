"""What clients of IRC cost: memory while they are idle, and how often something is written."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from hubbub.domain.names import RoomName
from hubbub.server.irc import IrcConnection
from tests.server.irc_client import IrcClient
from tests.server.serving import Server, eventually, serving

CROWD = Path(__file__).with_name("crowd.py")
FIRST, CLIENTS = 20, 200
MAX_BYTES = 4096
GENERAL = RoomName.parse("General")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not for Windows")


def on_uvloop(work: Coroutine[None, None, None]) -> None:
    """Servers run on that, whose connections are smaller."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


@contextmanager
def crowd(server: Server, protocol: str, count: int) -> Iterator[subprocess.Popen[bytes]]:
    """So many people in General, who say nothing; in a process of their own."""
    command = [sys.executable, str(CROWD), protocol, str(server.port), str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process


async def bytes_each(protocol: str) -> float:
    """What the server keeps of each connection that is idle in a room."""
    async with serving() as server:
        members = server.hub.rooms[GENERAL.key].state.members
        with ExitStack() as crowds:
            crowds.enter_context(crowd(server, protocol, FIRST))
            await eventually(lambda: len(members) == FIRST)
            tracemalloc.start()
            try:
                crowds.enter_context(crowd(server, protocol, CLIENTS))
                await eventually(lambda: len(members) == FIRST + CLIENTS)
                gc.collect()
                kept = tracemalloc.take_snapshot()
            finally:
                tracemalloc.stop()
        # The log is one for tests, in memory.
        own = kept.filter_traces([tracemalloc.Filter(False, "*/tests/*")])
        return sum(one.size for one in own.statistics("filename")) / CLIENTS


def test_an_idle_connection_takes_less_than_four_kib() -> None:
    async def work() -> None:
        assert await bytes_each("irc") < MAX_BYTES

    on_uvloop(work())


async def enter(server: Server, nick: str, caps: str = "", room: str = "General") -> IrcClient:
    client = await IrcClient.come(server, nick, caps)
    await client.asks(f"JOIN #{room}")
    return client


def written(server: Server) -> int:
    """How many events were written as messages of IRC."""
    assert server.context.irc is not None
    return server.context.irc.recent.made


TAGGED = "server-time message-tags"


def test_a_text_is_written_once_for_all_with_the_same_capabilities() -> None:
    """However many they are, and also for those who have said something in the same batch."""

    async def work() -> None:
        async with serving() as server:
            plain = [await enter(server, f"plain{number}") for number in range(3)]
            tagged = [await enter(server, f"tagged{number}", TAGGED) for number in range(3)]
            everybody = [*plain, *tagged]
            for client in everybody:
                await client.hears()
            before = written(server)
            for client in everybody:
                client.says("PRIVMSG #General :one", "PRIVMSG #General :two")
            for client in everybody:
                await client.hears()
            for client in everybody:
                await client.hears()
                assert sum("PRIVMSG #General :" in line for line in client.read) == 2 * 5
            assert written(server) - before == 2 * 2 * len(everybody)

    on_uvloop(work())


def test_a_quit_is_written_once_for_all_who_are_in_no_other_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone: list[str] = []
    show = IrcConnection.show

    def noting(self: IrcConnection, *details: Any) -> bytes:
        assert self.session.user is not None
        alone.append(str(self.session.user.name))
        return show(self, *details)

    async def work() -> None:
        async with serving() as server:
            clients = [await enter(server, f"somebody{number}") for number in range(4)]
            ada, ben = await enter(server, "ada"), await enter(server, "ben")
            await ada.asks("JOIN #Kitchen")
            await ben.asks("JOIN #Kitchen")
            monkeypatch.setattr(IrcConnection, "show", noting)
            before = written(server)
            ben.says("QUIT :bye")
            for client in [*clients, ada]:
                await client.until("QUIT :bye")
                assert not any("QUIT" in line for line in await client.hears())
            assert set(alone) == {"ada"}
            assert written(server) - before == 2  # in each of the two rooms

    on_uvloop(work())


def test_the_names_of_a_room_are_written_once_for_a_crowd() -> None:
    async def work() -> None:
        async with serving() as server:
            clients = [await enter(server, f"somebody{number}") for number in range(5)]
            lists = server.context.irc.lists  # type: ignore[union-attr]  # there are clients
            await clients[0].asks("NAMES #General")
            before = lists.made
            for number, client in enumerate(clients):
                await client.hears()
                told = await client.asks("NAMES #General")
                assert told[0].startswith(f":hubbub.chat 353 somebody{number} = #General :")
                assert told[0].count("somebody") == 1 + len(clients)
            assert lists.made == before
            await enter(server, "ada")
            await clients[0].hears()
            told = await clients[0].asks("NAMES #General")
            assert "ada" in told[-2]
            assert lists.made == before + 1

    on_uvloop(work())


def test_who_is_here_is_counted_without_looking_at_each() -> None:
    async def work() -> None:
        async with serving() as server:
            ada, ben = await enter(server, "ada"), await enter(server, "ben")
            stranger = await IrcClient.connect(server)
            stranger.says("CAP LS 302")
            await stranger.until("CAP")
            await ben.asks("MODE ben +i")
            await ada.hears()
            told = [line.partition(" ")[2] for line in await ada.asks("LUSERS")]
            assert told[0] == "251 ada :There are 1 users and 1 invisible on 1 servers"
            assert told[2] == "253 ada 1 :unknown connection(s)"
            ben.says("QUIT")
            await ada.until("QUIT")
            stranger.close()
            await server.sessions(1)
            told = [line.partition(" ")[2] for line in await ada.asks("LUSERS")]
            assert told[0] == "251 ada :There are 1 users and 0 invisible on 1 servers"
            assert told[2] == "253 ada 0 :unknown connection(s)"
            assert told[5] == "265 ada 1 2 :Current local users 1, max 2"

    on_uvloop(work())
