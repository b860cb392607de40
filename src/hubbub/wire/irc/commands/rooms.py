"""Coming into rooms and leaving them: JOIN and PART."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache

from msgspec.structs import replace

from hubbub.domain.commands import MAX_PARTING_CHARS, Command, Join, Leave
from hubbub.domain.errors import ChatError, NoSuchRoom
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Refused, Reply, RoomJoined, RoomLeft
from hubbub.domain.rules import RoomAccess
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands import coming, marking
from hubbub.wire.irc.commands.marking import tell_marker
from hubbub.wire.irc.commands.presence import tell_names, tell_topic
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.formatting import without_codes
from hubbub.wire.irc.message import Message, fitting
from hubbub.wire.irc.names import channel, is_doubled, room_of
from hubbub.wire.irc.subscribed import tell_room
from hubbub.wire.irc.wire import IrcWire, attempt

MAX_TARGETS = 100  # rooms in one command


def join(wire: IrcWire, message: Message) -> Conversation:
    """JOIN: rooms, and the passwords of some of them; ``JOIN 0`` leaves all."""
    if message[0] == "0":
        for room in wire.rooms:
            yield from _part(wire, message, channel(room), None)
        return
    keys = message[1].split(",") if message[1] else []
    for place, target in enumerate(message[0].split(",")[:MAX_TARGETS]):
        if target:
            yield from _join(wire, message, target, keys[place] if place < len(keys) else "")


def _join(wire: IrcWire, message: Message, target: str, key: str) -> Conversation:
    try:
        room = room_of(target)
    except ChatError as error:
        wire.refuse(Refused.of(error), message, (target.split() or ["*"])[0])
        return
    if not is_in(wire, room):
        yield from enter(wire, message, room, key, asked=target if is_doubled(target) else "")


def enter(
    wire: IrcWire, message: Message, room: RoomName, key: str, *, asked: str = ""
) -> Conversation:
    """Comes into a room, and is shown what was said before. ``asked``: a channel that the client
    has asked for, and that there cannot be.
    """
    command, target = coming.to_join(wire, room), asked or channel(room)
    try:
        reply = yield from _with_key(command, key)
    except Rejected as error:
        wire.refuse(error.refused, message, target)
        return
    assert isinstance(reply, RoomJoined)
    now = RoomName.recall(reply.room)
    again = is_in(wire, now)
    if again:  # by its former name, which is no channel to a client
        why = f"You are in that channel: it is called {channel(now)} now."
        wire.numeric(num.ERR_NOSUCHCHANNEL, target, why)
    else:
        if now.key != room.key or asked:
            why = "The channel is called that now."
            wire.numeric(num.ERR_LINKCHANNEL, target, channel(now), why)
        yield from marking.learn(wire, reply)
        entered(wire, reply)
    yield from coming.begin(wire, command, reply, again=again)


def _with_key(command: Join, key: str) -> Generator[Command | None, Reply, Reply]:
    """A key that a room does not ask for is not minded: clients keep those of long ago."""
    if key:
        try:
            return (yield replace(command, password=key))
        except Rejected as error:
            if error.refused.code != NoSuchRoom.code:
                raise
    return (yield command)


def is_in(wire: IrcWire, room: RoomName) -> bool:
    """Whether the client is in the room."""
    return any(one.key == room.key for one in wire.rooms)


def entered(wire: IrcWire, joined: RoomJoined) -> None:
    """Tells that the client is in a room: JOIN, the topic and who is there."""
    room = RoomName.recall(joined.room)
    wire.rooms = (*wire.rooms, room) if wire.rooms else _only(room)
    target = channel(room)
    wire.say(joined_line(wire, target))
    tell_topic(wire, target, joined)
    if Cap.READ_MARKER in wire.caps:
        tell_marker(wire, target)
    standing = joined.standing
    labels = {} if standing is None else standing.labels
    if Cap.NO_IMPLICIT_NAMES not in wire.caps:
        access = RoomAccess.OPEN if standing is None else standing.access
        tell_names(wire, target, joined.users, {} if standing is None else standing.roles, access)
    tell_room(wire, target, labels, joined.users)


@lru_cache(maxsize=64)  # one for all who are nowhere else, as most are
def _only(room: RoomName) -> tuple[RoomName, ...]:
    return (room,)


def joined_line(wire: IrcWire, target: str) -> str:
    """The message that the client is in a room."""
    words = wire.format.join_words(target, wire.nick, wire.user_id)
    return f"{fitting(f':{wire.me} {words}')}\r\n"


def part(wire: IrcWire, message: Message) -> Conversation:
    """PART: rooms, and what one says to it."""
    reason = without_codes(message[1]).replace("\0", "")[:MAX_PARTING_CHARS] or None
    for target in message[0].split(",")[:MAX_TARGETS]:
        yield from _part(wire, message, target, reason)


def _part(wire: IrcWire, message: Message, target: str, reason: str | None) -> Conversation:
    try:
        command = Leave(room=room_of(target), reason=reason)
    except ChatError as error:
        wire.refuse(Refused.of(error), message, target)
        return
    reply = yield from attempt(wire, message, command, target)
    if isinstance(reply, RoomLeft):
        left(wire, RoomName.recall(reply.room), reason)


def left(wire: IrcWire, room: RoomName, reason: str | None) -> None:
    """The client is out of the room, by itself."""
    forget(wire, room)
    wire.send("PART", channel(room), *((reason,) if reason else ()), source=wire.me)


def forget(wire: IrcWire, room: RoomName) -> None:
    """The client is out of the room."""
    wire.rooms = tuple(one for one in wire.rooms if one.key != room.key)


ROWS = {"JOIN": Row(join, 1), "PART": Row(part, 1)}
