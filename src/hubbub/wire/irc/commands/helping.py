"""HELP: what the commands do (https://modern.ircdocs.horse/#help-message)."""

from __future__ import annotations

from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.conversation import Row
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.wire import IrcWire

SUBJECTS = {
    "ACCEPT": "ACCEPT nickname,-nickname,...: guests who may write to you under +R; * lists them.",
    "ADMIN": "ADMIN: who runs this server.",
    "AUTHENTICATE": "AUTHENTICATE: logs in by SASL; your client does it, if you tell it how.",
    "AWAY": "AWAY [why]: you are not here; without a reason, you are.",
    "CAP": "CAP LS, LIST, REQ, END: what the server can do; your client uses it by itself.",
    "INFO": "INFO: what this server is.",
    "INVITE": "INVITE nickname #room: lets somebody come in.",
    "ISON": "ISON nickname ...: who of them is here.",
    "JOIN": "JOIN #room [password]: enters a room; one that is not there is made.",
    "KICK": "KICK #room nickname [why]: puts somebody out.",
    "KILL": "KILL nickname [why]: puts somebody out of the server; for administrators.",
    "KNOCK": "KNOCK #room [why]: asks to be let into a private room.",
    "LINKS": "LINKS: the server; several that work together are one.",
    "LIST": "LIST: the rooms that everybody may know of.",
    "LUSERS": "LUSERS: how many people and rooms there are.",
    "MODE": "MODE #room, MODE nickname: what holds there; with letters, changes it.",
    "MONITOR": "MONITOR + nickname,... tells when they come and go; also - C L S.",
    "MOTD": "MOTD: the message of the day.",
    "NAMES": "NAMES #room: who is there.",
    "NICK": "NICK name: another name. Who has an account has the account's.",
    "NOTICE": "NOTICE target text: says something that no program answers by itself.",
    "OPER": "OPER account password [code]: lends you the rights of an administrator.",
    "PART": "PART #room [why]: leaves a room.",
    "PASS": "PASS account:password, before NICK: logs in.",
    "PING": "PING word: answered when all is saved that you have said before.",
    "PRIVMSG": "PRIVMSG #room text, PRIVMSG nickname text: says something.",
    "QUIT": "QUIT [why]: goodbye.",
    "REHASH": "REHASH: reads the certificate again; for administrators.",
    "SETNAME": "SETNAME real name: another one.",
    "STATS": "STATS u: how long the server is up; m and o for administrators.",
    "TIME": "TIME: the server's.",
    "TOPIC": "TOPIC #room [text]: what the room is about.",
    "USERHOST": "USERHOST nickname ...: who of a few is here, and whether they are away.",
    "VERSION": "VERSION: of the server.",
    "WALLOPS": "WALLOPS text: tells everybody something; for administrators.",
    "WHO": "WHO #room, WHO mask: who is there, or has a name like that in your rooms.",
    "WHOIS": "WHOIS nickname: what is known of somebody.",
    "WHOWAS": "WHOWAS nickname: of somebody who is gone.",
}
INDEX = "*"
NAMES_A_LINE = 8


def help(wire: IrcWire, message: Message) -> None:
    """HELP, HELPOP."""
    asked = message[0].split()
    subject = asked[0].upper() if asked else INDEX
    lines = _index() if subject == INDEX else _lines(subject)
    if not lines:
        words = "There is no help on that. HELP alone names what there is help on."
        wire.numeric(num.ERR_HELPNOTFOUND, asked[0], words)
        return
    first, *others = lines
    wire.numeric(num.RPL_HELPSTART, subject, first)
    for line in others:
        wire.numeric(num.RPL_HELPTXT, subject, line)
    wire.numeric(num.RPL_ENDOFHELP, subject, "End of /HELP.")


def _lines(subject: str) -> list[str]:
    found = SUBJECTS.get(subject)
    return [] if found is None else [found]


def _index() -> list[str]:
    names = sorted(SUBJECTS)
    rows = [names[start : start + NAMES_A_LINE] for start in range(0, len(names), NAMES_A_LINE)]
    return ["HELP and one of these says what it does:", *(" ".join(row) for row in rows)]


ROWS = {"HELP": Row(help), "HELPOP": Row(help)}
