"""Direct conversations of a client: queries are found, and listened to from where they went on."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import cast

from hubbub.domain.commands import Command, Direct, Join, Leave
from hubbub.domain.errors import ChatError, NoSuchUser, TooManyRooms
from hubbub.domain.names import RoomName
from hubbub.domain.replies import DirectRoom, Reply
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.conversation import Handler, Rejected
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.names import user_of
from hubbub.wire.irc.wire import IrcWire

_TALKS = "talks"
_JOINED = -1
_NEW = "talk "  # and the key of one in which something was said: what is to be done about it


def _talks(wire: IrcWire) -> dict[str, int]:
    """For each direct conversation, by its key, behind which event the client is to listen."""
    if wire.extra is None:
        wire.extra = {}
    return cast("dict[str, int]", wire.extra.setdefault(_TALKS, {}))


def heard(wire: IrcWire) -> list[RoomName]:
    """Those to which the client listens."""
    if wire.extra is None or _TALKS not in wire.extra:
        return []
    return [RoomName.recall(key) for key, after in _talks(wire).items() if after == _JOINED]


def listen_again(
    wire: IrcWire, room: RoomName, head: int
) -> Generator[Command | Sequence[Command] | None, Reply, None]:
    """Listens again to one out of which a new name has put the client, if it is still theirs."""
    leaves(wire, room)
    with suppress(Rejected):
        yield from listen(wire, room, head)


def leaves(wire: IrcWire, room: RoomName) -> None:
    """The client listens there no more."""
    _talks(wire).pop(room.key, None)


def hears_of(wire: IrcWire, room: RoomName, head: int) -> bool:
    """Something was said there behind ``head``. Whether the client does not listen yet."""
    return _talks(wire).setdefault(room.key, head) != _JOINED


def listens(wire: IrcWire, room: RoomName) -> None:
    """The client listens there, as the last one to which it does."""
    talks = _talks(wire)
    talks.pop(room.key, None)
    talks[room.key] = _JOINED


def is_heard(wire: IrcWire, room: RoomName) -> bool:
    """Whether the client listens to it."""
    return wire.extra is not None and _talks(wire).get(room.key) == _JOINED


def listen_later(wire: IrcWire, room: RoomName, handler: Handler) -> None:
    """Something was said there: ``handler`` listens to it when it is its turn."""
    wire.later(Message("JOIN"), handler, f"{_NEW}{room.key}")


def listen_to_new(
    wire: IrcWire,
) -> Generator[Command | Sequence[Command] | None, Reply, bool]:
    """Listens now where it is to be done later; whether that is anywhere."""
    return (yield from wire.do_now(_NEW))


def listen(
    wire: IrcWire, room: RoomName, head: int
) -> Generator[Command | Sequence[Command] | None, Reply, Reply | None]:
    """Listens from there on, or from what came before it was asked for. None: it does already."""
    talks = _talks(wire)
    after = talks.get(room.key, head)
    if after == _JOINED:
        return None
    return (yield from join_talk(wire, Join(room=room, after=min(after, head))))


def join_talk(
    wire: IrcWire, command: Join
) -> Generator[Command | Sequence[Command] | None, Reply, Reply]:
    """Listens to a conversation; where the client is in too many rooms, not to the first any more.

    As soon as something is said there, it is listened to again.
    """
    try:
        reply = yield command
    except Rejected as error:
        first = next(iter(heard(wire)), None)
        if error.refused.code != TooManyRooms.code or first is None:
            raise
        leaves(wire, first)
        yield Leave(room=first, for_good=False)
        reply = yield command
    listens(wire, command.room)
    return reply


def is_oneself(wire: IrcWire, target: str) -> bool:
    """Whether a client writes to itself."""
    if target == wire.nick:
        return True
    try:
        return user_of(target).key == user_of(wire.nick).key
    except ChatError:
        return False


def talk_with(
    wire: IrcWire, nick: str, *, asked: bool
) -> Generator[Command | Sequence[Command] | None, Reply, RoomName]:
    """The conversation with somebody, to which the client listens. ``asked``: an answer may come,
    so that it is told why it may come late.
    """
    try:
        user = user_of(nick)
    except ChatError:
        raise NoSuchUser(f'There is nobody called "{nick}" here.') from None
    talk = yield Direct(users=(user,))
    assert isinstance(talk, DirectRoom)
    room = RoomName.recall(talk.room)
    yield from listen(wire, room, talk.head)
    away = wire.host.directory.away(nick) if asked else None
    if away is not None:
        wire.numeric(num.RPL_AWAY, nick, away or "away")
    return room
