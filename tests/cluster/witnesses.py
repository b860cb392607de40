"""People who may be told that the log went back, and keep a book for each history they are shown.

They do what `docs/protocol.md` asks of a client: their cursors have the time of the last event, and
they begin anew when the log has another id, or their cursor does not fit to it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection

from tests.cluster.talkers import PASSING, ComeBackLater, Log, Talker
from tests.faults.people import RETRY_SECONDS

FORGOTTEN = ("name-taken", "wrong-token")
"""Whose name was given them after what the database has yet: they need another one."""


@dataclass
class Book:
    """One history: ``shown`` without a gap, and which texts were acknowledged, by their numbers."""

    log: str
    shown: list[dict[str, Any]] = field(default_factory=list)
    acked: dict[int, str] = field(default_factory=dict)


class HistoryChanged(ConnectionError):
    """The server has told that the log is not the one which was known."""


@dataclass
class Witness(Talker):
    """``books``: the last one is of the present history. ``names``: how many names there were."""

    books: list[Book] = field(default_factory=list)
    names: int = 1

    async def _enter(self, socket: ClientConnection) -> None:
        await self._send(socket, type="hello", user=self._called(), token=self.token)
        welcome = await self._answer(socket, "welcome")
        self.token = welcome["token"]
        if not self.books or self.books[-1].log != welcome["log"]:
            self._begin_anew(welcome["log"])
        at = self.shown[-1]["at"] if self.shown else None
        await self._send(socket, type="join", room=self.room, after=self.cursor, after_at=at)
        self._resume((await self._answer(socket, "joined"))["after"])
        for nonce, text in list(self.waiting.items()):
            await self._say(socket, nonce, text)

    async def _answer(self, socket: ClientConnection, kind: str) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame.get("code") == "bad-cursor":
            self._begin_anew(self.books[-1].log)
            raise HistoryChanged
        if frame.get("code") in FORGOTTEN and self.token is not None:
            self.token = None
            self.names += 1
            self.waiting.clear()  # another user's nonces are others
            raise ComeBackLater
        if frame["type"] == "bye" or frame.get("code") in PASSING:
            await asyncio.sleep(RETRY_SECONDS)
            raise ComeBackLater
        assert frame["type"] == kind, (self.name, self.cursor, frame)
        return frame

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "ack":
            text = self.texts[frame["nonce"]]
            self.acked.pop(frame["nonce"], None)  # it may have been lost since it was told first
            assert self.books[-1].acked.setdefault(frame["seq"], text) == text
        await super()._hear(socket, frame)

    def _begin_anew(self, log: str) -> None:
        self.books.append(Book(log))
        self.shown = self.books[-1].shown
        self.cursor = None

    def _called(self) -> str:
        return self.name if self.names == 1 else f"{self.name}-{self.names}"


def compare_books(log: Log, witnesses: Sequence[Witness], failovers: int) -> int:
    """How many texts were lost that somebody was shown; all who were have been told so.

    A book is a piece of ``log`` without a gap, behind which there may be events that were lost, but
    nothing any more that was not: nobody is shown a mixture.
    """
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    said = [event["text"] for event in log if event["kind"] == "said"]
    assert len(said) == len(set(said)), "a text is in the log twice"
    lost: set[str] = set()
    for witness in witnesses:
        # One may be told twice of a failover: by the cursor, and by the log's new id.
        assert len(witness.books) <= 1 + 2 * failovers, witness.name
        for place, book in enumerate(witness.books):
            lost |= _lost_of(log, witness.name, book, is_last=place == len(witness.books) - 1)
    return len(lost)


def _lost_of(log: Log, who: str, book: Book, *, is_last: bool) -> set[str]:
    seqs = [event["seq"] for event in book.shown]
    if seqs:
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), who
    kept = [_is_there(log, event) for event in book.shown]
    first = kept.index(False) if False in kept else len(kept)
    assert not any(kept[first:]), (who, "was shown a mixture", book.shown[first - 1 : first + 3])
    lost = {event.get("text", "") for event in book.shown[first:]}
    there = {event["seq"]: event.get("text") for event in log}
    unsaid = {text for seq, text in book.acked.items() if there.get(seq) != text}
    assert not (is_last and (lost or unsaid)), (who, "was not told of it", lost, unsaid)
    if seqs and first:
        saved = {seq for seq, text in book.acked.items() if text in unsaid}
        assert not saved or min(saved) > seqs[first - 1], (who, "another text had that number")
    return (lost | unsaid) - {""}


def _is_there(log: Log, event: dict[str, Any]) -> bool:
    seq: int = event["seq"]
    return seq <= len(log) and log[seq - 1] == event
