"""CAP: what the server can do beyond the basics, and what of it a client wants.

https://ircv3.net/specs/extensions/capability-negotiation
"""

from __future__ import annotations

from collections.abc import Callable

from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import BY_NAME, NONE, TABLE, Cap, names_of
from hubbub.wire.irc.commands.connecting import complete
from hubbub.wire.irc.commands.sasl import offered
from hubbub.wire.irc.commands.whois import lines_of
from hubbub.wire.irc.conversation import Conversation, Row
from hubbub.wire.irc.message import MAX_BYTES, Message
from hubbub.wire.irc.wire import IrcWire

CAP_302 = 302  # the version of CAP from which on values are told, and cap-notify is implied


def cap(wire: IrcWire, message: Message) -> Conversation | None:
    """CAP."""
    known = _VERBS.get(message[0].upper())
    if known is None:
        wire.numeric(num.ERR_INVALIDCAPCMD, message[0] or "*", "There is no such CAP command.")
        return None
    return known(wire, message)


def _ls(wire: IrcWire, message: Message) -> None:
    _wait_for_end(wire)
    if message[1].isascii() and message[1].isdecimal() and int(message[1]) >= CAP_302:
        wire.caps |= Cap.VERSION_302 | Cap.CAP_NOTIFY
    several = Cap.VERSION_302 in wire.caps
    names = []
    for cap, row in TABLE.items():
        value = _VALUES[cap](wire) if cap in _VALUES else row.value
        if value if row.policy and several else not row.policy:
            names.append(f"{row.name}={value}" if value and several else row.name)
    _list(wire, "LS", names, several=several)


_VALUES: dict[Cap, Callable[[IrcWire], str]] = {
    Cap.STS: lambda wire: wire.host.sts(secure=wire.secure),
    Cap.SASL: offered,
}
"""Of what is not the same for all."""


def _show(wire: IrcWire, message: Message) -> None:
    _list(wire, "LIST", names_of(wire.caps), several=Cap.VERSION_302 in wire.caps)


def _acknowledge(wire: IrcWire, words: list[str]) -> None:
    """In as many lines as are needed: each says what it does by itself."""
    most = MAX_BYTES - len(f":{wire.host.name} CAP {wire.nick or '*'} ACK :\r\n".encode())
    for line in lines_of(words, most) or [""]:
        wire.send("CAP", wire.nick or "*", "ACK", line)


def _list(wire: IrcWire, verb: str, names: list[str], *, several: bool) -> None:
    """Names in as many lines as they need, if the client understands that."""
    most = MAX_BYTES - len(f":{wire.host.name} CAP {wire.nick or '*'} {verb} * :\r\n".encode())
    line: list[str] = []
    for name in names:
        if several and line and len(" ".join([*line, name]).encode()) > most:
            wire.send("CAP", wire.nick or "*", verb, "*", " ".join(line))
            line = []
        line.append(name)
    wire.send("CAP", wire.nick or "*", verb, " ".join(line))


def _req(wire: IrcWire, message: Message) -> None:
    """All of what is asked for, or nothing of it."""
    _wait_for_end(wire)
    wanted, gone = NONE, NONE
    for word in message[1].split():
        found = BY_NAME.get(word.removeprefix("-"), NONE)
        off = word.startswith("-")
        if not found or not _may_change(wire, found, off=off):
            wire.send("CAP", wire.nick or "*", "NAK", message[1])  # or the beginning of it
            return
        # The same one twice: what comes last holds.
        wanted, gone = (wanted & ~found, gone | found) if off else (wanted | found, gone & ~found)
    wire.caps = (wire.caps | wanted) & ~gone
    _acknowledge(wire, message[1].split())


def _may_change(wire: IrcWire, cap: Cap, *, off: bool) -> bool:
    """Who knows version 302 has cap-notify for good; and STS is no choice, but a policy."""
    if off:
        return not (cap is Cap.CAP_NOTIFY and Cap.VERSION_302 in wire.caps)
    return not TABLE[cap].policy


def _end(wire: IrcWire, message: Message) -> Conversation | None:
    if wire.registration is None:
        return None
    wire.registration.negotiating = False
    return complete(wire)


def _wait_for_end(wire: IrcWire) -> None:
    if wire.registration is not None:
        wire.registration.negotiating = True


_VERBS = {"LS": _ls, "LIST": _show, "REQ": _req, "END": _end}

ROWS = {"CAP": Row(cap, 1, early=True)}
