"""A reader that stops while 100,000 lines pass harms nobody, and then gets every line once."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import cast

from tests.process import ServerProcess

LINES = 100_000
MIB = 1024 * 1024
MEMORY = 48 * MIB  # what the server may grow by: the queue, the outbox, tails; not the lines


async def test_a_reader_that_stops_gets_every_line_once(tmp_path: Path) -> None:
    flags = ("--rate-limit", "0", "--durability", "process")
    with ServerProcess(tmp_path / "data", *flags) as server:
        eve_in, eve_out = await _enter(server, "eve")
        ben_in, ben_out = await _enter(server, "ben")
        before = server.memory()
        peak = before

        async def read_along() -> None:
            nonlocal peak
            for count in range(LINES):
                line = await ben_in.readuntil(b"\n")
                if count % 5000 == 0:
                    peak = max(peak, server.memory())
                assert line.endswith(b" %d\n" % count), (count, line)

        async def talk() -> None:
            for count in range(LINES):
                ben_out.write(
                    b"a line that is neither short nor long, to fill the pipes %d\n" % count
                )
                if count % 100 == 0:
                    await ben_out.drain()

        eve = cast(asyncio.Transport, eve_out.transport)
        eve.pause_reading()
        async with asyncio.timeout(100):
            async with asyncio.TaskGroup() as group:
                group.create_task(read_along())
                group.create_task(talk())
            peak = max(peak, server.memory())
            assert peak - before < MEMORY, f"grew by {(peak - before) / MIB:.0f} MiB"
            eve.resume_reading()
            expected = 0
            while expected < LINES:
                line = await eve_in.readuntil(b"\n")
                found = re.search(rb"ben: .* (\d+)\n$", line)
                if found:
                    assert int(found[1]) == expected
                    expected += 1
        for out in (ben_out, eve_out):
            out.close()


async def _enter(
    server: ServerProcess, name: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(f"{name}\nGeneral\n".encode())
    while not (await reader.readuntil(b"\n")).endswith(f"{name} has joined the chat!\n".encode()):
        pass
    return reader, writer
