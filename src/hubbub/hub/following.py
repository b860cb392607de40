"""Follows what other servers append to the same log: a node is a cursor, too.

The bus tells quickly, and may lose, double, delay and reorder; so the log is asked for the rooms'
heads every few seconds. What either tells is a number up to which a room can be shown.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
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

    def begin(self, advance: Advance) -> None:
        """From now on ``advance`` is called for what the others append."""
        self._advance = advance
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
                self._show(record.name, record.state.head)

    def _heard(self, wake: Wake) -> None:
        self._show(wake.room, wake.upto, wake.events)

    def _show(self, name: RoomName, upto: int, events: Sequence[AnyEvent] = ()) -> None:
        room = self._rooms.get(name.key) or self._rooms.make(name)
        self._advance(room, upto, events)


def _not_yet(room: HubRoom, upto: int, events: Sequence[AnyEvent]) -> None:
    """Before the hub is put together."""
