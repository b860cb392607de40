"""What the people of these tests do, and a way to wait until the log has settled it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hubbub.domain.events import AnyEvent, Joined, Left, Said
from hubbub.domain.ids import UserId, user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.state import RoomFacts
from hubbub.hub.ports import Draft, Entry, Guest, Log, Settled

GENERAL = RoomName.parse("General")
KITCHEN = RoomName.parse("Kitchen")
ADA, BEN, EVE = (UserName.parse(name) for name in ("Ada", "ben", "eve"))
IDS = {ADA: user_id(1 << 40), BEN: user_id((1 << 63) - 1), EVE: user_id(3)}
NOON = 1_690_711_200_000
SPOKEN = RoomFacts(silent=False)
MADE_AT_NOON = RoomFacts(silent=False, made=NOON)
"""Of a room in which something was said."""


def said(
    text: str,
    by: UserName = ADA,
    room: RoomName = GENERAL,
    *,
    nonce: str | None = None,
    reply_to: int | None = None,
) -> Draft:
    event = Said(0, NOON, by, text, reply_to, by_id=IDS[by])
    return Draft(room, event, nonce=nonce)


def joined(user: UserName = ADA, room: RoomName = GENERAL, *, by_id: UserId | None = None) -> Draft:
    return Draft(room, Joined(0, NOON, user, by_id=by_id))


def left(user: UserName = ADA, room: RoomName = GENERAL) -> Draft:
    return Draft(room, Left(0, NOON, user))


def guest(name: UserName, number: int | None = None) -> Guest:
    return Guest(IDS[name] if number is None else user_id(number), name, bytes(32))


def texts(events: Sequence[AnyEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Said)]


def seqs(events: Sequence[AnyEvent]) -> list[int]:
    return [event.seq for event in events]


class Talk:
    """Appends to a log, and keeps what it settles, group by group."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.groups: list[Sequence[Settled]] = []
        self.settled: list[Settled] = []
        self._appended = 0
        self._all_settled = asyncio.Event()
        log.listen(self._listen)

    def _listen(self, settled: Sequence[Settled]) -> None:
        self.groups.append(settled)
        self.settled += settled
        if len(self.settled) == self._appended:
            self._all_settled.set()

    def append(self, *entries: Entry) -> None:
        self._appended += len(entries)
        self._all_settled.clear()
        for entry in entries:
            self.log.append(entry)

    async def all_settled(self) -> None:
        if len(self.settled) < self._appended:
            await self._all_settled.wait()

    async def settle(self, *entries: Entry) -> list[Settled]:
        """Appends ``entries``, waits for all that was appended, and returns their outcomes."""
        self.append(*entries)
        await self.all_settled()
        return self.settled[len(self.settled) - len(entries) :]

    async def say(self, text: str) -> Settled:
        (outcome,) = await self.settle(said(text))
        return outcome

    async def all(self, room: RoomName = GENERAL) -> list[AnyEvent]:
        return await self.log.read(room.key, 0, 1_000_000)
