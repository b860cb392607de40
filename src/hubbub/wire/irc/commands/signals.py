"""What programs tell programs: TAGMSG, and queries in texts. Who is typing, and who reacts.

https://ircv3.net/specs/extensions/message-tags and https://modern.ircdocs.horse/ctcp
"""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain.commands import MAX_SIGNAL_CHARS, Ping, React, Signal, Typing
from hubbub.domain.errors import BadMessage, ChatError, NoSuchRoom, TextTooLong
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Refused, Signalled
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.clienttags import REPLY, SIGNAL_ID, TYPING, client_tags, reaction_in
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.msgids import seq_in
from hubbub.wire.irc.names import is_channel, room_of
from hubbub.wire.irc.notices import signal_line
from hubbub.wire.irc.talks import is_oneself, talk_with
from hubbub.wire.irc.targets import targets_of
from hubbub.wire.irc.wire import IrcWire


def tagmsg(wire: IrcWire, message: Message) -> Conversation | None:
    """TAGMSG: tags alone."""
    if Cap.MESSAGE_TAGS not in wire.caps:
        wire.numeric(num.ERR_UNKNOWNCOMMAND, "TAGMSG", "For that one needs message-tags.")
        return None
    if not message[0]:
        wire.numeric(num.ERR_NORECIPIENT, "To whom? TAGMSG and a name.")
        return None
    tags, targets = client_tags(message.tags), targets_of(wire, message)
    return _tell(wire, message, targets, tags) if tags and targets else None


def _tell(
    wire: IrcWire, message: Message, targets: Sequence[str], tags: dict[str, str]
) -> Conversation:
    if wire.label:
        yield Ping()  # so that what the client is shown of its own next is this
    for target in targets:
        try:
            yield from _tell_one(wire, message, target, tags, several=len(targets) > 1)
        except Rejected as error:
            wire.refuse(error.refused, message, target)
        except ChatError as error:
            wire.refuse(Refused.of(error), message, target)


def _tell_one(
    wire: IrcWire, message: Message, target: str, tags: dict[str, str], *, several: bool
) -> Conversation:
    if is_oneself(wire, target):
        signal_to_oneself(wire, tags, "", notice=False)
        return
    if is_channel(target):
        room = room_of(target)
        if not is_room_there(wire, message, target, room):
            return
    elif set(tags) == {TYPING} and wire.host.directory.talk(wire.user_id, target) is None:
        return  # no conversation is begun by that alone
    else:
        room = yield from talk_with(wire, target, asked=False)
    reaction = reaction_in(tags)
    answered = seq_in(wire.host.directory, room, tags.get(REPLY, ""))
    if reaction is not None and answered is not None:
        emoji, on = reaction
        wire.does(room, gathers=several)
        try:
            yield React(room=room, target=answered, emoji=emoji, on=on)
            return
        except Rejected as error:
            if error.refused.code != BadMessage.code:  # it is told all the same
                raise
    if tags == {TYPING: "active"}:
        yield (Typing(room=room), Ping())
        _echo(wire, Signalled(room=room, by=wire.nick, by_id=wire.user_id, tags=tags))
        return
    yield from signal(wire, room, tags=tags)


def signal(
    wire: IrcWire,
    room: RoomName,
    *,
    tags: dict[str, str] | None = None,
    text: str = "",
    notice: bool = False,
) -> Conversation:
    """Tells it the programs in the room; and the client itself, if it wants to see that."""
    if len(text) > MAX_SIGNAL_CHARS:
        raise TextTooLong(f"A query has {MAX_SIGNAL_CHARS} characters at most.")
    tags = {**(tags or {}), SIGNAL_ID: wire.host.new_id()}
    yield (Signal(room=room, tags=tags, text=text, notice=notice), Ping())
    _echo(
        wire,
        Signalled(room=room, by=wire.nick, by_id=wire.user_id, tags=tags, text=text, notice=notice),
    )


def _echo(wire: IrcWire, told: Signalled) -> None:
    line = signal_line(wire.format, told) if Cap.ECHO_MESSAGE in wire.caps else ""
    if line:
        wire.say(line)


def signal_to_oneself(wire: IrcWire, tags: dict[str, str], text: str, *, notice: bool) -> None:
    """What somebody tells themselves they are told, as they would tell it."""
    tags = {**tags, SIGNAL_ID: wire.host.new_id()}
    told = Signalled(room="", by=wire.nick, by_id=wire.user_id, tags=tags, text=text, notice=notice)
    line = signal_line(wire.format, told, wire.nick)
    if line:
        wire.beside(line)
        if Cap.ECHO_MESSAGE in wire.caps:
            wire.say(line)


def is_room_there(wire: IrcWire, message: Message, target: str, room: RoomName) -> bool:
    """Whether there is that room; if not, the client is told: none is made by what is said."""
    if any(one.key == room.key for one in wire.rooms) or wire.host.directory.exists(
        wire.nick, room
    ):
        return True
    wire.refuse(
        Refused.of(NoSuchRoom(f'There is no room "{room}". Joining it would make it.')),
        message,
        target,
    )
    return False


ROWS = {"TAGMSG": Row(tagmsg)}
