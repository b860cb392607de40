"""Who comes in and who goes out, by others: KICK, INVITE, KNOCK; and RENAME."""

from __future__ import annotations

from hubbub.domain.commands import GiveRole, Invite, Kick, Knock, RenameRoom, Rooms
from hubbub.domain.errors import BadMessage, ChatError, NameTaken, NoSuchUser, NotAllowed
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Refused, RoomList
from hubbub.domain.rules import Role, RoomAccess
from hubbub.domain.text import MAX_REASON_CHARS
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.commands.roommodes import tell_absent
from hubbub.wire.irc.commands.rooms import MAX_TARGETS, is_in
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.formatting import without_codes
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.names import channel, room_of, user_of
from hubbub.wire.irc.showing import INVITING
from hubbub.wire.irc.wire import IrcWire

RENAMING = "renaming"  # in `IrcWire.extra`: why the client renames a room


def kick(wire: IrcWire, message: Message) -> Conversation:
    """KICK: people out of a room, or each out of another one; and why."""
    rooms, people = message[0].split(","), message[1].split(",")[:MAX_TARGETS]
    reason = without_codes(message[2])[:MAX_REASON_CHARS] or None
    for target, nick in zip(rooms if len(rooms) > 1 else rooms * len(people), people, strict=False):
        if nick:
            yield from _kick(wire, message, target, nick, reason)


def _kick(
    wire: IrcWire, message: Message, target: str, nick: str, reason: str | None
) -> Conversation:
    try:
        room, user = room_of(target), user_of(nick)
    except ChatError as error:
        wire.refuse(Refused.of(error), message, target)
        return
    command = Kick(room=room, user=user, reason=reason)
    try:
        try:
            yield command
        except Rejected as error:
            if not _is_equal(wire, room, nick, error.refused):
                raise
            # Who owns the room while being there is an operator as the client is one itself.
            yield GiveRole(room=room, user=user, role=Role.MEMBER)
            yield command
    except Rejected as error:
        if error.refused.code != NoSuchUser.code:
            wire.refuse(error.refused, message, target)
        elif wire.host.directory.id_of(nick) is None:
            wire.numeric(num.ERR_NOSUCHNICK, nick, error.refused.message)
        else:
            tell_absent(wire, room, nick, error.refused.message)


def _is_equal(wire: IrcWire, room: RoomName, nick: str, refused: Refused) -> bool:
    """Whether both own the room, the other one for as long as they are there."""
    if refused.code != NotAllowed.code:
        return False
    facts = wire.host.directory.facts(room)
    other = UserId(wire.host.directory.id_of(nick) or "")
    return facts.roles.get(UserId(wire.user_id or "")) is Role.OWNER and other in facts.passing


def invite(wire: IrcWire, message: Message) -> Conversation:
    """INVITE somebody into a room; without anybody, where one is invited oneself."""
    if not message.params:
        yield from _tell_invitations(wire)
        return
    if len(message.params) < 2:
        wire.numeric(num.ERR_NEEDMOREPARAMS, message.command, "Whom, and where? INVITE NICK #ROOM")
        return
    nick, target = message[0], message[1]
    room = room_of(target)
    inviting = (room.key, wire.host.directory.id_of(nick))
    wire.extra = {**(wire.extra or {}), INVITING: inviting}
    try:
        yield Invite(room=room, user=user_of(nick))
    except Rejected as error:
        refused = error.refused
        wire.extra.pop(INVITING, None)
        if refused.code == NoSuchUser.code:
            wire.numeric(num.ERR_NOSUCHNICK, nick, refused.message)
        elif refused.code == BadMessage.code and wire.host.directory.member(room, nick):
            wire.numeric(num.ERR_USERONCHANNEL, nick, target, refused.message)
        else:
            wire.refuse(refused, message, target)
        return
    wire.numeric(num.RPL_INVITING, nick, target)


def _tell_invitations(wire: IrcWire) -> Conversation:
    """336 and 337."""
    listed = yield Rooms(limit=1)  # one's own rooms are behind the first ones
    assert isinstance(listed, RoomList)
    for info in listed.rooms:
        if info.invited:
            wire.numeric(num.RPL_INVITELIST, channel(info.name))
    wire.numeric(num.RPL_ENDOFINVITELIST, "End of /INVITE list.")


def knock(wire: IrcWire, message: Message) -> Conversation:
    """KNOCK at a room that only members read. The answer is the same if there is no such room."""
    room = room_of(message[0])
    if is_in(wire, room):
        wire.numeric(num.ERR_KNOCKONCHAN, message[0], "You are in that channel already.")
        return
    facts = wire.host.directory.facts(room)
    if wire.host.directory.head(room) and facts.access is RoomAccess.OPEN:
        wire.numeric(num.ERR_CHANOPEN, message[0], "That channel is open: JOIN it.")
        return
    yield Knock(room=room, text=message[1][:MAX_REASON_CHARS] or None)
    wire.numeric(num.RPL_KNOCKDLVR, message[0], "Who moderates the channel has been asked.")


def rename(wire: IrcWire, message: Message) -> Conversation:
    """RENAME a room (https://ircv3.net/specs/extensions/channel-rename)."""
    room, name = room_of(message[0]), room_of(message[1])
    wire.extra = {**(wire.extra or {}), RENAMING: message[2]}
    try:
        yield RenameRoom(room=room, name=name)
    except Rejected as error:
        if error.refused.code == NameTaken.code:
            why = error.refused.message
            wire.send("FAIL", "RENAME", "CHANNEL_NAME_IN_USE", message[0], message[1], why)
        else:
            wire.refuse(error.refused, message)
    finally:
        (wire.extra or {}).pop(RENAMING, None)


ROWS = {
    "KICK": Row(kick, 2),
    "INVITE": Row(invite),
    "KNOCK": Row(knock, 1),
    "RENAME": Row(rename, 2),
}
