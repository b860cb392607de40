"""What is older than a room keeps is deleted: from view at once, from the disk in small steps.

First an event says up to where the room is gone (`Trimmed`): from then on nobody is shown it, on
any server, and clients forget it. Then the log deletes it, a little at a time, with pauses that let
what people say go first. A server that was stopped in between goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from hubbub.domain.errors import BadMessage, ChatError
from hubbub.domain.events import THE_SERVER, UNSEQUENCED, Trimmed
from hubbub.domain.rules import shortest
from hubbub.hub.ports import Done, Entry, Settled, Trim, TrimNameless
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services

DAY_MS = 86_400_000
MOST_AHEAD_MS = (
    600_000  # of the database's clock, or behind it: one of several servers may be wrong
)
PASS_SECONDS = 3600.0  # from one look at all rooms to the next one
FIRST_SECONDS = 30.0  # after the start, which has enough to do
LOOKED_AT = 5000  # events whose times are read at once: some milliseconds in a reader's thread
DELETED_AT_ONCE = 200  # events in one transaction: some milliseconds of the writer's
PAUSE_RATIO = 4.0  # the pause after a step, for each second that it took
MIN_PAUSE_SECONDS = 0.01
RETRY_SECONDS = 60.0  # after the log could not be read, or took nothing

_logger = logging.getLogger(__name__)


class Retention:
    """Looks through all rooms every hour; `run` in a task."""

    def __init__(self, hub: Services) -> None:
        self._hub = hub
        self._since = hub.clock() - hub.monotonic() * 1000
        self._clean: dict[HubRoom, int] = {}
        """The floors up to which everything is known to be deleted."""

    async def run(self) -> None:
        """Until cancelled."""
        pause = self.first_pause()
        while True:
            await asyncio.sleep(pause)
            pause = PASS_SECONDS if await self.look() else RETRY_SECONDS

    def first_pause(self) -> float:
        """The seconds until the first look: long if the clock may be wrong, as after a cold start.

        A server has nothing to tell a wrong clock by but what was saved last.
        """
        newest = max((room.state.at or 0 for room in self._hub.rooms), default=0)
        quiet = (self._hub.clock() - newest) // DAY_MS
        if not newest or quiet < 1:
            return FIRST_SECONDS
        _logger.info(
            "By this computer's clock nothing has happened here for %d days. In case the clock is "
            "wrong, nothing that is old is deleted within the next hour.",
            quiet,
        )
        return PASS_SECONDS

    async def look(self) -> bool:
        """One look at all rooms. Whether all was done that was to be done."""
        hub, done = self._hub, True
        if not self._is_clock_steady():
            return True
        self._clean = {room: floor for room, floor in self._clean.items() if not room.gone}
        for room in list(hub.rooms):
            if room is hub.access.directory or room.gone or room.frozen:
                continue
            try:
                done = await self._trim(room) and done
            except ChatError:
                done = False
            await asyncio.sleep(0)
        days = hub.access.directory.state.facts.keep_days
        if days:
            before = hub.clock() - days * DAY_MS
            done = await self._delete(partial(_nameless, before)) and done
        return done

    def _is_clock_steady(self) -> bool:
        """Whether the time of day has gone on as time does since the last look.

        A clock that was put forward by a year would delete all there is.
        """
        node = self._hub.node
        if node is not None and abs(node.ahead) > MOST_AHEAD_MS:
            _logger.warning(
                "The clock of this computer differs from the database's by %d minutes, so this "
                "server deletes nothing that is old within the next hour. Look which one is right.",
                abs(node.ahead) // 60_000,
            )
            return False
        since = self._hub.clock() - self._hub.monotonic() * 1000
        jumped, self._since = abs(since - self._since) > DAY_MS, since
        if jumped:
            _logger.warning(
                "The clock of this computer has jumped by more than a day, so nothing that is old "
                "is deleted within the next hour. Look whether it is right now."
            )
        return not jumped

    def days(self, room: HubRoom) -> int:
        """For how many days what happens in ``room`` is kept; 0: for good."""
        ruled = self._hub.rooms.of_queue(room) or room
        server = self._hub.access.directory.state.facts.keep_days
        return shortest(ruled.state.facts.keep_days, server)

    async def _trim(self, room: HubRoom) -> bool:
        days = self.days(room)
        if days and not await self._raise_floor(room, days):
            return False
        floor, name = room.floor, room.name
        if floor <= self._clean.get(room, 0):
            return True
        if not await self._delete(partial(_older, room, floor), room):
            return False
        if room.frozen or room.name != name:
            return False  # what was asked for by the name of before may have found nothing
        self._clean[room] = floor
        return True

    async def _raise_floor(self, room: HubRoom, days: int) -> bool:
        """Says up to where the room is gone, if that is more than before."""
        now = self._hub.clock()
        before = now - days * DAY_MS
        floor = upto = room.floor
        key = room.name.key
        while True:
            # Said meanwhile, or before the clock was put back a little, it is later than now.
            found = await self._hub.log.expired(room.which, upto, before, now + DAY_MS, LOOKED_AT)
            if room.gone or room.frozen or room.name.key != key:
                return room.gone  # what was found may be of another room that has the name now
            # What has a time that is yet to come goes with what follows it, and so may stay.
            full, upto = found == upto + LOOKED_AT, max(upto, found)
            if not full:
                break
        # What is left of a room in which nobody says anything is the event that has trimmed it.
        if upto == floor or (upto == room.head and upto == floor + 1 and floor):
            return True
        event = Trimmed(UNSEQUENCED, now, THE_SERVER, upto)
        outcome = await self._hub.outcome(partial(room.draft, event))
        # Of several servers that find it at the same time, one says so.
        return outcome.error is None or isinstance(outcome.error, BadMessage)

    async def _delete(self, entry: Callable[..., Entry], room: HubRoom | None = None) -> bool:
        """Deletes step by step; whether all is deleted.

        Of ``room``, as long as it has its name: the log knows it by that.
        """
        while True:
            if room is not None and (room.gone or room.frozen):
                return room.gone
            began = self._hub.monotonic()
            outcome: Settled = await self._hub.outcome(entry)
            if outcome.error is not None:
                return False
            if not outcome.more:
                return True
            took = self._hub.monotonic() - began
            await asyncio.sleep(max(MIN_PAUSE_SECONDS, took * PAUSE_RATIO))


def _older(room: HubRoom, floor: int, done: Done) -> Trim:
    return Trim(room.name, floor, DELETED_AT_ONCE, done)


def _nameless(before: int, done: Done) -> TrimNameless:
    return TrimNameless(before, DELETED_AT_ONCE, done)
