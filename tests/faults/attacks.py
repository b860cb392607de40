"""What one hostile client does to a server: floods of what costs much, in every protocol.

`python -m tests.faults.attacks PORT ADDRESS NAME` attacks until its standard input ends, and then
says what it was told. A process of its own, so that nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.faults.test_garbage import UPGRADE
from tests.simulation.people import frame

CONNECTIONS = 90  # a few less than one client may have
ROOM = "Hell"
WIDE = "\ufdfa" * 40  # NFKC makes eighteen characters of each
LONG_WORD = "い" * 16

NOT_THE_LAST = b"\x01\x80" + bytes(4)  # a masked text frame without FIN (RFC 6455, 5.2)

names = itertools.count()


@dataclass
class Target:
    """A server, and what was heard of it. ``over`` is set when the attack is to end."""

    port: int
    home: str
    """The address that the attacker comes from."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    heard: int = 0
    last: bytes = b""
    refusals: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncio.StreamWriter]:
        """A connection whose answers are read and thrown away."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(self.home, 0), limit=1 << 20
        )
        reading = asyncio.ensure_future(self._read(reader))
        try:
            yield writer
        finally:
            reading.cancel()
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 18):
                self.heard += len(data)
                self.last = data[-300:]
                for sign in ("too fast", "from your address", "rate-limited", "cannot be"):
                    if sign.encode() in data:
                        self.refusals.add(sign)


Attack = Callable[[Target], Awaitable[None]]


def flood(
    hello: Callable[[], bytes], payload: Callable[[], bytes], connections: int = CONNECTIONS
) -> Attack:
    """So many connections say ``hello`` and then ``payload`` for as long as they are let."""

    async def one(target: Target) -> None:
        while not target.over.is_set():
            with contextlib.suppress(OSError):
                async with target.connection() as writer:
                    writer.write(hello())
                    while not target.over.is_set() and not writer.transport.is_closing():
                        writer.write(payload())
                        await writer.drain()
                        await asyncio.sleep(0)
            await asyncio.sleep(0.01)

    async def all_of_them(target: Target) -> None:
        await in_time(target, [one(target) for _ in range(connections)])

    return all_of_them


def visits(talk: Callable[[], bytes], connections: int = 20) -> Attack:
    """Connects, talks, waits for a word, and is gone; again and again."""

    async def one(target: Target) -> None:
        while not target.over.is_set():
            with contextlib.suppress(OSError):
                async with target.connection() as writer:
                    before = target.heard
                    writer.write(talk())
                    await writer.drain()
                    for _ in range(50):
                        if target.heard > before:
                            break
                        await asyncio.sleep(0.002)

    async def all_of_them(target: Target) -> None:
        await in_time(target, [one(target) for _ in range(connections)])

    return all_of_them


async def in_time(target: Target, work: list[Any]) -> None:
    """Works until it is over, and then no longer."""
    tasks = [asyncio.ensure_future(one) for one in work]
    await target.over.wait()
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


# What is said


def line(*lines: str) -> Callable[[], bytes]:
    data = "".join(one + "\n" for one in lines).encode()
    return lambda: data


def named() -> bytes:
    """A name and the room, for the line protocol."""
    return f"eve{next(names)}\n{ROOM}\n".encode()


def only_named() -> bytes:
    return f"eve{next(names)}\n".encode()


def web(*commands: dict[str, Any]) -> bytes:
    return b"".join(frame(1, json.dumps(command).encode()) for command in commands)


def web_named() -> bytes:
    return UPGRADE + web(
        {"type": "hello", "user": f"eve{next(names)}"}, {"type": "join", "room": ROOM}
    )


def web_says(times: int = 45, **command: Any) -> Callable[[], bytes]:
    data = web(command) * times
    return lambda: data


def get(path: str, times: int = 20) -> Callable[[], bytes]:
    data = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * times
    return lambda: data


def nothing() -> bytes:
    return b""


def mentioned() -> bytes:
    """Somebody called a, aa, aaa … who asks how much is unread."""
    name = "a" * (next(names) % 30 + 1)
    read = {"type": "read", "room": ROOM, "seq": 1}
    return UPGRADE + web(
        {"type": "hello", "user": name}, {"type": "join", "room": ROOM}, *[read] * 40
    )


async def silence(target: Target) -> None:
    """Connections that say nothing, as many as there may be, and more."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(CONNECTIONS * 2):
            with contextlib.suppress(OSError):
                await stack.enter_async_context(target.connection())
        await target.over.wait()


def many_rooms() -> bytes:
    number = next(names)
    joins = [{"type": "join", "room": f"r{number}x{count}"} for count in range(40)]
    return UPGRADE + web({"type": "hello", "user": f"eve{number}"}, *joins)


ATTACKS: dict[str, Attack] = {
    "a list of ten thousand rooms, by lines": flood(named, line(*["/rooms"] * 45)),
    "the same list, by JSON": flood(web_named, web_says(type="rooms")),
    "words in the list": flood(web_named, web_says(type="rooms", query="zz zz zz zz")),
    "the same list, by HTTP": flood(nothing, get("/api/rooms")),
    "the page /join": flood(nothing, get("/join")),
    "a page of history, by HTTP": flood(nothing, get(f"/api/rooms/{ROOM}/events?limit=200")),
    "the web page": flood(nothing, get("/")),
    "descriptions": flood(nothing, get("/openapi.json", 5)),
    "metrics": flood(nothing, get("/metrics", 5)),
    "no such page": flood(nothing, get("/" + "x" * 2000)),
    "searches, by JSON": flood(web_named, web_says(type="search", query=LONG_WORD)),
    "searches, by HTTP": flood(nothing, get("/api/search?q=" + quote(LONG_WORD))),
    "searches, by lines": flood(named, line(*[f"/search {LONG_WORD}"] * 45)),
    "searches of many words": flood(
        web_named, web_says(type="search", query=" ".join(f"a{n}*" for n in range(40)))
    ),
    "counting what is unread": visits(mentioned),
    "markers": flood(web_named, web_says(type="read", room=ROOM, seq=1)),
    "leaving rooms of odd names": flood(web_named, web_says(type="leave", room=WIDE)),
    "joining rooms of odd names": flood(web_named, web_says(type="join", room=WIDE)),
    "odd names, by lines": flood(nothing, line(*[WIDE] * 45)),
    "making rooms": visits(many_rooms),
    "coming and going": visits(named),
    "texts by who comes again": visits(lambda: named() + b"x\n" * 60),
    "long texts": flood(web_named, web_says(8, type="say", room=ROOM, text="い" * 4000)),
    "texts of many lines": flood(web_named, web_says(8, type="say", room=ROOM, text="a\n" * 199)),
    "answers": flood(web_named, web_says(type="say", room=ROOM, text="x", reply_to=2)),
    "names that are held": visits(
        lambda: UPGRADE + web({"type": "hello", "user": f"eve{next(names)}"})
    ),
    "history": flood(web_named, web_says(type="history", room=ROOM, around=30, limit=200)),
    "history, by lines": flood(named, line(*["/history 200"] * 45)),
    "joining again from the beginning": flood(web_named, web_says(type="join", room=ROOM, after=0)),
    "who is there": flood(web_named, web_says(type="who", room=ROOM)),
    "typing": flood(web_named, web_says(type="typing", room=ROOM)),
    "pings": flood(web_named, web_says(200, type="ping")),
    "pings of WebSockets": flood(web_named, lambda: frame(9, b"") * 1000),
    "frames of nothing": flood(web_named, lambda: NOT_THE_LAST + (b"\x00\x80" + bytes(4)) * 500),
    "frames of no sense": flood(web_named, lambda: frame(1, b"[" * 30_000)),
    "help": flood(named, line(*["/help"] * 45)),
    "commands that are none": flood(named, line(*["/dance"] * 45)),
    "empty lines": flood(named, lambda: b"\n" * 1000),
    "spaces, one by one": flood(named, lambda: b" "),
    "one line without an end": flood(named, lambda: b"x" * 10_000),
    "bytes of TLS": flood(nothing, lambda: b"\x16\x03\x01\x02\x00\x01" + b"\0" * 500),
    "bytes of SSH": flood(nothing, lambda: b"SSH-2.0-OpenSSH_9\r\n"),
    "garbage": flood(nothing, lambda: bytes(range(256)) * 40),
    "a body that never ends": flood(
        lambda: b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n", lambda: b"x"
    ),
    "silence": silence,
}


async def main(port: str, home: str, name: str) -> None:
    """Attacks."""
    target = Target(int(port), home)
    attack = asyncio.ensure_future(ATTACKS[name](target))
    ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait((attack, ended), return_when=asyncio.FIRST_COMPLETED)
    if attack.done():
        attack.result()
    sys.stdout.write(", ".join(sorted(target.refusals)) or "no refusal")
    sys.stdout.flush()
    os._exit(0)  # as an attacker would go


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
