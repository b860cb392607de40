"""Up to where a user has read: MARKREAD (https://ircv3.net/specs/extensions/read-marker).

It is the hub's marker, which counts what is unread for all clients; a time stands for the newest
event that is not after it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from functools import partial

from hubbub.domain.commands import Command, Read, Timeline
from hubbub.domain.errors import ChatError
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, ReadUpTo, Reply, RoomJoined
from hubbub.domain.rules import KEEPS_MEMBERS, RoomAccess
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.markers import Mark
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.names import channel, is_channel, room_of, spelled, user_of
from hubbub.wire.irc.talks import is_heard
from hubbub.wire.irc.times import time_in, time_of
from hubbub.wire.irc.wire import IrcWire

NOWHERE = "*"
_TIMESTAMP = "timestamp="

Asking = Generator[Command | None, Reply, Mark | None]


def markread(wire: IrcWire, message: Message) -> Conversation | None:
    """MARKREAD: a target; and a time, to set it."""
    if not message[0]:
        _fail(wire, "NEED_MORE_PARAMS", "Of which channel, or person?")
        return None
    if len(message.params) == 1:
        return _get(wire, message[0])
    at = time_in(message[1].removeprefix(_TIMESTAMP)) if _is_time(message[1]) else None
    if at is None:
        _fail(wire, "INVALID_PARAMS", "A time is timestamp=YYYY-MM-DDThh:mm:ss.sssZ.", message[0])
        return None
    # Nothing that is yet to come was read, however far ahead the client's clock is.
    return _set(wire, message[0], min(at, wire.host.directory.now()))


def _is_time(text: str) -> bool:
    return text.startswith(_TIMESTAMP)


def _fail(wire: IrcWire, code: str, words: str, *about: str) -> None:
    wire.send("FAIL", "MARKREAD", code, *about, words)


def _get(wire: IrcWire, target: str) -> Conversation:
    mark = yield from _known(wire, target, _room(wire, target))
    wire.send("MARKREAD", target, _told(mark))


def _set(wire: IrcWire, target: str, at: int) -> Conversation:
    room = _room(wire, target)
    mark = yield from _known(wire, target, room)
    if mark is None or mark.at is None or mark.at < at:
        seq = 0 if mark is None else mark.seq
        if room is not None:
            seq = yield from _move(wire, room, at, seq)
        mark = Mark(seq, at)
        wire.host.markers.put(wire.user_id, _key(target), mark)
        line = written("MARKREAD", target, _told(mark), source=wire.host.name)
        wire.host.directory.tell_others(wire, wire.nick, Cap.READ_MARKER, line)
    wire.send("MARKREAD", target, _told(mark))


def _move(
    wire: IrcWire, room: RoomName, at: int, seq: int
) -> Generator[Command | None, Reply, int]:
    """Tells the hub that everything up to that time was read. Returns its marker."""
    page = yield Timeline(room=room, before_at=at + 1, limit=1)
    assert isinstance(page, Page)
    if (page.last or 0) > seq:
        reply = yield Read(room=room, seq=page.last or 0)
        assert isinstance(reply, ReadUpTo)
        seq = reply.seq
    return seq


def _room(wire: IrcWire, target: str) -> RoomName | None:
    """The room, or conversation, if the client is an account that is in it."""
    if not wire.account:
        return None
    try:
        if is_channel(target):
            key = room_of(target).key
            return next((one for one in wire.rooms if one.key == key), None)
        room = wire.host.directory.talk(wire.user_id, str(user_of(target)))
    except ChatError:
        return None
    return room if room is not None and is_heard(wire, room) else None


def _key(target: str) -> str:
    try:
        return f"#{room_of(target).key}" if is_channel(target) else user_of(target).key
    except ChatError:
        return target.lower()


def _told(mark: Mark | None) -> str:
    return NOWHERE if mark is None or mark.at is None else f"{_TIMESTAMP}{time_of(mark.at)}"


# What the hub knows


def _known(wire: IrcWire, target: str, room: RoomName | None) -> Asking:
    """The marker: as it was set, or by the event that the hub has."""
    mark = wire.host.markers.get(wire.user_id, _key(target))
    if room is None:
        return mark
    try:
        reply = yield Read(room=room, seq=0)
        assert isinstance(reply, ReadUpTo)
        return (yield from _at(wire, target, room, reply.seq))
    except Rejected:
        return mark


def _at(wire: IrcWire, target: str, room: RoomName, seq: int) -> Asking:
    """The marker, where the hub has ``seq``."""
    mark = wire.host.markers.get(wire.user_id, _key(target))
    if mark is None or mark.seq < seq:
        page = yield Timeline(room=room, before=seq + 1, limit=1)
        assert isinstance(page, Page)
        before = None if mark is None else mark.at
        at = max((event.at for event in page.events), default=before)
        mark = Mark(seq, at if before is None or at is None else max(at, before))
        wire.host.markers.put(wire.user_id, _key(target), mark)
    return mark


def learn(wire: IrcWire, joined: RoomJoined) -> Conversation:
    """The client comes into a room, and is to be told its marker."""
    if Cap.READ_MARKER not in wire.caps or not wire.account:
        return
    room, seq = RoomName.recall(joined.room), joined.read or 0
    target = channel(room)
    access = RoomAccess.OPEN if joined.standing is None else joined.standing.access
    if seq == joined.head and access not in KEEPS_MEMBERS:
        # The first visit: the hub's marker begins there. Else one's own coming would be behind it.
        if wire.host.markers.get(wire.user_id, _key(target)) is None:
            wire.host.markers.put(wire.user_id, _key(target), Mark(seq, None))
        return
    with suppress(Rejected):  # it is told when it can be read
        yield from _at(wire, target, room, seq)


def tell_marker(wire: IrcWire, target: str) -> None:
    """What is known of the marker in a room into which the client comes."""
    mark = wire.host.markers.get(wire.user_id, _key(target))
    wire.send("MARKREAD", target, _told(mark))


def read_up_to(wire: IrcWire, reply: ReadUpTo) -> None:
    """The user has read on with another client."""
    if reply.re is not None or Cap.READ_MARKER not in wire.caps:
        return
    room = RoomName.recall(reply.room)
    people = wire.host.directory.people(room)
    others = [one for one in people if one.id != wire.user_id]
    target = spelled(others[0].name) if len(people) == 2 and others else channel(room)
    tell = partial(_tell_moved, room, target, reply.seq)
    wire.later(Message("MARKREAD"), tell, f"read {room.key}")


def _tell_moved(
    room: RoomName, target: str, seq: int, wire: IrcWire, message: Message
) -> Conversation:
    known = wire.host.markers.get(wire.user_id, _key(target))
    if known is not None and known.seq >= seq:
        return  # it was told by the client of IRC that has read it
    try:
        mark = yield from _at(wire, target, room, seq)
    except Rejected:
        return
    wire.send("MARKREAD", target, _told(mark))


ROWS = {"MARKREAD": Row(markread)}
