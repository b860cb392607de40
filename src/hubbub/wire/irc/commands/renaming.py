"""NICK of who is registered: a guest takes another name, and is in the same rooms as before."""

from __future__ import annotations

from hubbub.domain.commands import Hello, Join
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import RoomJoined, Welcome
from hubbub.wire.irc.capabilities import NONE
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.names import channel, spelled
from hubbub.wire.irc.talks import heard, listen_again
from hubbub.wire.irc.wire import IrcWire, attempt


def change_name(wire: IrcWire, name: UserName) -> Conversation:
    """Gives a guest another name."""
    if spelled(name) == wire.nick:
        return
    before, former = wire.me, UserName.recall(wire.nick)
    if wire.known is not None and former.key != name.key:
        wire.host.expects(name, wire.known.username)
    try:
        welcome = yield Hello(user=name, again=True, client="IRC")
    except Rejected:
        wire.host.expects_no_more(name)
        raise
    assert isinstance(welcome, Welcome)
    renamed(wire, welcome.user, welcome.user_id, account=welcome.account)
    line = written("NICK", wire.nick, source=before)
    wire.say(line)
    if former.key == name.key:  # which no event tells
        wire.host.directory.spread(wire.nick, NONE, line)
    else:
        yield from return_to_rooms(wire)


def renamed(wire: IrcWire, user: str, id: UserId | None, *, account: bool) -> None:
    """The client is somebody else from now on, who has said of themselves what it has said."""
    wire.take_name(user, id)
    wire.account = account


def follow(wire: IrcWire, name: UserName, before: str) -> None:
    """The client's account has another name by now. ``before``: the client's source so far."""
    if spelled(name) == wire.nick:
        return
    renamed(wire, name, wire.user_id, account=wire.account)
    wire.send("NICK", wire.nick, source=before)


def return_to_rooms(wire: IrcWire) -> Conversation:
    """Joins the rooms again out of which a new name has put the client, which sees nothing of it.

    Nothing is missed: it was given all that there was when it got the name.
    """
    heads = [(room, wire.host.directory.head(room)) for room in wire.rooms]
    talks = [(room, wire.host.directory.head(room)) for room in heard(wire)]
    for room, head in talks:
        yield from listen_again(wire, room, head)
    for room, head in heads:
        command = Join(room=room, after=head)
        reply = yield from attempt(wire, Message("JOIN"), command, channel(room))
        if not isinstance(reply, RoomJoined):
            wire.rooms = tuple(one for one in wire.rooms if one.key != room.key)
            wire.send("PART", channel(room), "You cannot be here by that name.", source=wire.me)
