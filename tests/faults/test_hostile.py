"""Servers under attack: limits hold, memory too, and two who chat meanwhile notice nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.faults.bystander import Bystanders, bystanders, enter
from tests.faults.conftest import tls_too
from tests.faults.test_garbage import UPGRADE
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.simulation.people import frame

LONG = bool(os.environ.get("HUBBUB_LONG"))
MIB = 1024 * 1024
CROWD = 5000 if LONG else 1000
FLOOD_SECONDS = 20.0 if LONG else 2.0
NOTICED = 2.0  # seconds that a line may take at worst, on a machine with everything on it at once

pytestmark = [
    pytest.mark.skipif(
        not hasattr(resource, "prlimit"), reason="reads and limits another process, as Linux does"
    ),
    pytest.mark.timeout(300),
]

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(autouse=True)
def many_files() -> None:
    """This process needs as many sockets as the server."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 2 * CROWD:
        pytest.skip(f"only {most} files may be open here (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(most, 2 * CROWD), 20_000), most))


@pytest.fixture
async def server(tmp_path: Path, either_if_long: tuple[str, ...]) -> AsyncIterator[ServerProcess]:
    flags = ("--sessions-per-address", "0", "--name-seconds", "5", "--first-bytes-seconds", "3")
    with ServerProcess(tmp_path / "data", *flags, *either_if_long) as server:
        yield server
        assert server.stop() == 0
        assert not [line for line in server.output if "Traceback" in line], server.output


def files(server: ServerProcess) -> int:
    """How many files and sockets the server has open."""
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def sockets(server: ServerProcess) -> int:
    """How many sockets of it are open; files are those of threads that read, too, as they start."""
    found = 0
    for file in Path(f"/proc/{server.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found += str(file.readlink()).startswith("socket:")
    return found


async def until(is_so: Callable[[], bool], what: str) -> None:
    """Waits for what a closed socket brings about on the other side."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)


async def all_that_comes(reader: asyncio.StreamReader) -> bytes:
    """Until the end, which a reset may be as well."""
    got = b""
    try:
        while data := await reader.read(65536):
            got += data
    except ConnectionError:
        pass
    return got


def unnoticed(notes: Bystanders) -> None:
    assert notes.worst < NOTICED, f"a line took {notes.worst:.2f} s, mostly {notes.usual:.3f} s"


DRIPS = {
    # No characters of names: when bytes come late, a pause ends the line (segment mode).
    "a name": b"!" * 1000,
    "an HTTP head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 1000,
    "a WebSocket handshake": UPGRADE[:-2] + b"X: " + b"x" * 1000,
    "a first frame": UPGRADE + frame(1, b'{"type": "hello", "user": "' + b"e" * 1000 + b'"}'),
    "TLS": b"\x16\x03\x01\x02" + b"\0" * 1000,
}


async def test_who_sends_a_byte_now_and_then_has_no_more_time_than_the_silent(
    server: ServerProcess,
) -> None:
    """Also where each byte would begin a new time-out: the time is for all of it."""
    begun = {"a first frame": len(UPGRADE)}

    async def drip(kind: str, data: bytes) -> None:
        reader, writer = await server.connect()
        reading = asyncio.ensure_future(all_that_comes(reader))
        start = begun.get(kind, 20 if kind == "an HTTP head" else 1)
        try:
            writer.write(data[:start])
            for place in range(start, len(data)):
                if reading.done():
                    break
                writer.write(data[place : place + 1])
                await asyncio.wait((reading,), timeout=0.1)
            assert reading.done(), f"{kind} of {len(data)} bytes was waited for to its end"
        finally:
            reading.cancel()
            writer.close()

    async with bystanders(server) as notes, asyncio.TaskGroup() as group:
        for kind, data in DRIPS.items():
            for _ in range(20):
                group.create_task(drip(kind, data))
    unnoticed(notes)


@tls_too
async def test_a_body_that_drips_is_not_waited_for(server: ServerProcess) -> None:
    reader, writer = await server.connect()
    reading = asyncio.ensure_future(all_that_comes(reader))
    writer.write(b"POST /api/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n")
    for _ in range(600):
        if reading.done():
            break
        writer.write(b"x")
        await asyncio.sleep(0.1)
    assert reading.done()
    assert (await reading).startswith(b"HTTP/1.1 4")
    writer.close()


async def test_thousands_at_once_are_let_in_and_nobody_notices(server: ServerProcess) -> None:

    async def come(number: int) -> Connection:
        """Speaks at once: who is silent for a moment is greeted."""
        reader, writer = await server.connect()
        writer.write(b"crowd%d\n" % number if number % 2 else UPGRADE)
        return reader, writer

    before, opened = sockets(server), server.memory()
    async with bystanders(server) as notes:
        crowd: list[Connection] = []
        for first in range(0, CROWD, 100):
            crowd += await asyncio.gather(*(come(number) for number in range(first, first + 100)))
        for number, (reader, _) in enumerate(crowd):
            answer = await asyncio.wait_for(reader.readuntil(b"\n"), PATIENCE_SECONDS)
            if number % 2 and answer.startswith(b"Welcome"):  # what was said came late
                answer = await asyncio.wait_for(reader.readuntil(b"\n"), PATIENCE_SECONDS)
            assert answer in (b"Available rooms:\n", b"HTTP/1.1 101 Switching Protocols\r\n"), (
                number
            )
        grown = server.memory() - opened
        assert grown < CROWD * 40 * 1024, f"{grown / CROWD:.0f} bytes for each"
        for _, writer in crowd:
            writer.transport.abort()
        await until(lambda: sockets(server) <= before + 4, "connections are left behind")
    unnoticed(notes)


@tls_too
@pytest.mark.parametrize("words", [b"", b"eve\nGeneral\n", UPGRADE], ids=["none", "line", "web"])
async def test_a_flood_of_connections_leaves_nothing_behind(
    server: ServerProcess, words: bytes
) -> None:
    before = sockets(server)

    async def flood() -> int:
        count = 0
        while time.monotonic() < end:
            _, writer = await server.connect()
            writer.write(words)
            writer.transport.abort()
            count += 1
        return count

    async with bystanders(server) as notes:
        end = time.monotonic() + FLOOD_SECONDS / 4
        await asyncio.gather(*(flood() for _ in range(8)))
        first = server.memory()
        end = time.monotonic() + FLOOD_SECONDS
        count = sum(await asyncio.gather(*(flood() for _ in range(8))))
        await until(lambda: sockets(server) <= before + 4, "connections are left behind")
    assert count > 100
    assert server.memory() - first < 24 * MIB
    unnoticed(notes)


async def test_one_address_has_so_many_connections_and_no_more(tmp_path: Path) -> None:
    # This computer has twice as many.
    flags = ("--sessions-per-address", "10", "--sessions", "100", "--connect-rate-limit", "0")
    with ServerProcess(tmp_path / "data", *flags) as server:
        async with bystanders(server) as notes:  # two of the twenty
            mine = [await enter(server, f"eve{number}", "Elsewhere") for number in range(18)]
            for _ in range(30):
                reader, writer = await server.connect()
                answer = await all_that_comes(reader)
                assert answer in (
                    b"",
                    b"There are 20 connections from your address already. Close one first.\n",
                )
                writer.close()
            mine[0][1].write(b"exit\n")
            await all_that_comes(mine[0][0])
            reader, writer = await enter(server, "eve", "Elsewhere")
            writer.close()
            for _, writer in mine:
                writer.close()
        unnoticed(notes)


async def test_a_server_without_a_file_left_goes_on_and_takes_connections_again(
    server: ServerProcess,
) -> None:
    """EMFILE: what is open is served, what comes is let go or waits, and no time is burnt."""
    reader, writer = await server.connect()
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    # HTTP is loaded by a thread of its own. If that opened a file in the very moment in which
    # libuv has given away its spare one, libuv would ask again and again until one is free.
    assert (await all_that_comes(reader)).startswith(b"HTTP/1.1 200")
    writer.close()
    async with bystanders(server) as notes:
        _, most = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (files(server) + 20, most))
        crowd = [await asyncio.open_connection(*server.address) for _ in range(100)]
        lines = len(notes.delays)
        burnt = _cpu_seconds(server)
        await asyncio.sleep(1)
        assert len(notes.delays) > lines, "the chat goes on"
        assert _cpu_seconds(server) - burnt < 0.9, "it tries again and again"
        for _, writer in crowd:
            writer.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    _, writer = await enter(server, f"eve{random.randint(0, 10**6)}", "Elsewhere")
                    break
                except (ConnectionError, asyncio.IncompleteReadError):
                    await asyncio.sleep(0.1)
            writer.close()
    unnoticed(notes)


def _cpu_seconds(server: ServerProcess) -> float:
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _nested(depth: int) -> bytes:
    return b'{"type": "say", "room": ' + b"[" * depth + b"]" * depth + b', "text": "x"}'


FRAMES = (
    _nested(15_000),
    b'{"type": "say", "id": ' + b"9" * 30_000 + b"}",
    b'{"type": "say", "room": "General", "text": "' + b"\\u0000" * 5000 + b'"}',
    b'{"type": "say", "room": "General", "text": "' + b"\\ud800" * 5000 + b'"}',
    b'{"' + b"a" * 30_000 + b'": 1}',
    b"{" + b",".join(b'"%d": 1' % n for n in range(3000)) + b"}",
    json.dumps({"type": "hello", "user": "\u0301" * 5000}).encode(),
    json.dumps({"type": "join", "room": "\N{FAMILY}" * 5000}, ensure_ascii=False).encode(),
)


@tls_too
async def test_oversized_and_nested_frames_cost_only_their_sender(server: ServerProcess) -> None:
    async def attack() -> None:
        reader, writer = await server.connect()
        reading = asyncio.ensure_future(all_that_comes(reader))
        writer.write(UPGRADE)
        for data in FRAMES:
            writer.write(frame(1, data))
        writer.write(frame(1, b'{"type": "ping", "id": "alive"}') + frame(8, b"\x03\xe8"))
        answers = await asyncio.wait_for(reading, PATIENCE_SECONDS)
        assert answers.count(b'"type":"error"') == len(FRAMES)
        assert b'{"type":"pong","re":"alive"}' in answers
        writer.close()

    before = server.memory()
    async with bystanders(server) as notes:
        for _ in range(3):
            await asyncio.gather(*(attack() for _ in range(20)))
    assert server.memory() - before < 64 * MIB
    unnoticed(notes)


@tls_too
async def test_a_text_of_many_lines_is_no_lever(server: ServerProcess) -> None:
    """Each line of a text is shown with its speaker to who reads lines; so they are counted."""
    before = server.memory()
    async with bystanders(server) as notes:
        listeners = [await enter(server, f"reader{number}", "Loud") for number in range(20)]
        reading = [asyncio.ensure_future(all_that_comes(reader)) for reader, _ in listeners]
        reader, writer = await server.connect()
        answers = asyncio.ensure_future(all_that_comes(reader))
        writer.write(UPGRADE + frame(1, b'{"type": "hello", "user": "eve"}'))
        writer.write(frame(1, b'{"type": "join", "room": "Loud"}'))
        for lines in [200] * 40 + [2000]:
            say = {"type": "say", "room": "Loud", "text": "a\n" * (lines - 1) + "a"}
            writer.write(frame(1, json.dumps(say).encode()))
        writer.write(frame(1, b'{"type": "ping"}') + frame(8, b"\x03\xe8"))
        answered = await asyncio.wait_for(answers, PATIENCE_SECONDS)
        assert answered.count(b'"ack"') == 40
        assert answered.count(b'"text-too-long"') == 1
        assert b'"pong"' in answered
        writer.close()
        for _, listener in listeners:
            listener.write_eof()
        shown = sum(map(len, await asyncio.wait_for(asyncio.gather(*reading), PATIENCE_SECONDS)))
        for _, listener in listeners:
            listener.close()
    assert shown < len(listeners) * 40 * 4 * 4000, "not much more than texts of full length"
    assert server.memory() - before < 64 * MIB
    unnoticed(notes)
