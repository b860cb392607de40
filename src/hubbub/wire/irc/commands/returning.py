"""What an account finds when it is connected: its rooms, and what was said to it alone."""

from __future__ import annotations

from hubbub.domain.commands import Join, Rooms
from hubbub.domain.names import RoomName
from hubbub.domain.replies import RoomInfo, RoomJoined, RoomList
from hubbub.domain.rules import KEEPS_MEMBERS
from hubbub.wire.irc.commands.coming import go_on
from hubbub.wire.irc.commands.rooms import enter
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.got import begins_at, program_of
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.names import channel
from hubbub.wire.irc.talks import is_heard, join_talk
from hubbub.wire.irc.wire import IrcWire

MOST_TALKS = 100  # direct conversations in which there is something new, when somebody comes


def come_back(wire: IrcWire, message: Message) -> Conversation:
    """The client is an account: it is in the rooms where it is a member while it is away.

    And it is told what was said to it alone, if its program cannot ask for that.
    """
    if not wire.account:
        return
    program = program_of(wire)
    listed = yield Rooms(limit=1, reader=program)  # its own are on the first page, all of them
    assert isinstance(listed, RoomList)
    rooms = sorted(listed.rooms, key=lambda info: info.at or 0)
    for info in rooms:
        if info.access in KEEPS_MEMBERS and not _is_of_two(wire, info) and _is_member(wire, info):
            room = RoomName.recall(info.name)
            yield from enter(wire, Message("JOIN", (channel(room),)), room, "")
    if program is None:
        return
    talks = [info for info in rooms if _is_of_two(wire, info) and _is_missed(info)]
    for info in talks[-MOST_TALKS:]:
        yield from _hear(wire, RoomName.recall(info.name), program)


def _is_of_two(wire: IrcWire, info: RoomInfo) -> bool:
    return len(wire.host.directory.people(RoomName.recall(info.name))) == 2


def _is_missed(info: RoomInfo) -> bool:
    got = info.read if info.reader is None else info.reader
    return (got or 0) < info.head


def _is_member(wire: IrcWire, info: RoomInfo) -> bool:
    member = wire.host.directory.member(RoomName.recall(info.name), wire.nick)
    return member is not None and member.id == wire.user_id and not info.invited


def _hear(wire: IrcWire, room: RoomName, program: str) -> Conversation:
    """Listens to a direct conversation, after what the program has not got of it."""
    if is_heard(wire, room):
        return
    try:
        joined = yield from join_talk(wire, Join(room=room, page=0, reader=program, hold=True))
    except Rejected:
        return  # the client is in as many rooms as it may be
    assert isinstance(joined, RoomJoined)
    begins_at(wire, room, joined.reader or 0)
    yield from go_on(wire, room, joined)
