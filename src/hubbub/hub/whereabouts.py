"""What other servers have done to rooms as a whole: deleted, renamed, made anew, trimmed, begun.

A room's own log tells of what happens in it, not of these. So the log is asked, by the rooms' ids,
which stay whatever a room is called and are never used again: when something does not fit, and from
time to time in any case. Only where there are other servers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from hubbub.domain.errors import ChatError, LogUnavailable
from hubbub.domain.events import AnyEvent, RoomRenamed
from hubbub.domain.names import RoomName
from hubbub.hub import deleting, roomnames
from hubbub.hub.attendance import Attendance
from hubbub.hub.goingon import GoingOn
from hubbub.hub.ports import RoomMovedOn, RoomRecord
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services

CHECK_SECONDS = 10.0  # between two looks at what rooms there are: so late a deletion may be noticed
AT_ONCE = 1000  # rooms that are looked at before others have their turn: half a millisecond
MOST_READ = 5000  # events that a room may be behind; beyond them its saved state is taken
REACH_SECONDS = 2.0  # for which somebody waits until this server has caught up


class Whereabouts:
    """Asks the log for what this server does not know. ``reloaded``: see `reload`."""

    def __init__(self, hub: Services, reloaded: Callable[[HubRoom], None]) -> None:
        self._hub = hub
        self._reloaded = reloaded
        self._vacated: dict[HubRoom, list[Attendance]] = {}
        """Who was in rooms that are not here any more, until it is known which rooms those are now:
        a join whose outcome nobody knows may be in that one."""

    async def run(self) -> None:
        """Checks all rooms again and again, until cancelled."""
        going_on = GoingOn("To look where the rooms are")
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            with going_on:
                await self.check()

    async def check(self) -> None:
        """Finds the rooms that are gone, or called otherwise; nothing while there is no log."""
        rooms = self._hub.rooms
        known = {room.id: room for room in rooms.everything if room.id is not None}
        try:
            keys = await self._hub.log.keys()
        except ChatError:
            return
        for number, (id, room) in enumerate(known.items()):
            if keys.get(id) != room.name.key and not room.gone:
                await self.verify(room)
            elif number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        for number, (id, key) in enumerate(keys.items()):
            if rooms.with_id(id) is None and id not in rooms.going:
                await self._find(key)
            elif number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        for room in list(self._vacated):  # of when the log could not be read
            await self._resume_if_known(room)

    def doubt(self, room: HubRoom) -> None:
        """Something does not fit: `verify` it."""
        self._hub.spawn(self.verify(room))

    def vacated(self, room: HubRoom, inside: Sequence[Attendance]) -> None:
        """``inside`` were in ``room``, which is not here now: what has its log is owed leaves."""
        self._vacated.setdefault(room, []).extend(inside)
        self._hub.spawn(self._resume_if_known(room))

    async def verify(self, room: HubRoom) -> None:
        """Looks what has become of ``room``; nothing while the log cannot be read."""
        try:
            record = await self._hub.log.room(room.which)
        except ChatError:
            return
        if room.gone or room.frozen:
            return
        if record is not None:
            await self._follow(room, record)
        elif room.id is not None:
            await self._gone(room)

    async def _gone(self, room: HubRoom) -> None:
        """``room`` was deleted; its name may be another one's by now."""
        if not room.gone:
            vacated = deleting.deleted_elsewhere(self._hub, room)
            self._vacated.setdefault(room, []).extend(vacated)
        if room.listable:
            await self._resume_if_known(room)
        else:
            self._vacated.pop(room, None)

    async def _resume_if_known(self, room: HubRoom) -> None:
        with suppress(ChatError):  # else at the next look
            await self._resume(room)

    async def _resume(self, room: HubRoom) -> None:
        """What was ``room`` has another name now, or another one its name: that is owed leaves."""
        known = None if room.id is None else await self._find(room.id)
        if known is None:
            named = await self._find(room.name.key)
            # And not one that had the name formerly.
            known = named if named is not None and named.name.key == room.name.key else None
        vacated = self._vacated.pop(room, ())
        if known is not None:
            self._hub.presence.resume(known, vacated)

    async def _follow(self, room: HubRoom, record: RoomRecord) -> None:
        hub = self._hub
        if not hub.rooms.identify(room, record.id):
            room = self.same(room, record.id)
        if str(record.name) != str(room.name):
            other = hub.rooms.named(record.name.key)
            if other is not None and other is not room:
                if other.id is not None:
                    await self.verify(other)  # it is gone, or has another name
                else:
                    self.same(other, record.id)  # about to be made
            if room.gone or hub.rooms.named(record.name.key) not in (None, room):
                return  # the log cannot be read just now: at the next look
            if str(record.name) != str(room.name):
                roomnames.moved(hub, room, record.name)
        hub.journal.advance(room, record.state.head)

    def in_the_way(self, room: HubRoom, events: Sequence[AnyEvent]) -> HubRoom | None:
        """Another room that has here the name which ``room`` gets by ``events``."""
        for event in events:
            if isinstance(event, RoomRenamed):
                other = self._hub.rooms.named(RoomName.recall(event.name).key)
                if other is not None and other is not room:
                    return other
        return None

    def same(self, room: HubRoom, id: int | None) -> HubRoom:
        """The room with that id, which ``room`` turns out to be: it was about to be made here.

        Whoever was coming into it has to come again.
        """
        known = self._hub.rooms.with_id(id)
        assert known is not None
        vacated = deleting.dropped(self._hub, room, because=RoomMovedOn())
        self._hub.presence.resume(known, vacated)
        self.doubt(known)
        return known

    async def know(self, name: RoomName) -> HubRoom | None:
        """The room of that name, as far as the log has it by now. Raises `LogUnavailable`."""
        return self._hub.rooms.get(name.key) or await self._find(name.key, wait=True)

    async def _find(self, which: int | str, *, wait: bool = False) -> HubRoom | None:
        """The room with that id or key, if there is one: taken from the log if it is not known.

        ``wait``: until it is shown.
        """
        rooms = self._hub.rooms
        record = await self._hub.log.room(which)
        if record is not None and record.id not in rooms.going:
            room = rooms.with_id(record.id) or rooms.named(record.name.key)
            if room is None:
                room = rooms.make(record.name, id=record.id)
            await self._follow(room, record)
            if wait:
                await self.reach(room, record.state.head)
        return rooms.get(which) if isinstance(which, str) else rooms.with_id(which)

    async def reach(self, room: HubRoom, seq: int) -> None:
        """Returns when the event ``seq`` of ``room`` is shown, or it turns out that there is none.

        Raises `LogUnavailable` if that takes too long.
        """
        head = seq if seq <= room.head else await self._hub.log.head(room.which)
        if head <= room.head:
            return
        self._hub.journal.advance(room, head)
        try:
            async with asyncio.timeout(REACH_SECONDS):
                await self._hub.journal.caught_up_with(room)
        except TimeoutError:
            raise LogUnavailable(
                f"{room.name} cannot be read just now. Please try again in a moment.",
                retry_after=REACH_SECONDS,
            ) from None

    async def missing(
        self, room: HubRoom, upto: int, events: Sequence[AnyEvent]
    ) -> Sequence[AnyEvent] | None:
        """What of the log of ``room``, from which ``events`` were read, is to be shown next.

        Nothing where they do not continue what was shown: then the room's saved state was taken, or
        the room is another one by now. None if it is about to be made, and the one of its name that
        was told of is gone. Raises `LogUnavailable`.
        """
        if (other := self.in_the_way(room, events)) is not None:
            if other.id is None:
                self.same(other, room.id)
            else:
                await self.verify(other)
            if self.in_the_way(room, events) is not None:
                return ()
        if room.id is None:  # what was read by the name may be of a room that had it before
            record = await self._hub.log.room(room.name.key)
            if record is None:
                return None
            if not self._hub.rooms.identify(room, record.id):
                self.same(room, record.id)
            return ()
        fits = bool(events) and events[0].seq == room.head + 1
        if fits and upto - room.head <= MOST_READ:
            return events
        record = await self._hub.log.room(room.which)
        if record is None:
            await self._gone(room)
            return ()
        if record.name.key != room.name.key:
            await self._follow(room, record)
            return ()
        if record.state.facts.directory:
            return events if fits else ()
        gap = record.state.facts.floor > room.head or upto - room.head > MOST_READ
        if gap and record.state.head > room.head:
            await self._reload(room, record)
            return ()
        return events if fits else ()

    async def _reload(self, room: HubRoom, record: RoomRecord) -> None:
        # They are read behind the state. What has changed them since comes once more as events,
        # which end in the same: each says who is there by it.
        members = await self._hub.log.members(record.name.key)
        if not room.gone and record.state.head > room.head:
            room.reload(record.state, [one.member for one in members])
            self._reloaded(room)
