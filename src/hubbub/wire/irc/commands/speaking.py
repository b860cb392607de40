"""How something is said to rooms and to people, one after the other, and who does not get it."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.commands import Command, Ping, Say, Who
from hubbub.domain.errors import BadMessage, ChatError, NotAllowed
from hubbub.domain.events import Said
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack, Members, Refused, Reply
from hubbub.domain.rules import Role
from hubbub.wire.irc import ctcp
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.clienttags import REPLY
from hubbub.wire.irc.commands.signals import is_room_there, signal, signal_to_oneself
from hubbub.wire.irc.commands.whois import is_seen
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.formatting import from_irc, without_codes
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.msgids import seq_in
from hubbub.wire.irc.names import is_channel, room_of, spelled
from hubbub.wire.irc.status import MAX_WRITTEN_TO, least_of, people_of, tagged
from hubbub.wire.irc.talks import is_oneself, talk_with
from hubbub.wire.irc.usermodes import NO_QUERIES
from hubbub.wire.irc.wire import IrcWire


class Text(Struct, frozen=True):
    """What is said: as a text, or as a ``query`` of a program. ``tags``: those of clients.

    ``text``: with markup, as it is saved.
    """

    text: str
    query: str | None
    notice: bool
    tags: dict[str, str]


def text_of(wire: IrcWire, command: str, words: str, tags: dict[str, str]) -> Text:
    """What ``words`` say, as a client of IRC has sent them."""
    query = ctcp.message_in(words)
    deed = None if query is None else ctcp.deed_in(query)
    if query is None:
        text = from_irc(words)
    elif deed is not None:
        text, query = ctcp.text_of_deed(wire.nick, without_codes(deed)), None
    else:
        text = ""
    return Text(text, query, command == "NOTICE", tags)


def say_to(wire: IrcWire, message: Message, targets: Sequence[str], text: Text) -> Conversation:
    """Says it to each of them; tells of each that does not get it."""
    several = len(targets) > 1
    if wire.label:
        yield Ping()  # so that what the client is shown of its own next is this
    for target in targets:
        try:
            yield from _say_to_one(wire, message, target, text, several=several)
        except Rejected as error:
            wire.refuse(error.refused, message, target)
        except ChatError as error:
            wire.refuse(Refused.of(error), message, target)


def _say_to_one(
    wire: IrcWire, message: Message, target: str, text: Text, *, several: bool
) -> Conversation:
    if is_oneself(wire, target):
        _say_to_oneself(wire, text)
        return
    if least_of(target) is not None:
        yield from _say_to_roles(wire, message, target, text)
        return
    if not is_channel(target):
        with wire.host.directory.writing_to(target, wire.nick):
            room = yield from _talk_with(wire, target, text)
            if text.query is None:
                yield from _say_there(wire, target, room, text, several=several)
                return
        # Behind which comes a ping: two who ask each other would wait for each other.
        yield from signal(wire, room, text=text.query, notice=text.notice)
        return
    room = room_of(target)
    if is_room_there(wire, message, target, room):
        yield from _say_there(wire, target, room, text, several=several)


def _talk_with(
    wire: IrcWire, target: str, text: Text
) -> Generator[Command | Sequence[Command] | None, Reply, RoomName]:
    known = wire.host.known(target)
    asks = text.query is not None
    if asks and known and NO_QUERIES in known.modes and is_seen(wire, target):
        raise NotAllowed(f"The program of {target} is not to be asked.")
    return (yield from talk_with(wire, target, asked=not text.notice))


def _say_there(
    wire: IrcWire, target: str, room: RoomName, text: Text, *, several: bool
) -> Conversation:
    if text.query is not None:
        yield from signal(wire, room, text=text.query, notice=text.notice)
        return
    wire.does(room, gathers=several)
    ack = yield from _said_in(wire, room, text)
    inside = room.startswith("@") or any(one.key == room.key for one in wire.rooms)
    if isinstance(ack, Ack) and not inside and Cap.ECHO_MESSAGE in wire.caps:
        _echo(wire, room, target, text, ack)


def _say_to_roles(wire: IrcWire, message: Message, target: str, text: Text) -> Conversation:
    """To each who has that role in a room, alone."""
    members = yield Who(room=room_of(target[1:]))
    assert isinstance(members, Members)
    people = people_of(members, least_of(target) or Role.OWNER, wire.nick)
    if not people or len(people) > MAX_WRITTEN_TO or text.query is not None:
        why = "Nobody is meant by that." if not people else "That cannot be sent to so many."
        wire.numeric(num.ERR_CANNOTSENDTOCHAN, target, why)
        return
    words, tags = tagged(target, text.text, text.tags)
    for nick in people:
        try:
            with wire.host.directory.writing_to(nick, wire.nick):
                room = yield from talk_with(wire, spelled(nick), asked=False)
                yield Say(room=room, text=words, notice=text.notice, tags=tags, outside=True)
        except Rejected as error:
            wire.refuse(error.refused, message, nick)


def _said_in(
    wire: IrcWire, room: RoomName, text: Text
) -> Generator[Command | Sequence[Command] | None, Reply, Reply]:
    """Says it as an answer, if it answers something there; else as any other text."""
    said = Say(room=room, text=text.text, notice=text.notice, tags=text.tags, outside=True)
    answered = seq_in(wire.host.directory, room, text.tags[REPLY]) if REPLY in text.tags else None
    if answered is not None:
        try:
            return (yield replace(said, reply_to=answered))
        except Rejected as error:
            if error.refused.code != BadMessage.code:
                raise
    return (yield said)


def _echo(wire: IrcWire, room: RoomName, target: str, text: Text, ack: Ack) -> None:
    """Shows a client what it has said in a room in which it is not."""
    said = Said(*(ack.seq, ack.at, wire.nick, text.text), notice=text.notice, tags=text.tags)
    for line in wire.format.said(room, target, said):
        wire.say(line)


def _say_to_oneself(wire: IrcWire, text: Text) -> None:
    """What somebody says to themselves they are told, as they would tell it; nothing keeps it."""
    if text.query is not None:
        signal_to_oneself(wire, {}, text.query, notice=text.notice)
        return
    for line in unkept(wire, wire.nick, text):
        wire.beside(line)
        if Cap.ECHO_MESSAGE in wire.caps:
            wire.say(line)


def unkept(wire: IrcWire, target: str, text: Text) -> list[str]:
    """What the client says to ``target`` that nothing keeps, as it would be told of it."""
    room = RoomName.recall(f"@{wire.host.new_id()}")  # which is none: so the message has an id
    said = Said(1, wire.host.directory.now(), wire.nick, text.text, notice=text.notice)
    return wire.format.said(room, target, replace(said, tags=text.tags, by_id=wire.user_id))
