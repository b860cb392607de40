"""Old messages go while people search, page and read slowly: what is gone comes to nobody again."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.conftest import LONG
from tests.faults.people import MAX_FRAME
from tests.faults.test_slow_reader import stalls
from tests.faults.test_trimming_faults import trims
from tests.faults.trimming import DAY_SECONDS, Calm
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

FLAGS = ("--rate-limit", "0", "--durability", "process", "--sessions-per-address", "0")
TRIMS = 50 if LONG else 5
NAMES = ("ada", "ben")
PAGES = 60  # of 200 long texts each, as far as there are so many
PADDING = " tea" * 970  # so that whoever does not read is full soon


# How it is told that an answer came too late: before what it answers was read, or while it was.
GONE = re.compile(r"There is no event (\d+) in |Event (\d+) of .*to reply to")


class Replier(Calm):
    """Answers what it has said before, which is gone soon. ``gone``: what was gone by then."""

    gone = 0

    def _text(self) -> str:
        return super()._text() + PADDING

    async def _say(self, socket: ClientConnection, nonce: str, text: str) -> None:
        said = list(self.acked.values())[-40:]
        more = {"reply_to": said[0]} if said else {}
        await self._send(socket, type="say", room=self.room, text=text, nonce=nonce, **more)

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "error" and (found := GONE.match(frame["message"])):
            self.gone = max(self.gone, int(found[1] or found[2]))
            await self._send(
                socket,
                type="say",
                room=self.room,
                nonce=frame["nonce"],
                text=self.texts[frame["nonce"]],
            )
            return
        await super()._hear(socket, frame)


class Reader:
    """Somebody in the room who checks all that comes. ``floor``: up to where it was told gone."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.floor = 0
        self.cursor: int | None = None
        self.skipped: list[int] = []  # up to there something was left out of what came
        self.head = 0

    async def enter(self, name: str) -> None:
        await self.ask("welcome", type="hello", user=name)
        joined = await self.ask("joined", type="join", room="General")
        self.cursor = self.head = joined["after"]

    async def ask(self, answer: str, **fields: Any) -> dict[str, Any]:
        """Asks, checks all that comes, and returns the answer."""
        await self.socket.send(json.dumps(fields))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.recv())
                assert frame["type"] != "error", frame
                if frame["type"] == "events":
                    self.live(frame["events"])
                if frame["type"] == "history":
                    self.check(frame["events"])
                if frame["type"] == answer:
                    return frame

    def live(self, events: Sequence[dict[str, Any]]) -> None:
        for event in events:
            self.check([event])
            assert self.cursor is not None
            assert event["seq"] > self.cursor, f"{event} comes behind {self.cursor}"
            if event["seq"] != self.cursor + 1:
                self.skipped.append(event["seq"] - 1)
            self.cursor = event["seq"]
            if event["kind"] == "trimmed":
                self.floor = max(self.floor, event["floor"])

    def check(self, events: Sequence[dict[str, Any]]) -> None:
        """Nothing of it is gone."""
        for event in events:
            assert event["seq"] > self.floor, f"{event} was told to be gone"
            if event.get("reply_to", self.floor + 1) <= self.floor:
                assert "quote" not in event, event

    async def page(self, kind: str, **where: int) -> dict[str, Any]:
        page = await self.ask("history", type=kind, room="General", limit=40, **where)
        self.check(page["events"])
        if kind == "history":
            seqs = [event["seq"] for event in page["events"]]
            begin = seqs[0] if seqs else page["last"] + 1
            assert seqs == list(range(begin, page["last"] + 1)), "a hole"
            if begin != page["first"]:
                self.skipped.append(begin - 1)
        assert all(page["first"] <= event["seq"] <= page["last"] for event in page["events"])
        return page

    async def search(self) -> int:
        """Looks through all there is; how much that was."""
        found, more = 0, dict[str, str]()
        while True:
            answer = await self.ask("found", type="search", query="tea", limit=50, **more)
            self.check(answer["results"])
            found += len(answer["results"])
            if "next" not in answer:
                return found
            more = {"before": answer["next"]}

    async def page_back(self, kind: str) -> int:
        """From the newest to the beginning; the number of pages."""
        page, pages = await self.page(kind), 1
        while page["first"] > 1:
            before = page["first"]
            page, pages = await self.page(kind, before=before), pages + 1
            assert page["last"] >= before - 1, "a hole"
            if page["last"] >= before:  # all of it has gone meanwhile
                assert not page["events"]
                self.skipped.append(page["last"])
        return pages

    async def page_on(self, kind: str) -> int:
        """From the beginning to the newest."""
        pages, after = 0, 0
        while True:
            page = await self.page(kind, after=after)
            if page["first"] > page["last"]:
                return pages
            assert page["first"] == after + 1, "a hole"
            pages, after = pages + 1, page["last"]


async def searches(reader: Reader, over: asyncio.Event) -> None:
    await reader.enter("eve")
    found = 0
    while not over.is_set():
        found += await reader.search()
    assert found > 100


async def pages(reader: Reader, over: asyncio.Event) -> None:
    await reader.enter("dan")
    count = 0
    while not over.is_set():
        for kind in ("history", "timeline"):
            count += await reader.page_back(kind) + await reader.page_on(kind)
    assert count > 20


async def reads_now_and_then(reader: Reader) -> None:
    """Asks for more than the network takes, and so is behind, until something goes meanwhile."""
    await reader.enter("kim")
    while not reader.skipped:
        for _ in range(PAGES):
            ask = {"type": "history", "room": "General", "limit": 200}
            await reader.socket.send(json.dumps(ask))
        await asyncio.sleep(3 * DAY_SECONDS)
        await reader.ask("pong", type="ping")


@pytest.mark.slow
@pytest.mark.timeout(1500 if LONG else 300)
async def test_what_is_gone_comes_to_nobody_who_searches_pages_or_reads_slowly(
    tmp_path: Path,
) -> None:
    module = "tests.faults.trimming"
    quick = {"DELETED_AT_ONCE": "100"}  # as much is said
    with ServerProcess(tmp_path / "data", *FLAGS, module=module, environment=quick) as server:
        pipe = socket.socket()
        pipe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        pipe.connect(server.address)
        pipe.setblocking(False)
        people = [Replier(server.url, name, window=2) for name in NAMES]
        over = asyncio.Event()
        async with (
            connect(server.url, max_size=MAX_FRAME, compression=None) as eve,
            connect(server.url, max_size=MAX_FRAME, compression=None) as dan,
            connect(
                server.url, max_size=MAX_FRAME, compression=None, sock=pipe, max_queue=1
            ) as kim,
        ):
            readers = [Reader(one) for one in (eve, dan, kim)]
            async with asyncio.TaskGroup() as group:
                for person in people:
                    group.create_task(person.live())
                await people[0].acks(20)
                group.create_task(searches(readers[0], over))
                group.create_task(pages(readers[1], over))
                await reads_now_and_then(readers[2])
                await trims(people[0], TRIMS)
                over.set()
                for person in people:
                    person.talking = False
            for reader in readers:
                await reader.ask("pong", type="ping")
                assert max(reader.skipped, default=0) <= reader.floor, "a hole"
                assert reader.floor
                assert max(person.gone for person in people) <= reader.floor
            assert await asyncio.to_thread(stalls, server), "nobody has read slowly"
        assert not [line for line in server.output if "rror" in line], server.output
