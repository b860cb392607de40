"""Direct conversations come to us by themselves: with a new text, we are in it.

While we are connected the server tells of each new text in one that we are not in. What was said
while we were away is found in the list of our rooms, which is asked for on each connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from hubbub.client.requests import Request, Requests
from hubbub.client.rooms import Rooms
from hubbub.client.updates import Update
from hubbub.domain import commands as ask
from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName
from hubbub.domain.replies import DirectRoom, Reply, RoomInfo, RoomList
from hubbub.domain.rules import RoomAccess

FEATURE = "direct"
MOST = 100  # conversations that are entered by themselves: each takes a place among our rooms

Enter = Callable[[RoomName, int], object]
"""Wants to be in a room, behind that event."""


class Directs:
    """``watched``: whether the program wants to be in them."""

    def __init__(self, rooms: Rooms, requests: Requests, enter: Enter, *, watched: bool) -> None:
        self.watched = watched
        self._rooms = rooms
        self._requests = requests
        self._enter = enter
        self._entered = 0
        self._asked: Request | None = None

    def connected(self, features: Iterable[str]) -> None:
        """There is a new connection: what was said meanwhile?"""
        if self._asked is not None:
            self._requests.cancel(self._asked)
        self._asked = None
        self._entered = 0
        if self.watched and FEATURE in features:
            # The first page ends with all rooms in which we belong, however few others it has.
            self._asked = self._requests.ask(ask.Rooms(limit=1), then=self._listed)

    def told(self, reply: DirectRoom) -> None:
        """Something was said in one that we are not in."""
        if self.watched:
            self._come(reply.room, reply.head)

    def _listed(self, reply: Reply) -> Iterable[Update]:
        if isinstance(reply, RoomList):
            for info in reply.rooms:
                if info.access is RoomAccess.DIRECT and _has_news(info):
                    self._come(info.name, info.read or 0)
        return ()

    def _come(self, room: str, after: int) -> None:
        if self._rooms.get(room) is not None or self._entered >= MOST:
            return
        try:
            name = RoomName.parse(room)
        except InvalidName:
            return
        self._entered += 1
        self._enter(name, after)


def _has_news(info: RoomInfo) -> bool:
    """Whether something is unread; where we have not been yet, all but its beginning is."""
    return bool(info.unread) if info.read is not None else info.head > 1


def with_mentions(info: RoomInfo) -> RoomInfo:
    """``info``; in a direct conversation each text counts as one that mentions us."""
    return replace(info, mentions=info.unread) if info.access is RoomAccess.DIRECT else info
