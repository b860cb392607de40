"""Who is in a room, and what it is about: NAMES and TOPIC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hubbub.domain.commands import Rooms, SetTopic, Who
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Members, RoomJoined, RoomList
from hubbub.domain.rules import Role, RoomAccess
from hubbub.domain.text import MAX_TOPIC_CHARS
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.formatting import without_codes
from hubbub.wire.irc.message import MAX_BYTES, Message
from hubbub.wire.irc.namelists import People
from hubbub.wire.irc.names import channel, room_of, spelled
from hubbub.wire.irc.targets import MAX_TARGETS
from hubbub.wire.irc.wire import IrcWire

MOST_ROOMS = 20  # whose people are told to who asks for those of all rooms


def names(wire: IrcWire, message: Message) -> Conversation:
    """NAMES of a room, or a few; without one, of those with the most people."""
    if message.params:
        targets = message[0].split(",")[:MAX_TARGETS]
        for target in dict.fromkeys(targets):
            yield from _names_of(wire, target)
        # One end for all that was asked for, as RFC 2812 shows it.
        wire.numeric(num.RPL_ENDOFNAMES, ",".join(targets) or "*", "End of /NAMES list.")
        return
    listed = yield Rooms(limit=MOST_ROOMS)
    assert isinstance(listed, RoomList)
    for info in listed.rooms:
        if info.users and info.access is not RoomAccess.DIRECT:
            yield from _names_of(wire, channel(info.name))
    wire.numeric(num.RPL_ENDOFNAMES, "*", "End of /NAMES list.")


def _names_of(wire: IrcWire, target: str) -> Conversation:
    try:
        reply = yield Who(room=room_of(target))
    except (ChatError, Rejected):  # a room that is not there has nobody
        return
    assert isinstance(reply, Members)
    access = RoomAccess.OPEN if reply.standing is None else reply.standing.access
    _tell(wire, channel(reply.room), reply.users, reply.roles, access)


def tell_names(
    wire: IrcWire,
    target: str,
    users: Sequence[str],
    roles: Mapping[str, Role],
    access: RoomAccess,
) -> None:
    """353 and 366: who is in a room."""
    _tell(wire, target, users, roles, access)
    wire.numeric(num.RPL_ENDOFNAMES, target, "End of /NAMES list.")


def _tell(
    wire: IrcWire,
    target: str,
    users: Sequence[str],
    roles: Mapping[str, Role],
    access: RoomAccess,
) -> None:
    hosts = Cap.USERHOST_IN_NAMES in wire.caps
    source = wire.host.source
    lines = wire.host.lists.lines(
        wire.host.name,
        wire.nick or "*",
        target,
        People(users, roles, access),
        many=Cap.MULTI_PREFIX in wire.caps,
        source=(lambda user: source(user, None)) if hosts else None,
    )
    if not wire.label:
        wire.say(lines)
        return
    for line in lines.split("\r\n")[:-1]:  # each is told to be a part of the answer
        wire.say(f"{line}\r\n")


def topic(wire: IrcWire, message: Message) -> Conversation:
    """TOPIC: what a room is about, or is to be; an empty one takes it away."""
    room = room_of(message[0])
    if len(message.params) > 1:
        yield SetTopic(room=room, topic=without_codes(message[1])[:MAX_TOPIC_CHARS])
        return  # the room is told by the event
    reply = yield Who(room=room)
    assert isinstance(reply, Members)
    if not tell_topic(wire, channel(reply.room), reply):
        wire.numeric(num.RPL_NOTOPIC, channel(reply.room), "No topic is set.")


def tell_topic(wire: IrcWire, target: str, told: RoomJoined | Members) -> bool:
    """332 and 333, if there is a topic."""
    if not told.topic:
        return False
    used = len(f":{wire.host.name} 332 {wire.nick} {target} :\r\n".encode())
    wire.numeric(num.RPL_TOPIC, target, cut(told.topic, MAX_BYTES - used)[0])
    if told.topic_by:
        at = str((told.topic_at or 0) // 1000)
        wire.numeric(num.RPL_TOPICWHOTIME, target, spelled(told.topic_by), at)
    return True


ROWS = {"NAMES": Row(names), "TOPIC": Row(topic, 1)}
