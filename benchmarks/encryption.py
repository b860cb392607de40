"""What TLS costs a server: `python -m benchmarks.encryption`. Linux.

Handshakes, deliveries, and the memory of idle connections: without TLS, with it, and with stunnel
before the plain port. Figures are of processor time, so that clients, which are in this process,
and other programs do not count; and they belong into docs/performance.md by hand.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

READERS = 200
TEXTS = 500
PAUSE_SECONDS = 0.01  # between two texts: each is delivered by itself
HANDSHAKES = 1000
IDLE = 1000
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
KIB = 1024


class Program:
    """One process that is measured."""

    def __init__(self, pid: int) -> None:
        self._at = Path(f"/proc/{pid}")

    def seconds(self) -> float:
        """Of processor time so far."""
        fields = (self._at / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Resident bytes."""
        return int((self._at / "statm").read_text().split()[1]) * PAGE


class Setting:
    """Where to connect, and what works for it."""

    def __init__(self, port: int, tls: ssl.SSLContext | None, *programs: Program) -> None:
        self.port = port
        self.tls = tls
        self.programs = programs

    def seconds(self) -> float:
        return sum(program.seconds() for program in self.programs)

    def memory(self) -> int:
        return sum(program.memory() for program in self.programs)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = "localhost" if self.tls else None
        return await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=self.tls, server_hostname=host, limit=2**20
        )


async def certificate(folder: Path, kind: str) -> tuple[Path, Path]:
    """A new one, ``ec`` or ``rsa``."""
    option = {"ec": "ec_paramgen_curve:P-256", "rsa": "rsa_keygen_bits:2048"}[kind]
    made = folder / f"{kind}.pem", folder / f"{kind}-key.pem"
    process = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", kind, "-pkeyopt", option, "-nodes"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"),
        *("-out", str(made[0]), "-keyout", str(made[1])),
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await process.wait():
        raise SystemExit("openssl could not make a certificate.")
    made[1].chmod(0o600)
    return made


@asynccontextmanager
async def started(folder: Path, *flags: str) -> AsyncIterator[tuple[int, Program]]:
    """A server on a free port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hubbub", "serve", "--port", "0", "--data", str(folder)),
        *("--rate-limit", "0", "--sessions-per-address", "0", "--sessions", "0", *flags),
        stderr=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
    )
    assert process.stderr is not None
    try:
        while b"Listening on" not in (line := await process.stderr.readline()):
            assert line, "the server did not start"
        port = int(line.split(b"127.0.0.1:")[1].split(b" ")[0].split(b",")[0])
        await asyncio.sleep(1)  # it imports what it needs later
        yield port, Program(process.pid)
    finally:
        process.terminate()
        await process.communicate()


@asynccontextmanager
async def behind_stunnel(
    folder: Path, port: int, files: tuple[Path, Path]
) -> AsyncIterator[tuple[int, Program]]:
    """stunnel, in threads as Debian builds it, before the plain port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        front = free.getsockname()[1]
    configuration = folder / "stunnel.conf"
    configuration.write_text(
        f"foreground = yes\npid =\ndebug = 4\n[hubbub]\naccept = 127.0.0.1:{front}\n"
        f"connect = 127.0.0.1:{port}\ncert = {files[0]}\nkey = {files[1]}\n"
    )
    process = await asyncio.create_subprocess_exec(
        "stunnel", str(configuration), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await asyncio.sleep(1)
        yield front, Program(process.pid)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def deliveries(setting: Setting) -> float:
    """Microseconds of processor time for one delivery, to one of `READERS`."""
    people = [await _entered(setting, f"reader{number}") for number in range(READERS)]
    reader, writer = await _entered(setting, "ada")
    drains = [asyncio.create_task(_until(each, b"the end\n")) for each, _ in people]
    before = setting.seconds()
    for number in range(TEXTS):
        writer.write(b"a text of a usual length, which is about this many letters %d\n" % number)
        await asyncio.sleep(PAUSE_SECONDS)
    writer.write(b"the end\n")
    await asyncio.gather(*drains)
    spent = setting.seconds() - before
    for _, each in [*people, (reader, writer)]:
        each.transport.abort()
    return spent / (TEXTS * READERS) * 1e6


async def _entered(
    setting: Setting, name: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await setting.connect()
    writer.write(f"{name}\nGeneral\n".encode())
    await _until(reader, f"{name} has joined the chat!\n".encode())
    return reader, writer


async def _until(reader: asyncio.StreamReader, end: bytes) -> None:
    while not (await reader.readline()).endswith(end):
        pass


async def handshakes(setting: Setting) -> float:
    """Microseconds of processor time for one new connection that is closed again."""
    before = setting.seconds()
    for _ in range(HANDSHAKES):
        _, writer = await setting.connect()
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
    await asyncio.sleep(0.5)
    return (setting.seconds() - before) / HANDSHAKES * 1e6


async def idle(setting: Setting) -> float:
    """KiB of an idle connection of somebody in a room, whose name is taken."""
    await _entered(setting, "warm")
    before = setting.memory()
    people = [await _entered(setting, f"idle{number}") for number in range(IDLE)]
    await asyncio.sleep(1)
    grown = setting.memory() - before
    for _, each in people:
        each.transport.abort()
    return grown / IDLE / KIB


MEASURES: dict[str, Callable[[Setting], Awaitable[float]]] = {
    "µs a connection": handshakes,
    "µs a delivery": deliveries,
    "KiB an idle connection": idle,
}


async def measure(kinds: list[str], names: list[str]) -> None:
    """Prints one line for each figure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in kinds:
            files = await certificate(folder, kind)
            trust = ssl.create_default_context(cafile=files[0])
            flags = ("--tls-cert", str(files[0]), "--tls-key", str(files[1]))
            for number, (words, figure) in enumerate(MEASURES.items()):
                for way in names:
                    place = folder / f"{kind}-{number}-{way}"
                    own = flags if way == "tls" else ()
                    async with started(place, *own) as (port, server):
                        if way == "stunnel":
                            async with behind_stunnel(folder, port, files) as (front, stunnel):
                                got = await figure(Setting(front, trust, server, stunnel))
                        else:
                            got = await figure(Setting(port, trust if own else None, server))
                    sys.stdout.write(f"{kind:4} {way:8} {got:8.1f} {words}\n")
                    sys.stdout.flush()


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    ways = ["plain", "tls", *(["stunnel"] if shutil.which("stunnel") else [])]
    parser.add_argument("--keys", nargs="+", choices=["ec", "rsa"], default=["ec"])
    parser.add_argument("--ways", nargs="+", choices=ways, default=ways)
    given = parser.parse_args()
    asyncio.run(measure(given.keys, given.ways))


if __name__ == "__main__":
    main()
