"""What Python, uvloop and SQLite allow at all: a room that saves each text and sends it to all.

It has no names, no rules, no history and no limits, and takes what a load generator sends for
granted. Run as a program, its arguments are a port, a database file, and ``full`` or ``process``.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import cast

from benchmarks import processes
from benchmarks.servers.listening import Server, free_port, wait_until_open

ROOT = Path(__file__).parents[2]

TABLE = (
    "CREATE TABLE events (id INTEGER PRIMARY KEY, room_id INTEGER, seq INTEGER, at INTEGER,"
    " by TEXT, text TEXT, UNIQUE (room_id, seq))"
)
INSERT = "INSERT INTO events (room_id, seq, at, by, text) VALUES (1, ?, ?, ?, ?)"
Line = tuple[bytes, bytes]
"""Who, and what behind the name."""


@contextmanager
def bare(processor: int, folder: Path, durability: str) -> Iterator[Server]:
    """Serves on a new database in ``folder`` until the block ends."""
    port = free_port()
    folder.mkdir()
    arguments = (str(port), str(folder / "bare.db"), durability)
    process = processes.start(
        (sys.executable, "-m", "benchmarks.servers.bare", *arguments), processor, folder=ROOT
    )
    with processes.running(process):
        wait_until_open(process, port)
        yield Server(process, port, "line")


class Room:
    """All who are there, and the database. With ``process`` it commits where it stands."""

    def __init__(self, path: str, durability: str) -> None:
        self.writes: dict[asyncio.Protocol, Callable[[bytes], None]] = {}
        self._loop = asyncio.get_running_loop()
        self._numbers = count(1)
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        in_place = durability == "process"
        self._database.execute(f"PRAGMA synchronous = {'NORMAL' if in_place else 'FULL'}")
        self._database.execute(TABLE)
        self._queue: SimpleQueue[Line] = SimpleQueue()
        self.say: Callable[[Line], None] = self._in_place if in_place else self._queue.put
        Thread(target=self._save_gathered, daemon=True).start()

    def _in_place(self, line: Line) -> None:
        self._save([line])
        self._tell([line])

    def _save_gathered(self) -> None:
        while True:
            lines = [self._queue.get()]
            while not self._queue.empty():
                lines.append(self._queue.get())
            self._save(lines)
            self._loop.call_soon_threadsafe(self._tell, lines)

    def _save(self, lines: Sequence[Line]) -> None:
        database = self._database
        if len(lines) > 1:
            database.execute("BEGIN")
        for by, text in lines:
            database.execute(INSERT, (next(self._numbers), 0, by, text))
        if len(lines) > 1:
            database.execute("COMMIT")

    def _tell(self, lines: Sequence[Line]) -> None:
        data = b"".join([b"[2023-07-30 15:00:05] %b%b\n" % line for line in lines])
        for write in self.writes.values():
            write(data)


class Member(asyncio.Protocol):
    """One connection: its first line is a name, its second one the room."""

    __slots__ = ("_name", "_room", "_say", "_started", "_transport")

    def __init__(self, room: Room) -> None:
        self._room = room
        self._say = room.say
        self._started = b""
        self._name = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        *lines, self._started = (self._started + data).split(b"\n")
        for line in lines:
            if self in self._room.writes:
                self._say((self._name, b": " + line))
            elif not self._name:
                self._name = line
                self._transport.write(b"Available rooms:\n")
            else:
                self._room.writes[self] = self._transport.write
                self._transport.write(b"Welcome to room %b!\n" % line)
                self._say((self._name, b" has joined the chat!"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._room.writes.pop(self, None)


async def _serve(port: int, path: str, durability: str) -> None:
    loop = asyncio.get_running_loop()
    room = Room(path, durability)
    server = await loop.create_server(lambda: Member(room), "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(int(sys.argv[1]), *sys.argv[2:]))
