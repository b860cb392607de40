"""A server that is hostile or broken, in one way at a time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

EVIL = "\x1b]0;owned\x07\x1b]52;c;cm0gLXJm\x07\x1b[2J\x9b31m\u202eevil\u2066\r\n\x00\ud83d"
"""What a terminal must not be given: titles, the clipboard, CSI, C1, text that turns."""

LIMITS = {
    "text": 4000,
    "line": 65536,
    "rate": 0,
    "burst": 100,
    "rooms": 100,
    "history": 200,
}
Frame = dict[str, Any]
Script = Callable[["Guest"], Awaitable[None]]


def said(seq: int, text: str = "hello", by: str = "eve", **more: Any) -> Frame:
    """A text, as it is in a frame."""
    return {"kind": "said", "seq": seq, "at": 1_690_729_200_000, "by": by, "text": text, **more}


def events(*happened: Frame, room: str = "General") -> Frame:
    """A frame of events."""
    return {"type": "events", "room": room, "events": happened}


class Guest:
    """Somebody who was let in, at the mercy of a script."""

    def __init__(self, socket: ServerConnection, got: list[Frame]) -> None:
        self.socket = socket
        self._got = got

    async def tell(self, *frames: Frame | str) -> None:
        """Sends frames; a string goes as it is."""
        for frame in frames:
            await self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def next(self, kind: str | None = None) -> Frame:
        """The next command, of that type if it is given."""
        while True:
            command: Frame = json.loads(await self.socket.recv())
            self._got.append(command)
            if kind in (None, command["type"]):
                return command

    async def let_in(self, **changes: Any) -> Frame:
        """Answers the hello, and one join; the join."""
        await self.welcome(**changes)
        join = await self.next("join")
        await self.joined(join)
        return join

    async def welcome(self, **changes: Any) -> None:
        """Answers the hello."""
        hello = await self.next("hello")
        welcome = {
            "type": "welcome",
            "re": hello.get("id"),
            "user": hello["user"],
            "token": "t",
            "server": "s",
            "log": "l",
            "limits": LIMITS,
            "features": ["read"],
        }
        await self.tell(welcome | changes)

    async def joined(self, join: Frame, **changes: Any) -> None:
        """Answers a join."""
        after = join.get("after") or 0
        joined = {
            "type": "joined",
            "re": join["id"],
            "room": join["room"],
            "users": ["ada"],
            "head": after,
            "after": after,
        }
        await self.tell(joined | changes)

    async def refuse(self, command: Frame, code: str, **more: Any) -> None:
        """Refuses a command."""
        refused = {"type": "error", "re": command.get("id"), "code": code, "message": "No."}
        await self.tell(refused | more)


class HostileServer:
    """Runs ``script`` with each who connects, and closes the connection when it is done.

    ``met`` counts the connections; ``got`` are the commands that scripts have taken.
    """

    def __init__(self, script: Script) -> None:
        self.met = 0
        self.got: list[Frame] = []
        self._script = script
        self._server: Server | None = None

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def commands(self, kind: str) -> list[Frame]:
        """The commands of that type that came."""
        return [command for command in self.got if command["type"] == kind]

    async def __aenter__(self) -> Self:
        self._server = await serve(self._talk, "127.0.0.1", 0, compression=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        for socket in self._server.connections:
            socket.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, socket: ServerConnection) -> None:
        self.met += 1
        with contextlib.suppress(ConnectionClosed):
            await self._script(Guest(socket, self.got))


async def silence(guest: Guest) -> None:
    """Reads all there is, and never answers."""
    while True:
        await guest.next()


async def deafness(guest: Guest) -> None:
    """Reads nothing, and never answers."""
    await guest.socket.wait_closed()
