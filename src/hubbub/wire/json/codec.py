"""Encodes and decodes the JSON frames of commands and replies. Decoding is strict."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec.json import Decoder, Encoder

from hubbub.domain.commands import AnyCommand, Command
from hubbub.domain.errors import BadMessage
from hubbub.domain.events import AnyEvent, Event
from hubbub.domain.ids import ToldId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.numbers import Seq
from hubbub.domain.replies import AnyReply, Events, Page, Reply
from hubbub.domain.told import Name, Time, Words


def parse_name(kind: type, value: Any) -> Any:
    """For a `msgspec` decoder: the name of that ``kind``; raises `InvalidName`, `TypeError`."""
    if not isinstance(value, str):
        raise TypeError("Expected a name, a string")
    if kind is RoomName:
        return RoomName.parse(value)
    if kind is UserName:
        return UserName.parse(value)
    raise NotImplementedError(kind)


# An escaped lone surrogate: browsers write one for half of an emoji. msgspec's error does not
# name it.
_HALF = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)

_encoder = Encoder(enc_hook=str)  # names are strings with a key
_commands: Decoder[AnyCommand] = Decoder(AnyCommand, dec_hook=parse_name)
_replies: Decoder[AnyReply] = Decoder(AnyReply)


class _AnyKind(msgspec.Struct):
    """The fields that events of all kinds have."""

    seq: Seq
    at: Time
    by: Name
    by_id: ToldId | None = None


class _LooseEvents(msgspec.Struct, tag_field="type", tag="events"):
    room: Name
    events: list[msgspec.Raw]


class _LoosePage(msgspec.Struct, tag_field="type", tag="history"):
    room: Name
    events: list[msgspec.Raw]
    head: Seq
    first: Seq | None = None
    last: Seq | None = None
    re: Words | int | None = None


_event: Decoder[AnyEvent] = Decoder(AnyEvent)
_any_kind = Decoder(_AnyKind)
_loose: Decoder[_LooseEvents | _LoosePage] = Decoder(_LooseEvents | _LoosePage)


def decode_command(frame: bytes) -> Command:
    """The command in one frame.

    Raises `BadMessage` with the reason if the frame is not a command of the protocol, and
    `InvalidName` for a name that breaks the rules.
    """
    try:
        return _commands.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        half = _HALF.search(frame) if type(error) is msgspec.DecodeError else None
        why = f"{half[0].decode()} is half of a surrogate pair, no text" if half else error
        raise BadMessage(f"This is not a command of the protocol: {why}.") from None


def decode_reply(frame: bytes | str) -> Reply:
    """The reply in one frame. Events of kinds that this version does not know become `Event`.

    Raises `BadMessage` when it is no reply of the protocol.
    """
    try:
        return _replies.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        try:
            loose = _loose.decode(frame)
            events: Any = [decode_event(raw) for raw in loose.events]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadMessage(f"This is not a reply of the protocol: {error}.") from None
        if isinstance(loose, _LoosePage):
            return Page(
                re=loose.re,
                room=loose.room,
                events=events,
                head=loose.head,
                first=loose.first,
                last=loose.last,
            )
        return Events(room=loose.room, events=events)


def decode_event(data: bytes | msgspec.Raw) -> Event:
    """One event.

    An event of a kind that this version does not know, or with fields that it does not accept,
    becomes a plain `Event`: it keeps its ``seq``, so that the log has no hole. Raises
    `msgspec.DecodeError` if ``data`` is not an event at all.
    """
    try:
        return _event.decode(data)
    except msgspec.ValidationError:
        known = _any_kind.decode(data)
        return Event(known.seq, known.at, known.by, by_id=known.by_id)


def encode(message: Command | Reply) -> bytes:
    """One frame."""
    return _encoder.encode(message)


def encode_event(event: Event) -> bytes:
    """An event as it stands in a frame; a cache keeps it so."""
    return _encoder.encode(event)
