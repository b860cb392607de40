"""Measures a storm of reactions: everybody in a large room reacts to one message within 5 s.

``python -m benchmarks.reactions [MEMBERS]``. Server and clients share this computer. While it
lasts, and before, somebody says something twenty times a second, and somebody else takes the time
until each of these texts has come. The members are as many connections that read all of it; who
reacts are as many others.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from statistics import quantiles
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.cli import CACHE
from benchmarks.handover import serving, tell
from benchmarks.load.tools import tools

STORM_SECONDS = 5.0
STORMS = 3  # each about another message
TEXTS_A_SECOND = 20
AT_ONCE = 10  # connections that are begun at the same time
JOIN_SECONDS = 90.0
MOST_MEMBERS = 3000
ROOM = "lab0"  # as the load generator calls its first one


class Guest:
    """One WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []

    @classmethod
    async def come(cls, port: int, name: str) -> Guest:
        socket = await connect(
            f"ws://127.0.0.1:{port}/ws", compression=None, max_size=None, open_timeout=60
        )
        guest = cls(socket)
        await guest.send(type="hello", user=name)
        assert (await guest.hear())["type"] == "welcome"
        return guest

    async def send(self, **command: Any) -> None:
        await self.socket.send(json.dumps(command))

    async def hear(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.socket.recv())
        if frame["type"] == "events":
            self.events += frame["events"]
        return frame

    async def ask(self, answer: str, **command: Any) -> dict[str, Any]:
        await self.send(**command)
        while (frame := await self.hear())["type"] != answer:
            assert frame["type"] != "error", frame
        return frame


class Talk:
    """Texts whose words are when they were sent, and how long each took to come."""

    def __init__(self, speaker: Guest, listener: Guest) -> None:
        self.speaker = speaker
        self.listener = listener
        self.took: list[float] = []

    async def speak(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(int(seconds * TEXTS_A_SECOND)):
            await asyncio.sleep(began + number / TEXTS_A_SECOND - loop.time())
            text = f"text {time.perf_counter()}"
            await self.speaker.send(type="say", room=ROOM, text=text)

    async def listen(self) -> None:
        while True:
            frame = await self.listener.hear()
            for event in frame["events"] if frame["type"] == "events" else ():
                if event["kind"] == "said" and event["text"].startswith("text "):
                    self.took.append(time.perf_counter() - float(event["text"][5:]))

    async def swallow(self) -> None:
        while True:
            await self.speaker.hear()

    def told(self) -> tuple[float, float]:
        """The median and the 99th percentile of what came since, in ms."""
        cuts = quantiles(self.took, n=100)
        self.took = []
        return cuts[49] * 1000, cuts[98] * 1000


async def react(guest: Guest, target: int, after: float) -> None:
    await asyncio.sleep(after)
    await guest.ask("ack", type="react", room=ROOM, target=target, emoji="👍")


async def measure(port: int, pid: int, count: int) -> None:
    owner = await Guest.come(port, "owner")
    await owner.ask("joined", type="join", room=ROOM)
    listener, speaker = await Guest.come(port, "listener"), await Guest.come(port, "speaker")
    for guest in (listener, speaker):
        await guest.ask("joined", type="join", room=ROOM)
    reactors = []
    for first in range(0, count, AT_ONCE):
        names = (f"r{number}" for number in range(first, min(count, first + AT_ONCE)))
        reactors += await asyncio.gather(*(Guest.come(port, name) for name in names))
    talk = Talk(speaker, listener)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in (talk.listen(), talk.swallow())]
        await talk.speak(1)
        await asyncio.sleep(1)
        talk.took = []
        busy, memory = busy_seconds(pid), resident(pid)
        before = await storm(talk, (), 0)
        took = busy_seconds(pid) - busy
        tell(f"before:  p50 {before[0]:.1f} ms, p99 {before[1]:.1f} ms; {took:.2f} s of processor")
        for number in range(1, STORMS + 1):
            said = await owner.ask("ack", type="say", room=ROOM, text=f"message {number}")
            busy = busy_seconds(pid)
            during = await storm(talk, reactors, said["seq"])
            took = busy_seconds(pid) - busy
            found = [one for one in listener.events if one.get("target") == said["seq"]]
            assert len(found) == count, f"{len(found)} of {count} reactions came"
            assert found[-1]["count"] == count
            tell(
                f"storm {number}: p50 {during[0]:.1f} ms, p99 {during[1]:.1f} ms, "
                f"{during[1] / before[1]:.2f} times that of before; {took:.2f} s of processor, "
                f"{(resident(pid) - memory) / 2**20:+.1f} MiB"
            )
        for task in tasks:
            task.cancel()


async def storm(talk: Talk, reactors: list[Guest] | tuple[()], target: int) -> tuple[float, float]:
    """How long texts took while all ``reactors`` reacted to ``target``."""
    dice = random.Random(target)  # noqa: S311 - not a secret
    work: list[Awaitable[None]] = [
        react(guest, target, dice.uniform(0, STORM_SECONDS)) for guest in reactors
    ]
    await asyncio.gather(talk.speak(STORM_SECONDS), *work)
    await asyncio.sleep(1)
    return talk.told()


def resident(pid: int) -> int:
    """Bytes of memory that the process has."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


def busy_seconds(pid: int) -> float:
    """Seconds of processor time that the process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def members(port: int, pid: int, count: int) -> subprocess.Popen[bytes]:
    """As many connections in the room, which read all that is written to them."""
    seconds = 60 + (STORMS + 3) * (STORM_SECONDS + 2) + count / 100
    options = {
        "host": "127.0.0.1",
        "port": port,
        "pid": pid,
        "clients": count,
        "rooms": 1,
        "senders": 0,
        "hold": seconds,
        "nick-prefix": "m",
        "room-prefix": "#lab",
        "connect-timeout": int(JOIN_SECONDS),
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", f"{value}")]
    return subprocess.Popen(  # noqa: S603 - it is written here
        [tools(CACHE).wsload, *flags, "--json"], stdout=subprocess.DEVNULL
    )


async def joined(port: int, count: int) -> None:
    """Returns when as many are in the room."""
    watcher = await Guest.come(port, "watcher")
    async with asyncio.timeout(JOIN_SECONDS):
        while True:
            rooms = (await watcher.ask("rooms", type="rooms"))["rooms"]
            if any(room["name"] == ROOM and room["users"] >= count for room in rooms):
                return
            await asyncio.sleep(0.2)


def main() -> None:
    """See above."""
    count = min(MOST_MEMBERS, int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    with tempfile.TemporaryDirectory() as name:
        process, port, log = serving(Path(name), "--rate-limit", "0")
        readers = None
        try:
            readers = members(port, process.pid, count)
            asyncio.run(joined(port, count))
            time.sleep(2)  # for what they are shown of each other's coming
            asyncio.run(measure(port, process.pid, count))
        finally:
            if readers is not None:
                readers.kill()
            process.terminate()
            process.wait(20)
            tell("\n".join(line for line in log.read_text().splitlines() if "info" not in line))


if __name__ == "__main__":
    main()
