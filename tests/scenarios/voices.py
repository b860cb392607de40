"""How people in a transcript talk and listen: one class for each way to be in a room."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from datetime import datetime
from typing import Any, Protocol, Self

from websockets.asyncio.client import ClientConnection, connect

from tests.process import ROOT

_TIME = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]")


class Place(Protocol):
    """A server, in this process or in one of its own."""

    @property
    def address(self) -> tuple[str, int]: ...
    @property
    def url(self) -> str: ...


class Voice(Protocol):
    """Somebody in a transcript."""

    async def say(self, text: str) -> None:
        """Gives the server what a person would type."""
        ...

    async def hear(self) -> str:
        """The next line that a person would see; "" when the connection is over."""
        ...

    async def cut(self) -> None:
        """Ends the connection without a word."""
        ...

    async def come_back(self, server: Place) -> None:
        """Connects again after a cut, as the same person."""
        raise NotImplementedError(f"{self} cannot prove who they are")

    async def end_input(self) -> None:
        """Sends no more, and still reads."""
        raise NotImplementedError(f"{self} has no end of input")

    async def close(self) -> None:
        """Puts the client away."""
        ...


class Lines(Voice):
    """netcat (LF) or telnet (CRLF)."""

    END = b"\n"

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, server: Place) -> Self:
        return cls(*await asyncio.open_connection(*server.address))

    async def say(self, text: str) -> None:
        self._writer.write(text.encode() + self.END)
        await self._writer.drain()

    async def hear(self) -> str:
        line = await self._reader.readline()
        assert not line or line.endswith(self.END), line
        return _TIME.sub("[…]", line.removesuffix(self.END).decode())

    async def cut(self) -> None:
        self._writer.transport.abort()

    async def end_input(self) -> None:
        self._writer.write_eof()

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class CrLf(Lines):
    END = b"\r\n"


class Piped(Lines):
    """Many lines in one write, as `printf … | nc` sends them: ⏎ stands between them."""

    async def say(self, text: str) -> None:
        await super().say(text.replace("⏎", "\n"))


class Segments(Lines):
    """A script that sends without line ends and reads with recv(1024)."""

    _heard = b""

    async def say(self, text: str) -> None:
        self._writer.write(text.encode())
        await self._writer.drain()

    async def hear(self) -> str:
        while b"\n" not in self._heard:
            data = await self._reader.read(1024)
            if not data:
                return ""
            self._heard += data
        line, _, self._heard = self._heard.partition(b"\n")
        return _TIME.sub("[…]", line.decode())


class Json(Voice):
    """A program on the WebSocket, which shows its person what the line protocol would."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._user: str | None = None
        self._token = ""
        self._room: str | None = None
        self._cursor = 0
        self._back = False
        self._lines: list[str] = []

    @classmethod
    async def connect(cls, server: Place) -> Self:
        return cls(await connect(server.url, compression=None))

    async def say(self, text: str) -> None:
        if self._user is None:
            await self._send(type="hello", user=text)
        elif self._room is None:
            await self._send(type="join", room=text)
        elif text == "exit":
            await self._send(type="bye")
        elif text.startswith("/join "):
            await self._send(type="leave", room=self._room)
            await self._send(type="join", room=text.removeprefix("/join "))
        elif text.startswith("/topic "):
            topic = text.removeprefix("/topic ")
            await self._send(type="topic", room=self._room, topic="" if topic == "-" else topic)
        else:
            await self._send(type="say", room=self._room, text=text)

    async def hear(self) -> str:
        while not self._lines:
            try:
                frame = json.loads(await self._socket.recv())
            except Exception:  # noqa: BLE001 - however it ended, there is no more to hear
                return ""
            await self._take(frame)
        return self._lines.pop(0)

    async def cut(self) -> None:
        self._socket.transport.abort()

    async def come_back(self, server: Place) -> None:
        self._back = True
        self._socket = await connect(server.url, compression=None)
        await self._send(type="hello", user=self._user, token=self._token)
        await self._send(type="join", room=self._room, after=self._cursor)

    async def close(self) -> None:
        await self._socket.close()

    async def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome" if self._back:
                assert frame["user"] == self._user
            case "joined" if self._back:
                assert frame["after"] == self._cursor
            case "welcome":
                self._user, self._token = frame["user"], frame["token"]
                await self._send(type="rooms")
            case "rooms":
                self._lines.append("Available rooms:")
                for room in frame["rooms"]:
                    users = "1 user" if room["users"] == 1 else f"{room['users']} users"
                    topic = f" – {room['topic']}" if room.get("topic") else ""
                    self._lines.append(f"  {room['name']} ({users}){topic}")
            case "joined":
                self._room = frame["room"]
                self._lines.append(f"Welcome to room {frame['room']}!")
                if frame.get("topic"):
                    self._lines.append(f"Topic: {frame['topic']}")
            case "events":
                self._lines += [line for event in frame["events"] for line in _lines(event)]
                self._cursor = frame["events"][-1]["seq"]
            case "error":
                self._lines.append(frame["message"])

    async def _send(self, **fields: Any) -> None:
        await self._socket.send(json.dumps(fields))


class PlainClient(Voice):
    """`python client.py --plain` in a pipe."""

    QUESTIONS = ("Username:", "Room:")

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def connect(cls, server: Place) -> Self:
        return cls(
            await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    "hubbub",
                    "chat",
                    "--plain",
                    "--port",
                    str(server.address[1]),
                ),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            )
        )

    async def say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n".encode())
        await self._process.stdin.drain()

    async def hear(self) -> str:
        assert self._process.stdout is not None
        while True:
            line = (await self._process.stdout.readline()).decode().removesuffix("\n")
            if line not in self.QUESTIONS:
                return _TIME.sub("[…]", line)

    async def cut(self) -> None:
        self._process.kill()

    async def close(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()


def _lines(event: dict[str, Any]) -> list[str]:
    assert datetime.fromtimestamp(event["at"] / 1000).astimezone().year > 2000  # milliseconds
    match event["kind"]:
        case "joined":
            return [f"[…] {event['by']} has joined the chat!"]
        case "left":
            return [f"[…] {event['by']} has left the chat!"]
        case "topic" if event["topic"]:
            return [f"[…] {event['by']} has set the topic: {event['topic']}"]
        case "topic":
            return [f"[…] {event['by']} has taken the topic away."]
    quote = event.get("quote")
    quoted = [f"[…] {event['by']}: > {quote['by']}: {quote['text']}"] if quote else []
    return [*quoted, f"[…] {event['by']}: {event['text']}"]


VOICES: dict[str, type[Lines] | type[Json] | type[PlainClient]] = {
    "lines": Lines,
    "crlf": CrLf,
    "piped": Piped,
    "segments": Segments,
    "json": Json,
    "client": PlainClient,
}
