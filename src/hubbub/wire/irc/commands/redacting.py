"""REDACT: taking a message back (https://ircv3.net/specs/extensions/message-redaction)."""

from __future__ import annotations

from hubbub.domain.commands import Ping, Redact
from hubbub.domain.names import RoomName
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.msgids import seq_in
from hubbub.wire.irc.names import is_channel, parse_msgid, room_of, spelled
from hubbub.wire.irc.talks import listen
from hubbub.wire.irc.wire import IrcWire

_CODES = {"not-allowed": "REDACT_FORBIDDEN", "banned": "REDACT_FORBIDDEN"}
_CODES |= dict.fromkeys(("no-such-room", "not-in-room", "need-password"), "INVALID_TARGET")
_UNKNOWN = "UNKNOWN_MSGID"  # there is no such message (any more), or it is none


def redact(wire: IrcWire, message: Message) -> Conversation | None:
    """REDACT: where, which message, and why."""
    if Cap.MESSAGE_REDACTION not in wire.caps:
        words = "For that one needs draft/message-redaction."
        wire.numeric(num.ERR_UNKNOWNCOMMAND, "REDACT", words)
        return None
    target, msgid = message[0], message[1]
    room = _room(wire, target, msgid)
    if room is None:
        _fail(wire, "INVALID_TARGET", target, words="That is no room that you are in.")
        return None
    seq = seq_in(wire.host.directory, room, msgid)
    if seq is None:
        _fail(wire, _UNKNOWN, target, msgid, words="There is no such message there.")
        return None
    return _redact(wire, message, room, seq)


def _room(wire: IrcWire, target: str, msgid: str) -> RoomName | None:
    """The room, if the client is in it; the conversation with ``target`` that has the message."""
    if is_channel(target):
        key = room_of(target).key
        return next((room for room in wire.rooms if room.key == key), None)
    found = parse_msgid(msgid)
    room = RoomName.recall(found[0] if found is not None else "@")
    people = {one.id: spelled(one.name) for one in wire.host.directory.people(room)}
    theirs = len(people) == 2 and wire.user_id in people and target in people.values()
    return room if theirs else None


def _redact(wire: IrcWire, message: Message, room: RoomName, seq: int) -> Conversation:
    if wire.label:
        yield Ping()  # so that what the client is shown of its own next is this
    if room.startswith("@"):
        yield from listen(wire, room, wire.host.directory.head(room))
    wire.does(room)
    try:
        yield Redact(room=room, target=seq, reason=message[2] or None)
    except Rejected as error:
        code = _CODES.get(error.refused.code, _UNKNOWN)
        about = (message[0],) if code == "INVALID_TARGET" else (message[0], message[1])
        _fail(wire, code, *about, words=error.refused.message)


def _fail(wire: IrcWire, code: str, *about: str, words: str) -> None:
    wire.send("FAIL", "REDACT", code, *about, words)


ROWS = {"REDACT": Row(redact, 2)}
