"""MODE of a room: what holds there, and who is what. docs/irc.md has the table.

https://modern.ircdocs.horse/#mode-message
"""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain.commands import GiveRole, SetRules, Who
from hubbub.domain.errors import NoSuchUser, WeakPassword
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Members, Standing
from hubbub.domain.rules import Role
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.asked import MISSING, Wish, Wrong, new_rules, wishes
from hubbub.wire.irc.commands.lists import change_list, tell_list
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.modes import BY_LETTER, KEY, LIMIT, LISTS, ROLES, letters_of
from hubbub.wire.irc.names import channel, room_of, user_of
from hubbub.wire.irc.wire import IrcWire

OPEN = Standing()


def room_mode(wire: IrcWire, message: Message) -> Conversation:
    """What is set in a room, or what is to be."""
    members = yield Who(room=room_of(message[0]))  # so that who may not read it is told nothing
    assert isinstance(members, Members)
    if len(message.params) == 1:
        _tell_modes(wire, members)
        return
    room = RoomName.recall(members.room)
    asked = list(wishes(message.params[1:]))
    for letter in dict.fromkeys(wish.letter for wish in asked if not _is_known(wish.letter)):
        wire.numeric(num.ERR_UNKNOWNMODE, letter, f"There is no mode {letter} of channels.")
    rules = [wish for wish in asked if wish.letter in BY_LETTER or wish.letter == LIMIT]
    if rules:
        yield from _set_rules(wire, message, room, members.standing or OPEN, rules)
    for wish in asked:
        if wish.letter in ROLES:
            yield from _give_role(wire, message, room, wish)
        elif wish.letter in LISTS and wish.param is None:
            yield from tell_list(wire, message, room, wish.letter)
        elif wish.letter in LISTS:
            yield from change_list(wire, message, room, members.users, wish)


def _is_known(letter: str) -> bool:
    return letter in BY_LETTER or letter in ROLES or letter in LISTS or letter == LIMIT


def _tell_modes(wire: IrcWire, members: Members) -> None:
    """324 and 329."""
    target = channel(members.room)
    modes = letters_of(members.standing or OPEN)
    params = [value for value in modes.values() if value is not None]
    wire.numeric(num.RPL_CHANNELMODEIS, target, "+" + "".join(modes), *params)
    if members.made:
        wire.numeric(num.RPL_CREATIONTIME, target, str(members.made // 1000))


def tell_wrong(wire: IrcWire, room: RoomName, wrong: Wrong) -> None:
    """696: a parameter is no good."""
    param = wrong.param if wrong.param and " " not in wrong.param else "*"
    wire.numeric(num.ERR_INVALIDMODEPARAM, channel(room), wrong.letter, param, wrong.why)


def _set_rules(
    wire: IrcWire, message: Message, room: RoomName, now: Standing, asked: Sequence[Wish]
) -> Conversation:
    """All that is asked for of rules at once: the room is told by one event."""
    new = new_rules(now, asked)
    for wrong in new.wrong:
        tell_wrong(wire, room, wrong)
    for letter, stricter in new.stricter:
        words = f"+{stricter} is set, which is stricter than +{letter}: take it away first."
        wire.send("NOTICE", wire.nick, f"{channel(room)}: {words}")
    if not new.fields:
        return
    try:
        yield SetRules(room=room, **new.fields)
    except Rejected as error:
        if error.refused.code == WeakPassword.code:
            tell_wrong(wire, room, Wrong(KEY, "", error.refused.message))
        else:
            wire.refuse(error.refused, message, channel(room))


def _give_role(wire: IrcWire, message: Message, room: RoomName, wish: Wish) -> Conversation:
    """Roles are one ladder: who is higher up has all modes of those below."""
    if not wish.param:
        tell_wrong(wire, room, Wrong(wish.letter, "", MISSING))
        return
    role, id = ROLES[wish.letter], wire.host.directory.id_of(wish.param)
    facts = wire.host.directory.facts(room)
    now = Role.MEMBER if id is None else facts.roles.get(UserId(id), Role.MEMBER)
    if (now.rank >= role.rank) if wish.on else (now is not role):
        return  # it is so already
    try:
        user = user_of(wish.param)
        yield GiveRole(room=room, user=user, role=role if wish.on else Role.MEMBER)
    except Rejected as error:
        if error.refused.code != NoSuchUser.code:
            wire.refuse(error.refused, message, channel(room))
        elif id is None:
            wire.numeric(num.ERR_NOSUCHNICK, wish.param, error.refused.message)
        else:
            tell_absent(wire, room, wish.param, error.refused.message)


def tell_absent(wire: IrcWire, room: RoomName, nick: str, words: str) -> None:
    """441: somebody is not in the room."""
    wire.numeric(num.ERR_USERNOTINCHANNEL, nick, channel(room), words)
