"""What one hostile client does to a server: floods of what costs much, in every protocol.

`python -m tests.faults.attacks PORT ADDRESS NAME` says when it begins, attacks until its standard
input ends, and then says what it was told. A process of its own, so that nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.faults.test_garbage import UPGRADE
from tests.faults.tlsattacks import first_message, tiny_records
from tests.simulation.people import frame

CONNECTIONS = 90  # a few less than one client may have
ROOM = "Hell"
WIDE = "\ufdfa" * 40  # NFKC makes eighteen characters of each
LONG_WORD = "い" * 16

BEGUN = "begun"
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
    async def connection(self, *, deaf: bool = False) -> AsyncIterator[asyncio.StreamWriter]:
        """A connection whose answers are thrown away; or not even read, if ``deaf``."""
        sock = socket.socket()
        if deaf:  # what is not read must not stay with the kernel, but with the server
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.bind((self.home, 0))
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        except OSError:
            sock.close()
            raise
        reader, writer = await asyncio.open_connection(sock=sock, limit=1024 if deaf else 1 << 20)
        reading = asyncio.ensure_future(asyncio.sleep(0) if deaf else self._read(reader))
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
    hello: Callable[[], bytes],
    payload: Callable[[], bytes],
    connections: int = CONNECTIONS,
    *,
    deaf: bool = False,
    pause: float = 0.0,
) -> Attack:
    """So many connections say ``hello`` and then ``payload`` for as long as they are let."""

    async def one(target: Target) -> None:
        while not target.over.is_set():
            with contextlib.suppress(OSError):
                async with target.connection(deaf=deaf) as writer:
                    writer.write(hello())
                    while not target.over.is_set() and not writer.transport.is_closing():
                        writer.write(payload())
                        await writer.drain()
                        await asyncio.sleep(pause)
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


async def resets(target: Target) -> None:
    """Connections that are reset before anybody looks at them."""
    no_linger = struct.pack("ii", 1, 0)
    while not target.over.is_set():
        for _ in range(100):
            with contextlib.suppress(OSError), socket.socket() as sock:
                sock.bind((target.home, 0))
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
                sock.connect(("127.0.0.1", target.port))
        await asyncio.sleep(0)


async def half_closed(target: Target) -> None:
    """Connections whose other side is over, and that ask for much before."""

    async def one() -> None:
        while not target.over.is_set():
            with contextlib.suppress(OSError):
                async with target.connection() as writer:
                    writer.write(named() + b"/rooms\n" * 40)
                    writer.write_eof()
                    await asyncio.sleep(0.2)

    await in_time(target, [one() for _ in range(CONNECTIONS)])


def in_many_rooms() -> bytes:
    """Somebody in fifty rooms, that others of the same attacker are in, too."""
    joins = [{"type": "join", "room": f"room{count}"} for count in range(50)]
    return UPGRADE + web({"type": "hello", "user": f"eve{next(names)}"}, *joins)


def goes_and_comes() -> bytes:
    rooms = [f"room{count}" for count in range(50)]
    return b"".join(web({"type": "leave", "room": r}, {"type": "join", "room": r}) for r in rooms)


def marks() -> bytes:
    number = next(names) % 1000
    return web(
        {"type": "join", "room": f"room{number}"}, {"type": "leave", "room": f"room{number}"}
    )


def new_nonces() -> bytes:
    said = {"type": "say", "room": ROOM, "text": "x"}
    return web(*[{**said, "nonce": f"{next(names):064}"} for _ in range(20)])


def request(*headers: str, path: str = "/") -> Callable[[], bytes]:
    lines = (f"GET {path} HTTP/1.1", *headers)
    return line(*(one + "\r" for one in (*lines, "")))


HELLO = first_message()


async def _tiny_records(target: Target) -> None:
    await in_time(target, [tiny_records(target, named()) for _ in range(CONNECTIONS)])


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
    "parts of one byte": flood(
        lambda: web_named() + NOT_THE_LAST, lambda: (b"\x00\x81" + bytes(4) + b"x") * 500
    ),
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
    "connections that are reset": resets,
    "connections that are closed at once": visits(nothing, 50),
    "half-closed connections": half_closed,
    "a head that drips": flood(
        lambda: b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", lambda: b"x", pause=0.01
    ),
    "frames that drip": flood(web_named, lambda: web({"type": "ping"})[:1], pause=0.001),
    "long hosts": flood(nothing, request("Host: " + "a." * 7000)),
    "long origins": flood(
        nothing,
        lambda: UPGRADE.replace(
            b"Upgrade:", b"Origin: http://" + b"a." * 3000 + b"\r\nUpgrade:", 1
        ),
    ),
    "many headers": flood(nothing, request("Host: 127.0.0.1", *["a: b"] * 2000)),
    "requests with WebSockets behind them": flood(
        nothing, lambda: get("/api/rooms", 3)() + web_named() + web({"type": "rooms"}) * 20
    ),
    "names of others": flood(lambda: UPGRADE, lambda: web({"type": "hello", "user": "ada1"}) * 50),
    "names of others, by lines": flood(nothing, line(*["ada1"] * 45)),
    "names that are too long": flood(
        lambda: UPGRADE, lambda: web({"type": "hello", "user": WIDE * 200})
    ),
    "fifty rooms for each": flood(in_many_rooms, goes_and_comes),
    "a thousand rooms": flood(web_named, marks),
    "words that nearly fit": flood(
        web_named,
        web_says(
            type="rooms", query="room roo oom ro oo om r o m o o o o o o o o o o o o o o o zz"
        ),
    ),
    "words that nearly fit, by HTTP": flood(
        nothing,
        get(
            "/api/rooms?q=" + quote("room roo oom ro oo om r o m o o o o o o o o o o o o o o o zz")
        ),
    ),
    "new nonces": flood(web_named, new_nonces),
    "one nonce": flood(web_named, web_says(type="say", room=ROOM, text="x", nonce="n" * 64)),
    "deaf: history": flood(
        web_named, web_says(type="history", room=ROOM, around=30, limit=200), deaf=True
    ),
    "deaf: the list of rooms": flood(web_named, web_says(type="rooms"), deaf=True),
    "deaf: coming in": flood(web_named, web_says(type="join", room=ROOM, after=0), deaf=True),
    "deaf: lines": flood(named, line(*["/history 200"] * 45), deaf=True),
    "deaf: HTTP": flood(nothing, get(f"/api/rooms/{ROOM}/events?limit=200"), deaf=True),
    "deaf: the page": flood(nothing, get("/openapi.json", 50), deaf=True),
    "TLS: half handshakes": visits(lambda: HELLO, CONNECTIONS),
    "TLS: tiny records": _tiny_records,
}


async def main(port: str, home: str, name: str) -> None:
    """Attacks."""
    target = Target(int(port), home)
    attack = asyncio.ensure_future(ATTACKS[name](target))
    ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    sys.stdout.write(f"{BEGUN}\n")  # a busy machine takes seconds to get here
    sys.stdout.flush()
    await asyncio.wait((attack, ended), return_when=asyncio.FIRST_COMPLETED)
    if attack.done():
        attack.result()
    sys.stdout.write(", ".join(sorted(target.refusals)) or "no refusal")
    sys.stdout.flush()
    os._exit(0)  # as an attacker would go


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
