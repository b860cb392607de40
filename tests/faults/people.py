"""People who check the promises while they chat: they speak the bare JSON protocol."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

MAX_FRAME = 4 * 1024 * 1024
WINDOW = 20  # texts on their way at once
RETRY_SECONDS = 0.05  # before a text that the log refused is said again
LOST = (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError, EOFError)


@dataclass
class Person:
    """Says numbered texts in one room, comes back after every loss, and keeps account.

    ``shown`` are the events as they came, ``acked`` the ``seq`` by nonce. A hole, a repeat or a
    changed ack raises at once.
    """

    url: str
    name: str
    room: str = "General"
    token: str | None = None
    cursor: int | None = None
    shown: list[dict[str, Any]] = field(default_factory=list)
    acked: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)
    talking: bool = True
    window: int = WINDOW
    refusals: int = 0

    async def live(self) -> None:
        """Chats until `talking` is false and everything is acknowledged and shown."""
        while self.talking or self.waiting:
            try:
                async with connect(self.url, max_size=MAX_FRAME, compression=None) as socket:
                    await self._enter(socket)
                    await self._chat(socket)
            except LOST:
                await asyncio.sleep(0.05)  # the server is being started again

    async def _enter(self, socket: ClientConnection) -> None:
        await self._send(socket, type="hello", user=self.name, token=self.token)
        welcome = json.loads(await socket.recv())
        assert welcome["type"] == "welcome", welcome
        self.token = welcome["token"]
        await self._send(socket, type="join", room=self.room, after=self.cursor)
        joined = json.loads(await socket.recv())
        assert joined["type"] == "joined", joined
        self._resume(joined["after"])
        for nonce, text in self.waiting.items():
            await self._say(socket, nonce, text)

    def _resume(self, after: int) -> None:
        """Is in the room, and to be shown what is behind ``after``."""
        if self.cursor is None:
            self.cursor = after
        assert after == self.cursor

    def _text(self) -> str:
        """What is said next."""
        return f"{self.name} says {len(self.texts)}"

    async def _chat(self, socket: ClientConnection) -> None:
        while self.talking or self.waiting:
            while self.talking and len(self.waiting) < self.window:
                nonce = str(uuid.uuid4())
                text = self.texts[nonce] = self.waiting[nonce] = self._text()
                await self._say(socket, nonce, text)
            await self._hear(socket, json.loads(await socket.recv()))
        await self._send(socket, type="ping")
        while (heard := json.loads(await socket.recv()))["type"] != "pong":
            await self._hear(socket, heard)

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "events":
                for event in frame["events"]:
                    assert self.cursor is not None
                    assert event["seq"] == self.cursor + 1, (self.name, self.cursor, event)
                    self.cursor = event["seq"]
                    self.shown.append(event)
            case "ack":
                nonce = frame["nonce"]
                assert self.acked.setdefault(nonce, frame["seq"]) == frame["seq"]
                self.waiting.pop(nonce, None)
            case "error" if frame["code"] == "log-unavailable":
                self.refusals += 1
                await asyncio.sleep(RETRY_SECONDS)
                await self._say(socket, frame["nonce"], self.texts[frame["nonce"]])
            case "error" if frame["code"] == "shutting-down":
                pass
            case "bye":
                pass
            case _:
                raise AssertionError(frame)
        async with self.progress:
            self.progress.notify_all()

    async def acks(self, more: int) -> None:
        """Waits until so many more texts are acknowledged."""
        goal = len(self.acked) + more
        async with self.progress:
            await self.progress.wait_for(lambda: len(self.acked) >= goal)

    async def refused(self) -> None:
        """Waits until the log refuses a text."""
        before = self.refusals
        async with self.progress:
            await self.progress.wait_for(lambda: self.refusals > before)

    async def _say(self, socket: ClientConnection, nonce: str, text: str) -> None:
        await self._send(socket, type="say", room=self.room, text=text, nonce=nonce)

    async def _send(self, socket: ClientConnection, **fields: Any) -> None:
        await socket.send(json.dumps({k: v for k, v in fields.items() if v is not None}))


async def read_log(
    url: str, room: str = "General", *, reader: str = "reader"
) -> list[dict[str, Any]]:
    """All events of a room, by pages, as somebody called ``reader`` is given them."""
    events: list[dict[str, Any]] = []
    async with connect(url, max_size=MAX_FRAME, compression=None) as socket:
        await socket.send(json.dumps({"type": "hello", "user": reader}))
        while True:
            after = events[-1]["seq"] if events else 0
            ask = {"type": "history", "room": room, "after": after, "limit": 200}
            await socket.send(json.dumps(ask))
            while (page := json.loads(await socket.recv()))["type"] != "history":
                assert page["type"] == "welcome", page
            events += page["events"]
            if not page["events"] or events[-1]["seq"] >= page["head"]:
                return events
