"""What the hub tells a client without being asked: one row for each kind of reply."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hubbub.domain.commands import Who
from hubbub.domain.names import RoomName
from hubbub.domain.replies import (
    Announced,
    DirectRoom,
    Goodbye,
    Invitation,
    Labelled,
    Members,
    PeopleHere,
    ProfileChanged,
    ReadUpTo,
    Reply,
    RoomDeleted,
    RoomJoined,
    RoomLeft,
    RoomMoved,
    RoomStanding,
    Signalled,
)
from hubbub.domain.rules import RoomAccess
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands.knocks import something_waits
from hubbub.wire.irc.commands.marking import read_up_to
from hubbub.wire.irc.commands.moderating import RENAMING
from hubbub.wire.irc.commands.modes import profile_changed
from hubbub.wire.irc.commands.monitoring import moved
from hubbub.wire.irc.commands.operating import announced
from hubbub.wire.irc.commands.presence import tell_names, tell_topic
from hubbub.wire.irc.commands.rooms import entered, forget, is_in, join, joined_line
from hubbub.wire.irc.conversation import Conversation
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.names import DIRECT_PREFIX, channel
from hubbub.wire.irc.notices import signal_line
from hubbub.wire.irc.showing import PUT_OUT
from hubbub.wire.irc.subscribed import changed
from hubbub.wire.irc.talks import hears_of, leaves, listen, listen_later
from hubbub.wire.irc.wire import IrcWire


def goodbye(wire: IrcWire, reply: Goodbye) -> None:
    """The last words."""
    wire.say(written("ERROR", f"Closing link: {reply.message}"))


def room_left(wire: IrcWire, reply: RoomLeft) -> None:
    """Somebody has put the client out, or its place is lost: then it comes in again."""
    room = RoomName.recall(reply.room)
    leaves(wire, room)
    forget(wire, room)
    told = (wire.extra or {}).pop(PUT_OUT, None)
    if room.startswith(DIRECT_PREFIX):
        return
    if not reply.put_out:
        wire.send("PART", channel(room), "The server could not keep your place.", source=wire.me)
        wire.later(Message("JOIN", (channel(room),)), join)
    elif told != room.key:
        wire.send("KICK", channel(room), wire.nick, "You may not be in the channel any more.")


def room_deleted(wire: IrcWire, reply: RoomDeleted) -> None:
    """There is no such room any more."""
    room = RoomName.recall(reply.room)
    if is_in(wire, room):
        forget(wire, room)
        wire.send("KICK", channel(room), wire.nick, "The channel was deleted.")


def room_moved(wire: IrcWire, reply: RoomMoved) -> None:
    """A room has another name (https://ircv3.net/specs/extensions/channel-rename)."""
    was, room = RoomName.recall(reply.room), RoomName.recall(reply.name)
    if not is_in(wire, was):
        return
    forget(wire, was)
    wire.rooms += (room,)
    reason = str((wire.extra or {}).get(RENAMING, ""))
    if Cap.CHANNEL_RENAME in wire.caps:
        source = wire.me if RENAMING in (wire.extra or {}) else None
        wire.send("RENAME", channel(was), channel(room), reason, source=source)
    elif was.key != room.key:
        words = f"The channel is called {channel(room)} now. {reason}".rstrip()
        wire.send("PART", channel(was), words, source=wire.me)
        wire.later(Message("JOIN"), partial(_again, room), f"again {room.key}")


def _again(room: RoomName, wire: IrcWire, message: Message) -> Conversation:
    """Tells of a room as if the client had just come in."""
    target = channel(room)
    wire.say(joined_line(wire, target))
    reply = yield Who(room=room)
    assert isinstance(reply, Members)
    tell_topic(wire, target, reply)
    if Cap.NO_IMPLICIT_NAMES not in wire.caps:
        access = RoomAccess.OPEN if reply.standing is None else reply.standing.access
        tell_names(wire, target, reply.users, reply.roles, access)


def invitation(wire: IrcWire, reply: Invitation) -> None:
    """Somebody invites the client."""
    directory, tags = wire.host.directory, {}
    account = directory.account_of(directory.id_of(reply.by))
    if account is not None and Cap.ACCOUNT_TAG in wire.caps:
        tags["account"] = account
    source = wire.host.source(reply.by, None)
    wire.send("INVITE", wire.nick, channel(reply.room), source=source, **tags)


def direct_room(wire: IrcWire, reply: DirectRoom) -> None:
    """Somebody writes to the client alone: it listens from there on."""
    room = RoomName.recall(reply.room)
    if hears_of(wire, room, reply.head):
        listen_later(wire, room, partial(_listen, room, reply.head))


def _listen(room: RoomName, head: int, wire: IrcWire, message: Message) -> Conversation:
    joined = yield from listen(wire, room, head)
    if isinstance(joined, RoomJoined) and len(wire.host.directory.people(room)) != 2:
        entered(wire, joined)


def signalled(wire: IrcWire, reply: Signalled) -> None:
    """A program of somebody with whom the client has no conversation yet tells it something."""
    line = signal_line(wire.format, reply)
    if line:
        wire.say(line)


TOLD: dict[type[Reply], Callable[[IrcWire, Any], None]] = {
    Goodbye: goodbye,
    RoomLeft: room_left,
    RoomDeleted: room_deleted,
    RoomStanding: something_waits,
    RoomMoved: room_moved,
    Invitation: invitation,
    DirectRoom: direct_room,
    Signalled: signalled,
    PeopleHere: moved,
    ReadUpTo: read_up_to,
    Announced: announced,
    ProfileChanged: profile_changed,
    Labelled: changed,
}
"""All others say nothing to a client of IRC, or it is told by an event."""
