"""What a program of an account has got: all that went before a PING that it has answered.

Bytes that were sent are not bytes that came. So what a program is shown when it comes back begins
behind what it has got for sure: rather twice than never.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from msgspec import Struct

from hubbub.domain.commands import Read
from hubbub.domain.names import RoomName
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.wire import IrcWire

ANY_PROGRAM = "irc"  # the one of an account that has no name
_GOT = "got"  # in `IrcWire.extra`
READER = "reader"  # the same


class Got(Struct):
    """``asked``: up to where it was shown the rooms when it was sent ``token``; "": it was not.

    ``confirmed``: what it has got of the rooms, by their keys. ``shown``: of rooms whose past it is
    being shown, up to where.
    """

    token: str = ""
    asked: tuple[tuple[RoomName, int], ...] = ()
    confirmed: dict[str, int] = {}
    shown: dict[str, int] = {}


def program_of(wire: IrcWire) -> str | None:
    """Which program of an account the client is; None if it asks by itself for what it wants."""
    if not wire.account or Cap.CHATHISTORY in wire.caps:
        return None
    return reader_of(wire) or ANY_PROGRAM


def reader_of(wire: IrcWire) -> str | None:
    """What the client has called itself when it logged in; None if it has not."""
    found = None if wire.extra is None else wire.extra.get(READER)
    return found if isinstance(found, str) else None


def begins_anew(wire: IrcWire, reader: str) -> None:
    """The client is a program of that name, maybe of another account than before."""
    rest = {key: value for key, value in (wire.extra or {}).items() if key not in (_GOT, READER)}
    wire.extra = ({**rest, READER: reader} if reader else rest) or None


def _got(wire: IrcWire) -> Got:
    wire.extra = wire.extra if wire.extra is not None else {}
    return cast("Got", wire.extra.setdefault(_GOT, Got()))


def is_asked(wire: IrcWire) -> bool:
    """Whether an answer to a PING is waited for."""
    return wire.extra is not None and _GOT in wire.extra and bool(_got(wire).token)


def has_got(wire: IrcWire, room: RoomName) -> int:
    """Up to where the client has got the room for sure."""
    return _got(wire).confirmed.get(room.key, 0)


def begins_at(wire: IrcWire, room: RoomName, seq: int) -> None:
    """The program has got the room up to there, and is shown what it has not got."""
    _got(wire).confirmed[room.key] = _got(wire).shown[room.key] = seq


def shown(wire: IrcWire, room: RoomName, seq: int | None) -> None:
    """The client is shown the past of the room, so far up to ``seq``; None: that is done."""
    if seq is None:
        _got(wire).shown.pop(room.key, None)
    else:
        _got(wire).shown[room.key] = seq


def ask(wire: IrcWire, places: Sequence[tuple[RoomName, int]]) -> None:
    """Sends a PING behind what the client was shown: the rooms up to these numbers."""
    got = _got(wire)
    known = ((room, got.shown.get(room.key, seq)) for room, seq in places)
    got.asked = tuple((room, seq) for room, seq in known if seq > got.confirmed.get(room.key, 0))
    if got.asked:
        got.token = f"got-{wire.new_batch()}"
        wire.beside(written("PING", got.token, source=wire.host.name))


def answered(wire: IrcWire, message: Message) -> Conversation | None:
    """A PONG: if it is the one that is waited for, the client has got what went before."""
    if not is_asked(wire) or not message.params or message.params[-1] != _got(wire).token:
        return None
    got = _got(wire)
    places, got.asked, got.token = got.asked, (), ""
    program = program_of(wire)
    return None if program is None else _confirm(wire, places, program)


def _confirm(wire: IrcWire, places: Sequence[tuple[RoomName, int]], program: str) -> Conversation:
    for room, seq in places:
        _got(wire).confirmed[room.key] = seq
        with suppress(Rejected):  # there is no such room any more
            yield Read(room=room, seq=seq, reader=program)
