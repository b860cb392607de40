"""Clients of IRC while a server hands over to another process, or ends: they are told, and what
they were shown as said is there once.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.handing import HandingServer
from tests.faults.people import read_log
from tests.patience import PATIENCE_SECONDS

pytestmark = [
    pytest.mark.slow,  # each process imports everything
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

FLAGS = ("--rate-limit", "0", "--sessions-per-address", "0", "--durability", "process")
RESTARTS = "ERROR :Closing link: The server restarts"
BURST = 20
HAND_OVERS = 2


class Talker:
    """Says numbered texts in #t, a few at once, and comes back whenever the connection ends.

    ``shown``: those that came back as said. ``unanswered``: those of which nothing was told before
    the end of the connection. ``last``: the last words of each connection.
    """

    def __init__(self, port: int, name: str) -> None:
        self._port = port
        self._name = name
        self._number = 0
        self.shown: list[str] = []
        self.unanswered: list[str] = []
        self.last: list[str] = []
        self.talking = True
        self.progress = asyncio.Condition()

    async def live(self) -> None:
        while self.talking:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            waiting: list[str] = []
            try:
                async with asyncio.timeout(3 * PATIENCE_SECONDS):
                    await self._talk(reader, writer, waiting)
            except ConnectionError:
                self.last.append("reset")
            finally:
                self.unanswered += waiting
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()

    async def more(self, count: int) -> None:
        """Waits until so many more texts have come back."""
        goal = len(self.shown) + count
        async with self.progress:
            await self.progress.wait_for(lambda: len(self.shown) >= goal)

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: list[str]
    ) -> None:
        hello = f"CAP REQ echo-message\r\nNICK {self._name}\r\nUSER x 0 * :X\r\nCAP END\r\nJOIN #t"
        writer.write(f"{hello}\r\n".encode())
        line = here = ""
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            source, command, *_ = line.split(" ")
            if source == "ERROR":
                self.last.append(line)
            elif command == "433":
                await asyncio.sleep(0.05)
                writer.write(f"NICK {self._name}\r\n".encode())
            elif command == "366":
                here = line
            elif command == "PRIVMSG" and source.startswith(f":{self._name}!"):
                text = line.rpartition(" :")[2]
                waiting.remove(text)
                async with self.progress:
                    self.shown.append(text)
                    self.progress.notify_all()
            if here and not waiting:
                if not self.talking:
                    return
                for _ in range(BURST):
                    waiting.append(f"{self._name} says {self._number}")
                    self._number += 1
                    writer.write(f"PRIVMSG #t :{waiting[-1]}\r\n".encode())


async def said_at(server: HandingServer) -> Counter[str]:
    log = await read_log(server.url, "t")
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    said = Counter(event["text"] for event in log if event["kind"] == "said")
    assert set(said.values()) == {1}, "a text is in the log twice"
    return said


def compare(talkers: list[Talker], said: Counter[str]) -> None:
    """What was shown is there; and what was not, its author may say again."""
    for talker in talkers:
        assert all(said[text] == 1 for text in talker.shown)
        assert not [text for text in talker.unanswered if said[text]], talker.last
    assert sum(said.values()) == sum(len(talker.shown) for talker in talkers)


async def test_what_was_shown_is_there_and_what_was_not_may_be_said_again(tmp_path: Path) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        talkers = [Talker(server.port, name) for name in ("ada", "ben", "eve")]
        async with asyncio.TaskGroup() as group:
            for talker in talkers:
                group.create_task(talker.live())
            for _ in range(HAND_OVERS):
                for talker in talkers:
                    await talker.more(3 * BURST)
                await asyncio.to_thread(server.hand_over)
            for talker in talkers:
                await talker.more(BURST)
            for talker in talkers:
                talker.talking = False
        compare(talkers, await said_at(server))
        for talker in talkers:
            # What is on its way when the server closes resets the connection, maybe too early.
            assert len(talker.last) >= HAND_OVERS
            words = [one for one in talker.last if one != "reset"]
            assert all(one.startswith(RESTARTS) for one in words)


async def test_who_listens_is_told_and_comes_back_into_the_same_room(tmp_path: Path) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"NICK eve\r\nUSER e 0 * :E\r\nJOIN #t\r\nPRIVMSG #t :before\r\nPING x\r\n")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while b"PONG" not in await reader.readline():
                pass
        await asyncio.to_thread(server.hand_over)
        last = (await reader.read()).decode()
        assert last.startswith(RESTARTS)
        assert last.endswith("\r\n")
        writer.close()
        await writer.wait_closed()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"NICK eve\r\nUSER e 0 * :E\r\nJOIN #t\r\nPING x\r\n")
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not lines or "PONG" not in lines[-1]:
                lines.append((await reader.readline()).decode())
        assert any(" 001 eve " in line for line in lines), "the name is hers again"
        assert any("before" in line for line in lines)
        writer.close()
        await writer.wait_closed()


async def test_who_is_there_when_it_ends_is_told_so(tmp_path: Path) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        talkers = [Talker(server.port, name) for name in ("ada", "ben")]
        async with asyncio.TaskGroup() as group:
            for talker in talkers:
                group.create_task(talker.live())
            for talker in talkers:
                await talker.more(3 * BURST)
            for talker in talkers:
                talker.talking = False
            server.ask(signal.SIGTERM)
            await asyncio.to_thread(server.died)
        for talker in talkers:
            assert len(talker.last) <= 1
            assert all(one.startswith("ERROR :") for one in talker.last if one != "reset")
        server.start()
        compare(talkers, await said_at(server))
