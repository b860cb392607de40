"""MODE: of a room, or of oneself."""

from __future__ import annotations

from sys import intern

from hubbub.domain.commands import Command, Operate
from hubbub.domain.names import UserName
from hubbub.domain.replies import ProfileChanged
from hubbub.domain.rules import Role
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc import usermodes
from hubbub.wire.irc.commands import roommodes
from hubbub.wire.irc.commands.whois import first_word, is_seen
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.names import is_channel
from hubbub.wire.irc.wire import Conversation, IrcWire, Row


def mode(wire: IrcWire, message: Message) -> Conversation | Command | None:
    """MODE."""
    if is_channel(message[0]):
        return roommodes.room_mode(wire, message)
    if UserName.recall(message[0]).key == UserName.recall(wire.nick).key:
        return own_modes(wire, message)
    if not is_seen(wire, message[0]):
        wire.numeric(num.ERR_NOSUCHNICK, first_word(message[0]), "There is nobody of that name.")
    else:
        wire.numeric(num.ERR_USERSDONTMATCH, "These modes are theirs to see, and to change.")
    return None


def own_modes(wire: IrcWire, message: Message) -> Conversation | None:
    """221, or what has changed."""
    known = wire.known
    assert known is not None
    asked = "".join(message.params[1:])
    if not asked:
        wire.numeric(num.RPL_UMODEIS, f"+{known.modes}")
        return None
    modes, change, unknown = usermodes.changed(known.modes, asked)
    if unknown:
        wire.numeric(num.ERR_UMODEUNKNOWNFLAG, f"There is no mode {unknown} of people here.")
    if not change:
        return None
    if usermodes.OPERATOR in known.modes and usermodes.OPERATOR not in modes:
        return _give_back(wire, modes)
    set_modes(wire, modes)
    return None


def _give_back(wire: IrcWire, modes: str) -> Conversation:
    """Whose own account administers the server is an operator still."""
    yield Operate(on=False)
    person = wire.host.directory.person(wire.nick, wire.nick)
    set_modes(wire, with_operator(modes, person.role))


def with_operator(modes: str, role: Role) -> str:
    """The modes of who is that on the server."""
    administers = role.rank >= Role.MODERATOR.rank
    letters = {*modes, usermodes.OPERATOR} if administers else {*modes} - {usermodes.OPERATOR}
    return intern("".join(sorted(letters)))  # most people have the same ones


def role_changed(wire: IrcWire, reply: ProfileChanged) -> None:
    """The client administers the server from now on, or does not any more."""
    if reply.role is not None and wire.known is not None:
        set_modes(wire, with_operator(wire.known.modes, reply.role))


def set_modes(wire: IrcWire, modes: str) -> None:
    """The client has these modes, and is told what has changed."""
    known = wire.known
    assert known is not None
    change = usermodes.signed(known.modes, modes)
    wire.host.set_modes(wire.nick, known, modes)
    if change:
        wire.send("MODE", wire.nick, change, source=wire.me)


ROWS = {"MODE": Row(mode, 1)}
