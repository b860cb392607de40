"""Follows what other servers append to the same log: a node is a cursor, too.

The bus tells quickly, and may lose, double, delay and reorder; so the log is asked every second
which rooms have grown. What either tells is a number up to which a room can be shown.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence

from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent, RoomRenamed
from hubbub.domain.names import RoomName
from hubbub.hub.goingon import GoingOn
from hubbub.hub.ports import Bus, Ephemeral, Log, Message, Missed, Shown, Wake
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms

ASK_SECONDS = 1.0  # between two looks at the heads in the log: how late a lost wake-up may be
LEAST_SECONDS = 0.1  # between two looks when the bus says that it has lost something
LOOKS = 300  # of which one is at all heads, not only at those that have grown: in five minutes
MOST_NEW = 200  # rooms about which the log is asked at once

Advance = Callable[[HubRoom, int, Sequence[AnyEvent]], None]
"""Shows a room up to a ``seq``, with the events that are at hand."""


class NoBus:
    """A `Bus` that tells nothing: the log is all that the servers on it have in common."""

    def publish(self, message: Wake | Ephemeral) -> None:
        """See `Bus`; so for the others."""

    def listen(self, heard: Callable[[Message], None]) -> None:
        """Nothing is heard."""

    def stats(self) -> Mapping[str, float]:
        return {}

    async def run(self, key: bytes) -> None:
        """There is nothing to do."""


class Following:
    """Tells the other servers of this one's events, and hears of theirs."""

    def __init__(self, bus: Bus, log: Log, rooms: Rooms) -> None:
        self._bus = bus
        self._log = log
        self._rooms = rooms
        self._advance: Advance = _not_yet
        self._moved: Callable[[HubRoom, RoomName], None] = _moves_nothing
        self._doubt: Callable[[HubRoom], None] = _doubts_nothing
        self._told: Callable[[Ephemeral], None] = _tells_nobody
        self._went_back: Callable[[], None] = _stays
        self._others: Callable[[], None] = _stays
        self._failed_over: Callable[[], None] = _stays
        self._mark: str | None = None
        self._looks = 0
        self._behind = 0
        self._missed = asyncio.Event()
        self._doubted = ("", "")
        self._origin = log.origin

    def begin(
        self,
        advance: Advance,
        moved: Callable[[HubRoom, RoomName], None],
        told: Callable[[Ephemeral], None],
        doubt: Callable[[HubRoom], None],
        went_back: Callable[[], None],
        others: Callable[[], None],
        failed_over: Callable[[], None],
    ) -> None:
        """From now on ``advance`` is called for what the others append.

        ``moved`` is called before that for a room to which they have given another name, and
        ``doubt`` for one whose name is another one's by now; ``told`` for what they tell that does
        not last; ``went_back`` when the log has not all any more that was shown of it; ``others``
        when one of them says that it has saved something; ``failed_over`` when the log is another
        run of its database, which has all that was shown, and may lack something else.
        """
        self._others = others
        self._failed_over = failed_over
        self._went_back = went_back
        self._advance = advance
        self._moved = moved
        self._told = told
        self._doubt = doubt
        self._bus.listen(self._heard)

    def appended(self, room: HubRoom, events: Sequence[AnyEvent]) -> None:
        """This server has appended ``events``, or what is up to the room's head."""
        upto = events[-1].seq if events else room.head
        self._bus.publish(Wake(room.name, upto, events, room.id, self._log.origin))

    def tell(self, message: Ephemeral) -> None:
        """Tells the others something that does not last; they may not hear of it."""
        self._bus.publish(message)

    def stats(self) -> Mapping[str, float]:
        """Counters since the start, with those of the bus."""
        return {"behind_found": self._behind, **self._bus.stats()}

    async def run(self, key: bytes) -> None:
        """Looks again and again, and lets the bus carry messages, until cancelled.

        ``key``: see `Bus.run`.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._bus.run(key))
            group.create_task(self._look_on())

    async def _look_on(self) -> None:
        going_on = GoingOn("To look at what other servers have saved")
        while True:
            await asyncio.sleep(LEAST_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ASK_SECONDS - LEAST_SECONDS):
                    await self._missed.wait()
            self._missed.clear()
            with going_on:
                await self.look()

    async def look(self) -> None:
        """Asks the log which rooms have grown; nothing happens while it cannot be read."""
        since = self._mark if self._looks % LOOKS else None
        self._looks += 1
        if not await self._log.holds(self._shown):
            self._went_back()
            return
        if self._log.origin != self._origin:
            self._origin = self._log.origin
            self._rooms.going.clear()  # it may have lost that they were deleted
            self._failed_over()
        try:
            found = await self._log.heads(since)
            new = [key for id, (key, head) in found.heads.items() if not self._knows(id, key, head)]
            for start in range(0, len(new), MOST_NEW):
                for record in await self._log.rooms(new[start : start + MOST_NEW]):
                    former, head = record.state.facts.former, record.state.head
                    self._show(record.name, head, former=former, id=record.id)
        except ChatError:
            return
        self._mark = found.mark

    def _knows(self, id: int, key: str, head: int) -> bool:
        """Whether that room is here, under that name; then it is shown up to ``head``."""
        room = self._rooms.with_id(id)
        if room is None or room.name.key != key:
            return False
        if head > room.head:
            self._behind += 1
            self._advance(room, head, ())
        elif head < room.head:  # it was appended to since; or the log went back
            self._log.doubt()
        return True

    def _shown(self) -> list[Shown]:
        return [
            Shown(room.id, room.head, room.state.at)
            for room in self._rooms.everything
            if room.id is not None and room.head
        ]

    def _heard(self, message: Message) -> None:
        match message:
            case Wake():
                self._wake(message)
            case Missed():
                self._missed.set()
            case _:
                self._told(message)

    def _wake(self, wake: Wake) -> None:
        self._others()
        if wake.origin and self._log.origin not in ("", wake.origin):
            # It is from before a failover that may have lost it, or this server has not noticed one
            # yet. What is saved is told by the log, as soon as it is compared with what was shown.
            both = wake.origin, self._log.origin
            if both != self._doubted:  # once: who plays old messages back must cost little
                self._doubted = both
                self._log.doubt()
            self._missed.set()
            return
        former = [one.was for one in wake.events if isinstance(one, RoomRenamed)]
        known = self._rooms.named(wake.room.key) or former or self._rooms.with_id(wake.room_id)
        if known or self._rooms.get(wake.room.key) is None:  # else it is late, or `look` finds it
            self._show(wake.room, wake.upto, wake.events, former, wake.room_id)

    def _show(
        self,
        name: RoomName,
        upto: int,
        events: Sequence[AnyEvent] = (),
        former: Sequence[str] = (),
        id: int | None = None,
    ) -> None:
        """``id``: of the room; if another one has the name here, what becomes of that is asked."""
        if id is not None and id in self._rooms.going:
            return
        room = self._rooms.named(name.key)
        if room is not None and id is not None and room.id not in (None, id):
            self._doubt(room)
            return  # the next look finds the other one
        if room is None and (room := self._rooms.with_id(id)) is not None:
            self._moved(room, name)
        if room is None:
            keys = (RoomName.recall(one).key for one in reversed(former))
            known = (self._rooms.named(key) for key in keys)
            same = (one for one in known if one is not None and one.head <= upto)
            # One that has an id is another room, which has that name since.
            room = next((one for one in same if one.id is None or id is None), None)
            if room is None:
                room = self._rooms.make(name)
            else:
                self._moved(room, name)
            self._rooms.know_former(room, former)
        self._rooms.identify(room, id)
        self._advance(room, upto, events if id is not None else ())


def _stays() -> None:
    """Before the hub is put together."""


def _moves_nothing(room: HubRoom, name: RoomName) -> None:
    """Before the hub is put together."""


def _doubts_nothing(room: HubRoom) -> None:
    """Before the hub is put together."""


def _not_yet(room: HubRoom, upto: int, events: Sequence[AnyEvent]) -> None:
    """Before the hub is put together."""


def _tells_nobody(message: Ephemeral) -> None:
    """Before the hub is put together."""
