"""How somebody appears: AWAY and SETNAME.

https://modern.ircdocs.horse/#away-message, https://ircv3.net/specs/extensions/setname
and https://ircv3.net/specs/extensions/pre-away
"""

from __future__ import annotations

from hubbub.domain.commands import SetProfile
from hubbub.domain.rules import MAX_NOTE_CHARS, Status
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.conversation import Conversation, Row
from hubbub.wire.irc.formatting import without_codes
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.registration import MAX_REALNAME_CHARS
from hubbub.wire.irc.wire import IrcWire

NO_REASON = "*"  # a program is connected, and nobody looks (pre-away)


def away(wire: IrcWire, message: Message) -> Conversation | None:
    """AWAY: why one is not here; without that, one is. Before registration, it is kept."""
    reason = without_codes(message[0]).strip()
    if wire.registration is None:
        return go_away(wire, reason)
    if Cap.PRE_AWAY not in wire.caps:
        wire.numeric(num.ERR_NOTREGISTERED, "Say who you are first: NICK and USER.")
        return None
    wire.registration.away = reason
    _tell(wire, reason)
    return None


def go_away(wire: IrcWire, reason: str) -> Conversation:
    """Says for whom the client speaks whether they are here."""
    note = "" if reason == NO_REASON else reason[:MAX_NOTE_CHARS]
    yield SetProfile(status=Status.AWAY if reason else Status.HERE, note=note)
    _tell(wire, reason)


def still_away(wire: IrcWire) -> None:
    """An account that was away when its last client went is so yet: the next one is to know."""
    if wire.account and wire.host.directory.away(wire.nick) is not None:
        _tell(wire, NO_REASON)


def _tell(wire: IrcWire, reason: str) -> None:
    if reason:
        wire.numeric(num.RPL_NOWAWAY, "You have been marked as being away")
    else:
        wire.numeric(num.RPL_UNAWAY, "You are no longer marked as being away")


def setname(wire: IrcWire, message: Message) -> None:
    """SETNAME: another real name. Clients of IRC at this server are told, others know of none."""
    name, known = " ".join(message[0].split()), wire.known
    if not name or len(name) > MAX_REALNAME_CHARS or not name.isprintable():
        wire.send("FAIL", "SETNAME", "INVALID_REALNAME", "That is no real name.")
        return
    assert known is not None
    known.realname = name
    line = written("SETNAME", name, source=wire.me)
    if Cap.SETNAME in wire.caps:
        wire.say(line)
    wire.host.directory.spread(wire.nick, Cap.SETNAME, line)


ROWS = {"AWAY": Row(away, early=True), "SETNAME": Row(setname, 1)}
