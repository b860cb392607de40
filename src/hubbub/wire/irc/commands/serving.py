"""What the server says of itself: the welcome, ISUPPORT, LUSERS, MOTD, VERSION and the like.

https://modern.ircdocs.horse/#server-queries-and-commands
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from hubbub.wire.irc import numerics as num
from hubbub.wire.irc import usermodes
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands.whois import first_word, is_operator, is_seen
from hubbub.wire.irc.conversation import Row
from hubbub.wire.irc.isupport import tokens
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.modes import ALL_MODES, WITH_PARAMETER
from hubbub.wire.irc.names import fits
from hubbub.wire.irc.wire import IrcWire

TOKENS_A_LINE = 13  # RPL_ISUPPORT has at most 13 tokens and a sentence
SUPPORTED = "are supported by this server"


def greeting(wire: IrcWire) -> None:
    """001 to 005, LUSERS and MOTD (https://modern.ircdocs.horse/#rplwelcome-001)."""
    host = wire.host
    wire.numeric(num.RPL_WELCOME, f"Welcome to {host.network}, {wire.me}")
    wire.numeric(num.RPL_YOURHOST, f"Your host is {host.name}, running {host.version}")
    wire.numeric(num.RPL_CREATED, f"This server was started {_spoken(host.since)}")
    modes = (usermodes.ALL, ALL_MODES, WITH_PARAMETER)
    wire.numeric(num.RPL_MYINFO, host.name, host.version, *modes)
    isupport(wire)
    lusers(wire)
    motd(wire)


def _spoken(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def isupport(wire: IrcWire) -> None:
    """005.

    https://ircv3.net/specs/extensions/extended-isupport
    """
    told = tokens(wire)
    batch = wire.new_batch() if _in_batch(wire) else ""
    tags = {"batch": batch} if batch else {}
    if batch:
        wire.send("BATCH", f"+{batch}", "draft/isupport")
    for start in range(0, len(told), TOKENS_A_LINE):
        part = told[start : start + TOKENS_A_LINE]
        wire.send(num.RPL_ISUPPORT, wire.nick or "*", *part, SUPPORTED, **tags)
    if batch:
        wire.send("BATCH", f"-{batch}")


def _in_batch(wire: IrcWire) -> bool:
    wanted = Cap.BATCH | Cap.EXTENDED_ISUPPORT
    return wire.caps & wanted == wanted


def isupport_asked(wire: IrcWire, message: Message) -> None:
    """ISUPPORT: before registration for who has asked for the capability."""
    if wire.registration is None or Cap.EXTENDED_ISUPPORT in wire.caps:
        isupport(wire)
    else:
        wire.numeric(num.ERR_NOTREGISTERED, "Say who you are first: NICK and USER.")


def lusers(wire: IrcWire, message: Message | None = None) -> None:
    """LUSERS: how many people and rooms there are."""
    there = wire.host.directory.counted()
    users, most = str(there.users), str(max(there.most, there.users))
    hidden = wire.host.invisible
    seen = max(there.users - hidden, 0)
    words = f"There are {seen} users and {there.users - seen} invisible on 1 servers"
    wire.numeric(num.RPL_LUSERCLIENT, words)
    wire.numeric(num.RPL_LUSEROP, str(there.operators), "operator(s) online")
    wire.numeric(num.RPL_LUSERUNKNOWN, str(there.unknown), "unknown connection(s)")
    wire.numeric(num.RPL_LUSERCHANNELS, str(there.rooms), "channels formed")
    wire.numeric(num.RPL_LUSERME, f"I have {users} clients and 0 servers")
    wire.numeric(num.RPL_LOCALUSERS, users, most, f"Current local users {users}, max {most}")
    wire.numeric(num.RPL_GLOBALUSERS, users, most, f"Current global users {users}, max {most}")


def motd(wire: IrcWire, message: Message | None = None) -> None:
    """MOTD."""
    if message is not None and not _is_here(wire, message[0]):
        return
    lines = wire.host.motd()
    if not lines:
        wire.numeric(num.ERR_NOMOTD, "There is no message of the day.")
        return
    wire.numeric(num.RPL_MOTDSTART, f"- {wire.host.name} Message of the day -")
    for line in lines:
        wire.numeric(num.RPL_MOTD, f"- {line}")
    wire.numeric(num.RPL_ENDOFMOTD, "End of /MOTD command.")


def _is_here(wire: IrcWire, target: str) -> bool:
    """Whether it is this server that is asked, or somebody at it; else it tells that it is none."""
    if not target or fits(wire.host.name, target) or is_seen(wire, target):
        return True
    wire.numeric(num.ERR_NOSUCHSERVER, first_word(target), "There is no such server.")
    return False


def version(wire: IrcWire, message: Message) -> None:
    """VERSION, and what is supported."""
    if _is_here(wire, message[0]):
        host = wire.host
        wire.numeric(num.RPL_VERSION, f"{host.version}.", host.name, "https://hubbub.chat")
        isupport(wire)


def time(wire: IrcWire, message: Message) -> None:
    """TIME."""
    if _is_here(wire, message[0]):
        now = wire.host.directory.now()
        wire.numeric(num.RPL_TIME, wire.host.name, _spoken(now))


def info(wire: IrcWire, message: Message) -> None:
    """INFO."""
    if not _is_here(wire, message[0]):
        return
    host = wire.host
    for line in (
        f"{host.version}: a chat server for every kind of client.",
        "Other people here come by a web page, a terminal, or netcat: all are in the same rooms.",
        "What is said is saved before anybody sees it, and there when you come back.",
        f"This server was started {_spoken(host.since)}",
    ):
        wire.numeric(num.RPL_INFO, line)
    wire.numeric(num.RPL_ENDOFINFO, "End of INFO list")


def admin(wire: IrcWire, message: Message) -> None:
    """ADMIN: nobody's address is told; who administers the server is found by WHOIS."""
    if _is_here(wire, message[0]):
        host = wire.host
        wire.numeric(num.RPL_ADMINME, host.name, "Administrative info")
        wire.numeric(num.RPL_ADMINLOC1, host.network)
        wire.numeric(num.RPL_ADMINLOC2, "Ask in a room: WHO #room o names who runs this server.")
        wire.numeric(num.RPL_ADMINEMAIL, "-")


def links(wire: IrcWire, message: Message) -> None:
    """LINKS: none are told. Servers that work together are one to their clients."""
    asked = message[0].split()
    wire.numeric(num.RPL_ENDOFLINKS, asked[0] if asked else "*", "End of /LINKS list")


def stats(wire: IrcWire, message: Message) -> None:
    """STATS: how long the server has been up; and to its administrators, a little more."""
    letter = message[0][:1]
    tell = _STATS.get(letter)
    if tell is not None:
        tell(wire)
    wire.numeric(num.RPL_ENDOFSTATS, letter or "*", "End of /STATS report")


def _uptime(wire: IrcWire) -> None:
    seconds = max(wire.host.directory.now() - wire.host.since, 0) // 1000
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    words = f"Server Up {days} days {hours}:{minutes:02}:{seconds:02}"
    wire.numeric(num.RPL_STATSUPTIME, words)


def _commands(wire: IrcWire) -> None:
    if _tells_private(wire):
        for name, count in sorted(wire.host.commands.items()):
            wire.numeric(num.RPL_STATSCOMMANDS, name, str(count), "0", "0")


def _operators(wire: IrcWire) -> None:
    if _tells_private(wire):
        for name in wire.host.directory.administrators():
            wire.numeric(num.RPL_STATSOLINE, "O", "*", "*", name)


def _tells_private(wire: IrcWire) -> bool:
    if is_operator(wire.host.directory.person(wire.nick, wire.nick)):
        return True
    wire.numeric(num.ERR_NOPRIVILEGES, "That is for who administers this server.")
    return False


_STATS: dict[str, Callable[[IrcWire], None]] = {"u": _uptime, "m": _commands, "o": _operators}


ROWS = {
    "LUSERS": Row(lusers),
    "MOTD": Row(motd),
    "VERSION": Row(version),
    "TIME": Row(time),
    "INFO": Row(info),
    "ADMIN": Row(admin),
    "LINKS": Row(links),
    "STATS": Row(stats),
    "ISUPPORT": Row(isupport_asked, early=True),
}
