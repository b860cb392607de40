"""What administrators do by IRC: OPER, KILL, WALLOPS, REHASH.

An administrator is who has an account that administers the server; OPER lends a connection its
rights. Who may do what the hub decides.
"""

from __future__ import annotations

from hubbub.domain.commands import Announce, Kick, Operate
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Announced
from hubbub.domain.rules import Role
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.commands.modes import set_modes, with_operator
from hubbub.wire.irc.commands.whois import NOBODY, first_word, is_operator
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.hints import in_irc
from hubbub.wire.irc.message import MAX_BYTES, Message
from hubbub.wire.irc.names import user_of
from hubbub.wire.irc.usermodes import WALLOPS
from hubbub.wire.irc.wire import IrcWire

NOT_YOU = "That is for who administers this server: OPER, or an account that does."
_NOT_THEM = frozenset({"not-allowed", "no-such-room", "need-account"})


def oper(wire: IrcWire, message: Message) -> Conversation:
    """OPER: the name of an account, and its password, and a code if it needs one."""
    try:
        user = user_of(message[0])
        yield Operate(user=user, password=message[1], code=message[2] or None)
    except Rejected as error:
        wire.numeric(num.ERR_NOOPERHOST, error.refused.message)
        return
    except ChatError as error:
        wire.numeric(num.ERR_NOOPERHOST, error.message)
        return
    wire.numeric(num.RPL_YOUREOPER, "You administer this server now.")
    if wire.known is not None:
        set_modes(wire, with_operator(wire.known.modes, Role.OWNER))


def kill(wire: IrcWire, message: Message) -> Conversation:
    """KILL: puts somebody out of the server."""
    target = first_word(message[0])
    try:
        yield Kick(room=DIRECTORY, user=user_of(target), reason=message[1][:300] or None)
    except Rejected as error:
        if error.refused.code in _NOT_THEM:
            # Who administers the server may not do it to everybody.
            why = in_irc(error.refused.message) if _administers(wire) else NOT_YOU
            wire.numeric(num.ERR_NOPRIVILEGES, why)
        else:
            wire.refuse(error.refused, message, target)
    except ChatError:
        wire.numeric(num.ERR_NOSUCHNICK, target, NOBODY)


def wallops(wire: IrcWire, message: Message) -> Conversation:
    """WALLOPS: tells everybody something."""
    try:
        yield Announce(text=message[0])
    except Rejected as error:
        if error.refused.code in _NOT_THEM:
            wire.numeric(num.ERR_NOPRIVILEGES, NOT_YOU)
        else:
            wire.refuse(error.refused, message, "WALLOPS")


def announced(wire: IrcWire, reply: Announced) -> None:
    """An administrator tells everybody something."""
    known = wire.known
    if known is None or WALLOPS not in known.modes:
        return
    source = wire.host.source(reply.by, None)
    most = MAX_BYTES - len(f":{source} WALLOPS :\r\n".encode())
    for line in reply.text.splitlines():
        for piece in cut(line, most):
            wire.send("WALLOPS", piece, source=source)


def rehash(wire: IrcWire, message: Message) -> None:
    """REHASH: there is nothing to be read again but the certificate, which is when it changes."""
    if not _administers(wire):
        wire.numeric(num.ERR_NOPRIVILEGES, NOT_YOU)
        return
    wire.numeric(num.RPL_REHASHING, "hubbub.toml", "Settings are read at the start only.")
    wire.host.directory.reread()


def _administers(wire: IrcWire) -> bool:
    return is_operator(wire.host.directory.person(wire.nick, wire.nick))


ROWS: dict[str, Row] = {
    "OPER": Row(oper, 1),
    "KILL": Row(kill, 1),
    "WALLOPS": Row(wallops, 1),
    "REHASH": Row(rehash),
}
