"""Refusals as numerics: one table, by the command and the code of the error."""

from __future__ import annotations

from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.names import is_channel

ANY = "*"

NUMERICS: dict[tuple[str, str], str] = {
    ("JOIN", "need-password"): num.ERR_BADCHANNELKEY,
    ("JOIN", "wrong-password"): num.ERR_BADCHANNELKEY,
    ("JOIN", "no-such-room"): num.ERR_INVITEONLYCHAN,
    ("JOIN", "not-allowed"): num.ERR_INVITEONLYCHAN,
    ("JOIN", "banned"): num.ERR_BANNEDFROMCHAN,
    ("JOIN", "room-full"): num.ERR_CHANNELISFULL,
    ("JOIN", "need-account"): num.ERR_NEEDREGGEDNICK,
    ("JOIN", "too-many-rooms"): num.ERR_TOOMANYCHANNELS,
    ("JOIN", "invalid-name"): num.ERR_NOSUCHCHANNEL,
    ("ACCEPT", "invalid-name"): num.ERR_NOSUCHNICK,
    ("NICK", "invalid-name"): num.ERR_ERRONEUSNICKNAME,
    ("NICK", "name-taken"): num.ERR_NICKNAMEINUSE,
    ("NICK", "need-password"): num.ERR_NICKNAMEINUSE,
    ("NICK", "already-named"): num.ERR_NONICKCHANGE,
    ("NICK", "filtered"): num.ERR_ERRONEUSNICKNAME,
    (ANY, "invalid-name"): num.ERR_NOSUCHCHANNEL,
    (ANY, "no-such-room"): num.ERR_NOSUCHCHANNEL,
    (ANY, "no-such-user"): num.ERR_NOSUCHNICK,
    (ANY, "not-in-room"): num.ERR_NOTONCHANNEL,
    (ANY, "not-allowed"): num.ERR_CHANOPRIVSNEEDED,
    (ANY, "need-account"): num.ERR_NEEDREGGEDNICK,
    (ANY, "wrong-password"): num.ERR_PASSWDMISMATCH,
    (ANY, "need-code"): num.ERR_PASSWDMISMATCH,
    (ANY, "banned"): num.ERR_YOUREBANNEDCREEP,
}

UNSENT = frozenset({"PRIVMSG", "NOTICE", "TAGMSG"})
"""Commands whose refusal means that a room, or somebody, did not get something."""

UNREADABLE = frozenset({"no-such-room", "not-in-room", "not-allowed", "banned"})
"""Of a room that one may not read; anything else can be tried again."""

_NOBODY = frozenset({"no-such-user", "no-such-room", "invalid-name"})
_BY_RULE = _NOBODY | {"not-in-room", "not-allowed", "banned", "need-account"}


def is_quiet(command: str, code: str) -> bool:
    """Whether nothing tells that ``command`` was refused.

    Nothing answers a notice, so that no two programs answer each other for ever (RFC 2812, 3.3.2).
    What was to be saved and is not, though it may be, is told.
    """
    return command == "NOTICE" and code in _BY_RULE


def numeric_of(command: str, code: str, about: str = "") -> str:
    """The numeric that tells ``command`` of an error with this ``code``, of a room or somebody."""
    if command in UNSENT:
        if code == "need-account" and not is_channel(about):
            return num.ERR_NEEDREGGEDNICK
        if code not in _NOBODY:
            return num.ERR_CANNOTSENDTOCHAN if is_channel(about) else num.ERR_CANNOTSENDTOUSER
        return num.ERR_NOSUCHCHANNEL if is_channel(about) else num.ERR_NOSUCHNICK
    found = NUMERICS.get((command, code))
    return found or NUMERICS.get((ANY, code), num.ERR_UNKNOWNERROR)
