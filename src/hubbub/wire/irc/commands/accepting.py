"""ACCEPT: guests who may write to who takes messages of accounts only (the mode ``R`` of people).

As of the caller id of Hybrid and others: https://modern.ircdocs.horse has it not yet.
"""

from __future__ import annotations

from hubbub.domain.commands import Accept
from hubbub.domain.errors import ChatError
from hubbub.domain.names import UserName
from hubbub.domain.replies import Refused
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.commands.whois import first_word, lines_of
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.message import MAX_BYTES, Message
from hubbub.wire.irc.names import spelled, user_of
from hubbub.wire.irc.targets import MAX_TARGETS
from hubbub.wire.irc.wire import IrcWire

LIST = "*"


def accept(wire: IrcWire, message: Message) -> Conversation | None:
    """ACCEPT: ``nick``, ``-nick``, several with commas between; ``*`` lists those who are."""
    if message[0] == LIST:
        _tell_list(wire)
        return None
    return _change(wire, message, [word for word in message[0].split(",") if word][:MAX_TARGETS])


def _tell_list(wire: IrcWire) -> None:
    names = [spelled(name) for name in wire.host.directory.accepted(wire.nick).values()]
    most = MAX_BYTES - len(f":{wire.host.name} 281 {wire.nick} :\r\n".encode())
    for line in lines_of(names, most):
        wire.numeric(num.RPL_ACCEPTLIST, line)
    wire.numeric(num.RPL_ENDOFACCEPT, "End of /ACCEPT list.")


def _change(wire: IrcWire, message: Message, words: list[str]) -> Conversation:
    for word in words:
        nick, on = word.removeprefix("-"), not word.startswith("-")
        try:
            user = user_of(nick)
            if on is _is_accepted(wire, user, by_name=not on):
                number = num.ERR_ACCEPTEXIST if on else num.ERR_ACCEPTNOT
                there = "is on your accept list already" if on else "is not on your accept list"
                wire.numeric(number, first_word(nick), there)
            else:
                yield Accept(user=user, on=on)
        except Rejected as error:
            wire.refuse(error.refused, message, first_word(nick))
        except ChatError as error:
            wire.refuse(Refused.of(error), message, first_word(nick))


def _is_accepted(wire: IrcWire, user: UserName, *, by_name: bool) -> bool:
    """``by_name``: or somebody is who was called like that; a name is others' later."""
    accepted = wire.host.directory.accepted(wire.nick)
    called = {UserName.recall(name).key for name in accepted.values()} if by_name else set()
    return wire.host.directory.id_of(user) in accepted or user.key in called


ROWS = {"ACCEPT": Row(accept, 1)}
