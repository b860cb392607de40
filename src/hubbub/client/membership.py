"""Joins the rooms that the program wants to be in, on every connection, and leaves them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from msgspec.structs import replace

from hubbub.client.backoff import STABLE_SECONDS
from hubbub.client.errors import error_of
from hubbub.client.patience import Patience, passing
from hubbub.client.pending import Pending
from hubbub.client.rooms import Room, Rooms, Stage
from hubbub.client.source import Answered
from hubbub.client.updates import Entered, RoomLost, RoomMoved, Update
from hubbub.domain.commands import Command, Join, Leave
from hubbub.domain.errors import (
    BadCursor,
    ChatError,
    Forbidden,
    InvalidName,
    NeedAccount,
    NeedPassword,
    NoSuchRoom,
    NotAllowed,
    NotInRoom,
)
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Refused, Reply, RoomJoined
from hubbub.domain.rules import KEEPS_MEMBERS

SHUT_OUT = (Forbidden, NeedAccount, NeedPassword, NoSuchRoom, NotAllowed)
"""Refusals of a room in which we may not read any more what we have read."""


class Membership:
    """A `Source` of joins and leaves.

    ``has_lines`` tells whether a room, by its key, has unsaved lines: it is left after they are
    saved. ``lost`` is called with a room that refuses us, and the reason; ``renamed`` with the key
    of a room's former name, and the present one. ``stamps``: whether the server checks the times of
    cursors.
    """

    def __init__(
        self,
        rooms: Rooms,
        has_lines: Callable[[str], bool],
        lost: Callable[[Room, Exception], None],
        renamed: Callable[[str, RoomName], None],
    ) -> None:
        self.online = False
        self.stamps = False
        self._rooms = rooms
        self._has_lines = has_lines
        self._lost = lost
        self._renamed = renamed
        self._patience: dict[Room, Patience] = {}
        self._again: dict[Room, Patience] = {}

    def join(
        self,
        name: RoomName,
        after: int | None,
        at: int | None,
        password: str | None = None,
        invite: str | None = None,
    ) -> Pending[Entered]:
        """Wants to be in a room; the result comes when the server lets us in, or refuses."""
        entered: Pending[Entered] = Pending()
        room = self._rooms.want(name, after, at)
        room.password = password or room.password
        room.invite = invite or room.invite
        if room.stage is Stage.IN and room.entered is not None:
            entered.resolve(room.entered)
        else:
            room.waiters.append(entered)
        return entered

    def leave(self, room: Room, *, for_good: bool = True) -> Pending[None]:
        """Wants to leave a room."""
        if room.leaving is None:
            room.leaving, room.for_good = Pending(), for_good
        left = room.leaving
        if not self.online:
            self._forget_left()
        return left

    def connected(self) -> None:
        """There is a new connection, on which we are in no room yet."""
        self.online = True
        self._forget_left()

    def enters_again(self, room: Room, now: float) -> None:
        """Joins a room again: at once, but with growing pauses if that is needed repeatedly."""
        again = self._again.get(room)
        if again is None or now - again.until > STABLE_SECONDS:
            again = self._again[room] = Patience()
            again.until = now
        else:
            again.wait(now, None)

    def moved_out(self, name: str, now: float) -> None:
        """The server has put us out of a room without a word: we ask to be let in again."""
        room = self._rooms.get(name)
        if room is not None and room.stage is Stage.IN:
            room.stage = Stage.OUT
            self.enters_again(room, now)

    def put_out(self, name: str) -> Iterable[Update]:
        """Somebody has put us out of a room: we stay out."""
        room = self._rooms.get(name)
        if room is None or room.stage not in (Stage.IN, Stage.LEAVING):
            return ()
        forget = room.standing.access in KEEPS_MEMBERS
        return self._refused(room, NotInRoom(f"You were put out of {room.shown}."), forget=forget)

    def moved(self, was: str, now: str) -> Iterable[Update]:
        """The room ``was`` has another name."""
        room, name = self._rooms.get(was), _parsed(now)
        if room is None or name is None or str(name) == room.shown:
            return ()
        before, shown = room.key, room.shown
        other = self._rooms.move(room, name)
        if other is not None and other is not room:
            self._same(other, room)
        if room.entered is not None:
            room.entered = replace(room.entered, room=room.shown)
        if before != name.key:
            self._renamed(before, name)
        return (RoomMoved(shown, room.shown),)

    def _same(self, room: Room, as_this: Room) -> None:
        """Who waits for ``room`` waits for what it turned out to be."""
        self._patience.pop(room, None)
        self._again.pop(room, None)
        for waiter in room.waiters:
            if as_this.stage is Stage.IN and as_this.entered is not None:
                waiter.resolve(as_this.entered)
            else:
                as_this.waiters.append(waiter)
        if room.leaving is not None:
            room.leaving.resolve(None)

    def deleted(self, name: str, *, elsewhere: bool) -> Iterable[Update]:
        """We have deleted the room; ``elsewhere``: on another connection."""
        room = self._rooms.get(name)
        if room is None or room.stage not in (Stage.IN, Stage.LEAVING):
            return ()  # a join after the deletion makes a new room
        where = " on another device" if elsewhere else ""
        error = NoSuchRoom(f"You have deleted {room.shown}{where}.")
        if room.leaving is not None:
            room.leaving.resolve(None)
        lost = self._refused(room, error)
        return lost if elsewhere else ()

    def another_log(self) -> list[Update]:
        """The server has another log: what we know of rooms is of others of their names."""
        updates: list[Update] = []
        for room in [*self._rooms]:
            if room.cursor is not None and room.was_open is False:
                gone = NoSuchRoom(f'There is no room "{room.shown}" any more as you knew it.')
                updates += self._refused(room, gone)
            elif room.cursor is not None:
                updates.append(room.reset())
        return updates

    def next(self, now: float) -> tuple[Command, Answered] | None:
        for room in self._rooms:
            if room.stage is Stage.OUT and self._not_before(room) <= now:
                room.stage = Stage.ASKED
                return self._join(room), partial(self._join_answered, room)
            if self._may_leave(room):
                room.stage = Stage.LEAVING
                leave = Leave(room=room.name, for_good=room.for_good)
                return leave, partial(self._leave_answered, room)
        return None

    def due(self, now: float) -> float | None:
        times = [self._not_before(room) for room in self._rooms if room.stage is Stage.OUT]
        if any(map(self._may_leave, self._rooms)):
            times.append(now)
        return min(times, default=None)

    def disconnected(self) -> None:
        self.online = False
        self._patience.clear()
        self._again.clear()
        self._rooms.offline()
        self._forget_left()

    def close(self, error: Exception) -> None:
        for room in self._rooms:
            room.close(error)

    def _join(self, room: Room) -> Join:
        if room.cursor is None:
            return Join(room=room.name, password=room.password, invite=room.invite)
        at = room.cursor.at if self.stamps else None
        after = room.cursor.seq
        return Join(
            room=room.name,
            after=after,
            after_at=at,
            password=room.password,
            invite=room.invite,
        )

    def _not_before(self, room: Room) -> float:
        waits = (self._patience.get(room), self._again.get(room))
        return max((one.until for one in waits if one), default=0.0)

    def _may_leave(self, room: Room) -> bool:
        return room.stage is Stage.IN and room.leaving is not None and not self._has_lines(room.key)

    def _forget_left(self) -> None:
        """Forgets rooms that are to be left; those with unsaved lines are joined once more."""
        for room in self._rooms:
            if room.stage is Stage.OUT and room.leaving and not self._has_lines(room.key):
                self._left(room)

    def _left(self, room: Room) -> None:
        self._rooms.forget(room)
        self._patience.pop(room, None)
        self._again.pop(room, None)
        if room.leaving is not None:
            room.leaving.resolve(None)
        room.close(NotInRoom(f"You have left {room.shown}."))

    def _join_answered(self, room: Room, reply: Reply, now: float) -> Iterable[Update]:
        if isinstance(reply, RoomJoined):
            self._patience.pop(room, None)
            return self._joined(room, reply)
        if not isinstance(reply, Refused):
            return ()
        room.stage = Stage.OUT
        if room.cursor is not None and (
            reply.code == BadCursor.code or (reply.code == NoSuchRoom.code and room.was_open)
        ):
            return (room.reset(),)
        if passing(reply):
            self._patience.setdefault(room, Patience()).wait(now, reply.retry_after)
            return ()
        return self._refused(room, error_of(reply))

    def _joined(self, room: Room, reply: RoomJoined) -> Iterable[Update]:
        """We are in. The answer names another room if we asked by a former name."""
        name = _parsed(reply.room)
        if name is None or name.key == room.key:
            return room.joined(reply)
        known = self._rooms.by_key(name.key)
        if known is None or known is room:
            return (*self.moved(room.shown, name), *room.joined(reply))
        before = room.key
        self._rooms.merge(room, known)
        self._same(room, known)
        self._renamed(before, known.name)
        return (RoomMoved(room.shown, known.shown),)

    def _refused(
        self, room: Room, error: ChatError, *, forget: bool | None = None
    ) -> Iterable[Update]:
        self._rooms.forget(room)
        self._patience.pop(room, None)
        self._again.pop(room, None)
        self._lost(room, error)
        asked = bool(room.waiters)
        if room.leaving is not None:
            room.leaving.resolve(None)  # whoever wants to be out of it is
        room.close(error)
        if forget is None:
            forget = isinstance(error, SHUT_OUT)
        known = room.cursor is not None  # there is something to forget
        return () if asked and not (forget and known) else (RoomLost(room.shown, error, forget),)

    def _leave_answered(self, room: Room, reply: Reply, now: float) -> Iterable[Update]:
        # Refused can only mean that we are not in it, which is what was wanted.
        self._left(room)
        return ()


def _parsed(name: str) -> RoomName | None:
    """The name, if it is one by our rules: a newer server may have others."""
    try:
        return RoomName.parse(name)
    except InvalidName:
        return None
