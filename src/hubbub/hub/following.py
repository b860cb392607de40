"""Follows what other servers append to the same log: a node is a cursor, too.

The bus tells quickly, and may lose, double, delay and reorder; so the log is asked for the rooms'
heads every few seconds. What either tells is a number up to which a room can be shown.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent, RoomRenamed
from hubbub.domain.names import RoomName
from hubbub.hub.ports import Bus, Log, Wake
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms

ASK_SECONDS = 1.0  # between two looks at the heads in the log: how late a lost wake-up may be

Advance = Callable[[HubRoom, int, Sequence[AnyEvent]], None]
"""Shows a room up to a ``seq``, with the events that are at hand."""


class Following:
    """Tells the other servers of this one's events, and hears of theirs."""

    def __init__(self, bus: Bus, log: Log, rooms: Rooms) -> None:
        self._bus = bus
        self._log = log
        self._rooms = rooms
        self._advance: Advance = _not_yet
        self._moved: Callable[[HubRoom, RoomName], None] = _moves_nothing

    def begin(self, advance: Advance, moved: Callable[[HubRoom, RoomName], None]) -> None:
        """From now on ``advance`` is called for what the others append.

        ``moved`` is called before that for a room to which they have given another name.
        """
        self._advance = advance
        self._moved = moved
        self._bus.listen(self._heard)

    def appended(self, room: HubRoom, events: Sequence[AnyEvent]) -> None:
        """This server has appended ``events``, or what is up to the room's head."""
        self._bus.publish(Wake(room.name, events[-1].seq if events else room.head, events))

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        while True:
            await asyncio.sleep(ASK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Asks the log for the heads of all rooms; nothing happens while it cannot be read."""
        with contextlib.suppress(ChatError):
            for record in await self._log.rooms():
                former, head = record.state.facts.former, record.state.head
                self._show(record.name, head, former=former)

    def _heard(self, wake: Wake) -> None:
        former = [one.was for one in wake.events if isinstance(one, RoomRenamed)]
        known = self._rooms.named(wake.room.key) or former
        if known or self._rooms.get(wake.room.key) is None:  # else it is late, or `look` finds it
            self._show(wake.room, wake.upto, wake.events, former)

    def _show(
        self,
        name: RoomName,
        upto: int,
        events: Sequence[AnyEvent] = (),
        former: Sequence[str] = (),
    ) -> None:
        room = self._rooms.named(name.key)
        if room is None:
            keys = (RoomName.recall(one).key for one in reversed(former))
            known = (self._rooms.named(key) for key in keys)
            room = next((one for one in known if one is not None and one.head <= upto), None)
            if room is None:
                room = self._rooms.make(name)
            else:
                self._moved(room, name)
            self._rooms.know_former(room, former)
        self._advance(room, upto, events)


def _moves_nothing(room: HubRoom, name: RoomName) -> None:
    """Before the hub is put together."""


def _not_yet(room: HubRoom, upto: int, events: Sequence[AnyEvent]) -> None:
    """Before the hub is put together."""
