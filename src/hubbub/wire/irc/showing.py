"""What is shown to one client alone: what it has done itself, and what it was told already."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hubbub.domain.events import AnyEvent, Invited, Joined
from hubbub.domain.kinds import are_messages
from hubbub.domain.names import RoomName
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.format import PUTTING_OUT
from hubbub.wire.irc.message import parse
from hubbub.wire.irc.wire import IrcWire

INVITING = "inviting"  # in `IrcWire.extra`: into which room the client invites whom
PUT_OUT = "put out"  # in `IrcWire.extra`: of which room the client was told that it is out


def show(
    wire: IrcWire,
    room: RoomName,
    events: Sequence[AnyEvent],
    own: Collection[int],
    elsewhere: Collection[int] = (),
) -> bytes:
    """``events`` as this client alone is shown them. ``own``: those that it has said itself.

    ``elsewhere``: those that it is told of with another room, but for what somebody is here.
    """
    format = wire.format
    if not elsewhere and are_messages(events):  # nearly always
        echoes = Cap.ECHO_MESSAGE in wire.caps
        if not own or (echoes and not wire.labels(room)):
            return format.events(room, events)  # the bytes that others are given
        if not echoes:
            return format.events_but(room, events, own)
    about = format.differ(events)
    if not own and not elsewhere and (about is None or wire.user_id not in about):
        return format.events(room, events)  # the bytes that others are given
    texts: list[str] = []
    target = None if room.startswith("@") else f"#{room}"
    for event in events:
        if event.seq in elsewhere or _knows_name(wire, event):
            texts += format.beside_the_name(room, target, event)
            continue
        if type(event) is Invited and _has_invited(wire, room, event):
            continue
        if event.seq not in own:
            told = format.told(room, target, event)
            if type(event) in PUTTING_OUT and is_put_out(told, target, wire.nick):
                wire.extra = {**(wire.extra or {}), PUT_OUT: room.key}
            texts.append(told)
            texts += wire.vocabulary.beside(wire, room, event) if target else []
        elif Cap.ECHO_MESSAGE in wire.caps:
            texts += wire.own(room, target, event)
    return "".join(texts).encode(errors="replace")


def _knows_name(wire: IrcWire, event: AnyEvent) -> bool:
    """Whether ``event`` tells of the client's own new name, by which it was told already."""
    if not isinstance(event, Joined) or event.was is None or event.by_id != wire.user_id:
        return False
    if event.by == wire.nick:
        return True
    wire.take_name(event.by, event.by_id)  # another program of the account has renamed it
    return False


def _has_invited(wire: IrcWire, room: RoomName, event: Invited) -> bool:
    """Whether a command of this client has done that, which a numeric tells."""
    extra = wire.extra or {}
    if event.by_id != wire.user_id or extra.get(INVITING) != (room.key, event.user_id):
        return False
    del extra[INVITING]
    return True


def is_put_out(told: str, target: str | None, nick: str) -> bool:
    """Whether it is told that somebody is put out of a channel."""
    lines = (parse(line) for line in told.split("\r\n") if " KICK " in line)  # or its reason has it
    return any(one and one.command == "KICK" and one.params[:2] == (target, nick) for one in lines)
