"""MODE: of a room, or of oneself."""

from __future__ import annotations

from sys import intern

from hubbub.domain.commands import Command, Operate, SetProfile
from hubbub.domain.names import UserName
from hubbub.domain.replies import ProfileChanged, Welcome
from hubbub.domain.rules import Profile, Role
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc import usermodes
from hubbub.wire.irc.capabilities import NONE
from hubbub.wire.irc.commands import roommodes
from hubbub.wire.irc.commands.whois import first_word, is_seen
from hubbub.wire.irc.conversation import Conversation, Row
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.names import is_channel
from hubbub.wire.irc.wire import IrcWire


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
    if _TOLD_THE_HUB.isdisjoint(set(known.modes) ^ set(modes)):
        set_modes(wire, modes)
        return None
    return _change_by_hub(wire, known.modes, modes)


_TOLD_THE_HUB = frozenset((usermodes.OPERATOR, usermodes.ACCOUNTS_ONLY))


def _change_by_hub(wire: IrcWire, before: str, modes: str) -> Conversation:
    """Whose own account administers the server is an operator still, who gives that back."""
    accounts_only = usermodes.ACCOUNTS_ONLY in modes
    if accounts_only is not (usermodes.ACCOUNTS_ONLY in before):
        yield SetProfile(accounts_only=accounts_only)
    if usermodes.OPERATOR in before and usermodes.OPERATOR not in modes:
        yield Operate(on=False)
        person = wire.host.directory.person(wire.nick, wire.nick)
        modes = with_operator(modes, person.role)
    set_modes(wire, modes)


def with_operator(modes: str, role: Role) -> str:
    """The modes of who is that on the server."""
    return _with(modes, usermodes.OPERATOR, on=role.rank >= Role.MODERATOR.rank)


def modes_of(modes: str, welcome: Welcome) -> str:
    """The modes of who has been welcomed, where they would else be these."""
    return _with_profile(with_operator(modes, welcome.role), welcome.profile)


def _with_profile(modes: str, profile: Profile | None) -> str:
    on = profile is not None and profile.accounts_only
    return _with(modes, usermodes.ACCOUNTS_ONLY, on=on)


def _with(modes: str, letter: str, *, on: bool) -> str:
    letters = {*modes, letter} if on else {*modes} - {letter}
    return intern("".join(sorted(letters)))  # most people have the same ones


def profile_changed(wire: IrcWire, reply: ProfileChanged) -> None:
    """The client has said otherwise who may write to it, or administers the server, or no more."""
    if wire.known is None:
        return
    modes = _with_profile(wire.known.modes, reply.profile)
    set_modes(wire, modes if reply.role is None else with_operator(modes, reply.role))


def set_modes(wire: IrcWire, modes: str) -> None:
    """The client has these modes, and all of that name are told what has changed."""
    known = wire.known
    assert known is not None
    change = usermodes.signed(known.modes, modes)
    wire.host.set_modes(wire.nick, known, modes)
    if change:
        wire.send("MODE", wire.nick, change, source=wire.me)
        told = written("MODE", wire.nick, change, source=wire.me)
        wire.host.directory.tell_others(wire, wire.nick, NONE, told)


ROWS = {"MODE": Row(mode, 1)}
