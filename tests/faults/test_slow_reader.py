"""Readers that stop while 100,000 lines pass harm nobody, and then get every line once."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.conftest import LONG
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.stopwatch import Stopwatch

READERS = 500 if LONG else 20
LINES = 100_000 if LONG else 40_000
WORDS = b"a line that is neither short nor long, to fill the pipes of those who do not read "
RECEIVED_BYTES = 16 * 1024  # that the kernel takes for one who does not read
MIB = 1024 * 1024
MEMORY = 48 * MIB  # what the server may grow by: the queue, tails, pages; not the lines
MEMORY_OF_A_READER = 192 * 1024  # its outbox, and what it was being given when that was full
# Half of what a person in another room says is heard sooner; what others take of the processor
# does not count.
QUIET_SECONDS = 0.25
BEGIN = b" ada: begin\n"


class Story:
    """What everybody is to be shown after the beginning, as one who reads along was shown it."""

    def __init__(self) -> None:
        self.told = bytearray()


class Reader(asyncio.Protocol):
    """Somebody who stops reading when the story begins; compares it byte by byte later."""

    def __init__(self, name: str, story: Story) -> None:
        self.entered = asyncio.Event()
        self.begun = asyncio.Event()
        self.done = asyncio.Event()
        self.lost = asyncio.Event()
        self.problem = ""
        self.place = 0
        self._name = name
        self._story = story
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(f"{self._name}\nGeneral\n".encode())

    def data_received(self, data: bytes) -> None:
        if not self.begun.is_set():
            self._head += data
            if f" {self._name} has joined the chat!\n".encode() in self._head:
                self.entered.set()
            _, begin, data = self._head.partition(BEGIN)
            if not begin:
                return
            self._head = data  # to be compared when there is something to compare it with
            self.transport.pause_reading()
            self.begun.set()
            return
        self.compare(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()

    def read_on(self) -> None:
        self.compare()
        self.transport.resume_reading()

    def compare(self, data: bytes = b"") -> None:
        """Compares ``data``, and what is waiting from before, with the story so far."""
        self._head += data
        known = self._story.told[self.place : self.place + len(self._head)]
        if not self._head.startswith(known):
            self.problem = f"{self._name} at byte {self.place}: {self._head[:200]!r}"
            self.done.set()
            return
        self.place += len(known)
        self._head = self._head[len(known) :]
        if self.place == len(self._story.told):
            self.done.set()


class Visitor:
    """Somebody in another room, who talks alone and notes how long it takes."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: ServerProcess
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self.seconds: list[float] = []

    async def talk(self) -> None:
        while True:
            watch = Stopwatch(self._server.pid)
            self._writer.write(b"hello?\n")
            await self._reader.readuntil(b": hello?\n")
            self.seconds.append(watch.seconds)
            await asyncio.sleep(0.01)

    def close(self) -> None:
        self._writer.close()

    @contextlib.asynccontextmanager
    async def talking(self) -> AsyncIterator[None]:
        """Talks during the block; ``seconds`` are those of this time then."""
        self.seconds = []
        task = asyncio.create_task(self.talk())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait((task,))

    def figures(self) -> str:
        """Milliseconds: the median, the 99th percentile, and the longest."""
        cuts = quantiles(self.seconds, n=100)
        figures = (median(self.seconds), cuts[98], max(self.seconds))
        return "p50 {:.1f} ms, p99 {:.1f} ms, longest {:.0f} ms".format(
            *(1000 * f for f in figures)
        )


@pytest.mark.slow
@pytest.mark.timeout(1500 if LONG else 300)
async def test_readers_that_stop_get_every_line_once(
    tmp_path: Path, either: tuple[str, ...]
) -> None:
    """Its figures: ``pytest -rP``."""
    flags = ("--rate-limit", "0", "--durability", "process", "--sessions-per-address", "0")
    with ServerProcess(tmp_path / "data", *flags, *either) as server:
        ada_in, ada_out = await enter(server, "ada", "General")
        dan = Visitor(*await enter(server, "dan", "Kitchen"), server)
        story = Story()
        readers = [await stand_by(server, f"reader{n}", story) for n in range(READERS)]
        before = server.memory()
        ada_out.write(b"begin\n")
        await ada_in.readuntil(BEGIN)
        for reader in readers:
            await asyncio.wait_for(reader.begun.wait(), PATIENCE_SECONDS)

        peak = 0
        async with dan.talking(), asyncio.TaskGroup() as group:
            group.create_task(talk(ada_out))
            for number in range(LINES):
                line = await ada_in.readuntil(b"\n")
                assert line.endswith(b" %d\n" % number), (number, line)
                story.told += line
                if number % 5000 == 0:
                    peak = max(peak, server.memory())
        peak = max(peak, server.memory()) - before
        figure("grown", f"{peak / MIB:.0f} MiB")
        figure("while they stand still", dan.figures())
        assert peak < MEMORY + READERS * MEMORY_OF_A_READER, f"grew by {peak / MIB:.0f} MiB"
        assert median(dan.seconds) < QUIET_SECONDS, dan.figures()
        assert await asyncio.to_thread(stalls, server) >= READERS, "they have not stood still"

        began = time.perf_counter()
        async with dan.talking(), asyncio.timeout(1200 if LONG else PATIENCE_SECONDS):
            for reader in readers:
                reader.read_on()
            for reader in readers:
                await reader.done.wait()
                assert not reader.problem, reader.problem
        figure("while they catch up", dan.figures())
        figure("caught up in", f"{time.perf_counter() - began:.1f} s")
        assert median(dan.seconds) < QUIET_SECONDS, dan.figures()

        ada_out.write(b"the end\n")
        story.told += await ada_in.readuntil(b"the end\n")
        for reader in readers:
            reader.done.clear()
            reader.compare()
        for reader in readers:
            await asyncio.wait_for(reader.done.wait(), PATIENCE_SECONDS)
            assert not reader.problem, reader.problem
            reader.transport.abort()
            await reader.lost.wait()
        ada_out.close()
        dan.close()


async def enter(
    server: ServerProcess, name: str, room: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await server.connect()
    writer.write(f"{name}\n{room}\n".encode())
    await reader.readuntil(f" {name} has joined the chat!\n".encode())
    return reader, writer


async def stand_by(server: ServerProcess, name: str, story: Story) -> Reader:
    """Connects one for whom the kernel keeps little."""
    pipe = socket.socket()
    pipe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_BYTES)
    pipe.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(pipe, server.address)
    _, reader = await loop.create_connection(
        lambda: Reader(name, story),
        sock=pipe,
        ssl=server.tls,
        server_hostname="127.0.0.1" if server.tls else None,
    )
    await asyncio.wait_for(reader.entered.wait(), PATIENCE_SECONDS)
    return reader


async def talk(out: asyncio.StreamWriter) -> None:
    for number in range(LINES):
        out.write(b"%s%d\n" % (WORDS, number))
        if number % 100 == 0:
            await out.drain()


def figure(name: str, value: str) -> None:
    sys.stdout.write(f"{READERS} readers, {LINES:,} lines: {name}: {value}\n")


def stalls(server: ServerProcess) -> int:
    """How often the server has found somebody's outbox full."""
    host, port = server.address
    scheme = "https" if server.tls else "http"
    with urllib.request.urlopen(
        f"{scheme}://{host}:{port}/metrics", timeout=PATIENCE_SECONDS, context=server.tls
    ) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("hubbub_stalls"):
                return int(float(line.split()[-1]))
    raise AssertionError("the server tells no stalls")
