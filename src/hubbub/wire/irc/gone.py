"""Direct conversations with guests who are gone: by the names under which these wrote.

A guest who is gone has no name any more, and somebody else may have it by now. So a name stands for
such a conversation only as long as it is nobody's; of several guests, for that with the last one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from hubbub.domain.commands import Command, Rooms, Timeline
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Page, Reply, RoomInfo, RoomList
from hubbub.wire.irc.conversation import Rejected
from hubbub.wire.irc.errors import UNREADABLE
from hubbub.wire.irc.wire import IrcWire

MOST_GONE = 20  # conversations that are looked through, for each of which a page is read
NEWEST = 20  # events on that page: the last of a guest who is gone is among them, as they left


def with_gone(wire: IrcWire, listed: RoomList) -> Iterator[RoomInfo]:
    """The conversations of two of which the other one is gone, the newest first."""
    newest = sorted(listed.rooms, key=lambda info: info.at or 0, reverse=True)
    found = (info for info in newest if not info.people and _is_of_two(wire, info))
    yield from (info for _, info in zip(range(MOST_GONE), found, strict=False))


def _is_of_two(wire: IrcWire, info: RoomInfo) -> bool:
    return len(wire.host.directory.people(RoomName.recall(info.name))) == 2


def name_in(wire: IrcWire, room: RoomName) -> Generator[Command | None, Reply, str | None]:
    """The name that the other one had there; None if it is somebody's, or cannot be read."""
    try:
        page = yield Timeline(room=room, limit=NEWEST)
    except Rejected as error:
        if error.refused.code not in UNREADABLE:
            raise  # it can be read another time
        return None
    assert isinstance(page, Page)
    names = [event.by for event in page.events if event.by_id != wire.user_id]
    return names[-1] if names and wire.host.directory.id_of(names[-1]) is None else None


def talk_with(wire: IrcWire, name: UserName) -> Generator[Command | None, Reply, RoomName | None]:
    """The conversation with the guest who is gone and had that name; None if there is none."""
    if wire.host.directory.id_of(name) is not None:
        return None
    listed = yield Rooms(limit=1)  # one's own are on the first page, all of them
    assert isinstance(listed, RoomList)
    for info in with_gone(wire, listed):
        room = RoomName.recall(info.name)
        had = yield from name_in(wire, room)
        if had is not None and UserName.recall(had).key == name.key:
            return room
    return None
