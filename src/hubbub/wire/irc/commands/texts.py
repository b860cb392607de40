"""Saying something: PRIVMSG and NOTICE, to rooms and to people (RFC 2812, 3.3)."""

from __future__ import annotations

from hubbub.domain.commands import Command, Say
from hubbub.domain.names import RoomName
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.clienttags import client_tags
from hubbub.wire.irc.commands import multiline
from hubbub.wire.irc.commands.speaking import say_to, text_of
from hubbub.wire.irc.conversation import Conversation, Row
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.names import is_channel, room_of
from hubbub.wire.irc.targets import targets_of
from hubbub.wire.irc.wire import IrcWire


def privmsg(wire: IrcWire, message: Message) -> Conversation | Command | None:
    """PRIVMSG: what people say."""
    return _say(wire, message)


def notice(wire: IrcWire, message: Message) -> Conversation | Command | None:
    """NOTICE: what a program says; nothing answers it by itself."""
    return _say(wire, message)


def _say(wire: IrcWire, message: Message) -> Conversation | Command | None:
    batch = message.tags.get("batch", "") if message.tags else ""
    if batch and Cap.MULTILINE in wire.caps:
        multiline.add(wire, message, batch)
        return None
    target, words = message[0], message[1]
    if not target:
        wire.numeric(num.ERR_NORECIPIENT, f"To whom? {message.command} and a name.")
        return None
    if not words:
        wire.numeric(num.ERR_NOTEXTTOSEND, "There is nothing to be sent.")
        return None
    tags = client_tags(message.tags) if message.tags and Cap.MESSAGE_TAGS in wire.caps else {}
    text = text_of(wire, message.command, words, tags)
    if is_channel(target) and "," not in target and not tags and not wire.label:
        room = _own_room(wire, target)  # nearly always
        if room is not None and text.query is None:
            return Say(room=room, text=text.text, notice=text.notice, outside=True)
    targets = targets_of(wire, message)
    return None if targets is None else say_to(wire, message, targets, text)


def _own_room(wire: IrcWire, target: str) -> RoomName | None:
    """The room, if the client is in it."""
    name = target[1:]
    key = name if name in wire.rooms else room_of(target).key
    return next((room for room in wire.rooms if key in (room, room.key)), None)


ROWS = {"PRIVMSG": Row(privmsg), "NOTICE": Row(notice)}
