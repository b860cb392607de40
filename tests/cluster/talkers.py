"""People who keep books of what nodes show them, over JSON and over lines, and how these are read.

A `Talker` is a guest with a token, who resumes at whatever node the next connection leads to. A
`LineTalker` is somebody new with each connection, as the line protocol has no resume.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection

from tests.faults.people import LOST, RETRY_SECONDS, Person, read_log
from tests.patience import PATIENCE_SECONDS
from tools.cluster.cluster import Cluster

AFTERWARDS_SECONDS = 3 * PATIENCE_SECONDS  # until all have said something again
ROOM = "General"
PEOPLE = ("ada", "ben", "eve")

PASSING = ("log-unavailable", "shutting-down")
"""Refusals that are over by themselves: the database is away, or the node ends."""

_EVENT = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] (.*)")


class ComeBackLater(ConnectionError):
    """What was asked for cannot be had just now."""


@dataclass
class Talker(Person):
    """A `Person` whose server is away now and then."""

    pause: float = 0.01  # behind each frame: a log of many rounds can be read in the end

    async def _enter(self, socket: ClientConnection) -> None:
        await self._send(socket, type="hello", user=self.name, token=self.token)
        self.token = (await self._answer(socket, "welcome"))["token"]
        at = self.shown[-1]["at"] if self.shown else None
        await self._send(socket, type="join", room=self.room, after=self.cursor, after_at=at)
        self._resume((await self._answer(socket, "joined"))["after"])
        for nonce, text in self.waiting.items():
            await self._say(socket, nonce, text)

    async def _answer(self, socket: ClientConnection, kind: str) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame["type"] == "bye" or frame.get("code") in PASSING:
            await asyncio.sleep(RETRY_SECONDS)
            raise ComeBackLater
        assert frame["type"] == kind, (self.name, self.cursor, frame)
        return frame

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        await super()._hear(socket, frame)
        await asyncio.sleep(self.pause)


@dataclass
class LineTalker:
    """Says numbered texts with a bare socket. ``books``: what each connection was shown."""

    address: tuple[str, int]
    name: str
    room: str
    books: list[list[str]] = field(default_factory=list)
    talking: bool = True
    said: int = 0
    heard: int = 0
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def live(self) -> None:
        """Chats until ``talking`` is false."""
        while self.talking:
            try:
                await self._connect()
            except LOST:
                await asyncio.sleep(0.05)

    async def acks(self, more: int) -> None:
        """Waits until so many more of its texts have come back."""
        goal = self.heard + more
        async with self.progress:
            await self.progress.wait_for(lambda: self.heard >= goal)

    async def _connect(self) -> None:
        name = f"{self.name}{len(self.books)}"
        book: list[str] = []
        self.books.append(book)
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            writer.write(f"{name}\n".encode())
            await _until(reader, "Available rooms:")
            writer.write(f"{self.room}\n".encode())
            await _until(reader, f"Welcome to room {self.room}!")
            await self._chat(reader, writer, name, book)
        finally:
            writer.transport.abort()

    async def _chat(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        name: str,
        book: list[str],
    ) -> None:
        there = f"{name} has joined the chat!"
        own = ""
        while self.talking:
            shown = _EVENT.fullmatch(await _line(reader))
            if shown is not None:
                book.append(shown[1])
                if shown[1] not in (there, own):
                    continue
                if shown[1] == own:
                    async with self.progress:
                        self.heard += 1
                        self.progress.notify_all()
            elif not own:
                continue
            else:
                await asyncio.sleep(RETRY_SECONDS)  # it was refused, as nothing can be saved
            own = f"{name}: {name} says {self.said}"
            writer.write(f"{name} says {self.said}\n".encode())
            self.said += 1
            await asyncio.sleep(0.01)


async def _line(reader: asyncio.StreamReader) -> str:
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise ConnectionError
    return line.decode().rstrip()


async def _until(reader: asyncio.StreamReader, words: str) -> None:
    """Reads until that line. A question that comes instead means that it cannot be had now."""
    while (line := await _line(reader)) != words:
        if line.endswith("?"):
            raise ComeBackLater(line)


Talkers = Sequence[Talker | LineTalker]


async def all_say_something(talkers: Talkers) -> None:
    """Returns when each of them has had a few texts saved."""
    until = asyncio.get_running_loop().time() + AFTERWARDS_SECONDS
    for talker in talkers:
        try:
            async with asyncio.timeout_at(until):
                await talker.acks(3)
        except TimeoutError:
            raise AssertionError(f"{talker.name} cannot say anything any more") from None


async def whole_log(cluster: Cluster) -> list[dict[str, object]]:
    """The log, of which each node gives a beginning at least: some may be a moment late."""
    logs = [await read_log(node.url, ROOM, reader=f"reader-{node.name}") for node in cluster.nodes]
    longest = max(logs, key=len)
    for log in logs:
        assert log == longest[: len(log)], "two nodes have different logs"
    return longest


Log = Sequence[dict[str, Any]]


def compare(log: Log, talkers: Sequence[Talker]) -> None:
    """All that was shown is of one log, and all that was acknowledged is in it."""
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    said = [event["text"] for event in log if event["kind"] == "said"]
    assert len(said) == len(set(said)), "a text is in the log twice"
    for talker in talkers:
        assert set(talker.acked) == set(talker.texts), "a text was never acknowledged"
        for nonce, seq in talker.acked.items():
            assert log[seq - 1].get("text") == talker.texts[nonce]
        for event in talker.shown:
            assert log[event["seq"] - 1] == event, (talker.name, event, log[event["seq"] - 1])
        shown = [event["seq"] for event in talker.shown]
        assert shown == list(range(shown[0], shown[0] + len(shown))), talker.name


def compare_lines(log: Log, talkers: Sequence[LineTalker]) -> None:
    """What each connection was shown is a piece of the log without a gap."""
    lines = [_as_line(event) for event in log]
    places: dict[str, int] = {line: place for place, line in enumerate(lines)}
    for talker in talkers:
        for book in filter(None, talker.books):
            # Somebody may come and go more than once; what is said is said once.
            anchor = next((place for place, line in enumerate(book) if ": " in line), None)
            if anchor is None:
                continue
            first = places[book[anchor]] - anchor
            assert first >= 0, (talker.name, book[: anchor + 1])
            assert lines[first : first + len(book)] == book, talker.name


def nobody_comes_or_goes_twice(log: Log) -> None:
    """At most one ``joined`` and one ``left`` of anybody in a row."""
    here: set[str] = set()
    for event in log:
        if event["kind"] == "joined":
            assert event["by"] not in here, f"joined twice: {event}"
            here.add(event["by"])
        elif event["kind"] == "left":
            assert event["by"] in here, f"left twice: {event}"
            here.discard(event["by"])
        elif event["kind"] == "said":
            assert event["by"] in here, f"said something without being there: {event}"


def _as_line(event: dict[str, Any]) -> str:
    match event["kind"]:
        case "joined":
            return f"{event['by']} has joined the chat!"
        case "left":
            return f"{event['by']} has left the chat!"
        case "said":
            return f"{event['by']}: {event['text']}"
    raise AssertionError(f"this was not to be in the log: {event}")
