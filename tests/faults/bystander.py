"""Somebody who chats in peace while others attack: what they notice of it is measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.stopwatch import Stopwatch

PAUSE_SECONDS = 0.11  # the rate limit is for all: ten lines a second


@dataclass
class Bystanders:
    """Ada and ben: ada talks, both listen. ``delays`` in seconds, until ben has ada's line."""

    delays: list[float] = field(default_factory=list)

    @property
    def worst(self) -> float:
        """The longest that a line took."""
        return max(self.delays)

    @property
    def usual(self) -> float:
        """What a line took in the middle of all."""
        return sorted(self.delays)[len(self.delays) // 2]


@asynccontextmanager
async def bystanders(server: ServerProcess) -> AsyncIterator[Bystanders]:
    """Two who chat until the block ends; every line must come to both, in order, once."""
    ada_in, ada_out = await enter(server, "ada")
    ben_in, ben_out = await enter(server, "ben")
    await _hear(ada_in, b"ben has joined the chat!\n")
    notes, over = Bystanders(), False

    async def chat() -> None:
        while not over:
            watch, line = Stopwatch(server.pid), b"line %d\n" % len(notes.delays)
            ada_out.write(line)
            for reader in (ben_in, ada_in):
                assert await _next(reader) == b"ada: " + line
            notes.delays.append(watch.seconds)
            await asyncio.sleep(PAUSE_SECONDS)

    talking = asyncio.ensure_future(chat())
    try:
        yield notes
        over = True
        await talking
        assert notes.delays
    finally:
        talking.cancel()
        for writer in (ada_out, ben_out):
            writer.close()


async def enter(
    server: ServerProcess, name: str, room: str = "Peace"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Somebody with netcat who is in the room."""
    reader, writer = await server.connect()
    try:
        writer.write(f"{name}\n{room}\n".encode())
        await _hear(reader, f"{name} has joined the chat!\n".encode())
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def _hear(reader: asyncio.StreamReader, end: bytes) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (await reader.readuntil(b"\n")).endswith(end):
            pass


async def _next(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return (await reader.readuntil(b"\n")).partition(b"] ")[2]
