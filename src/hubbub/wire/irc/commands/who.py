"""WHO and WHOX: who is in a room, or has a name like this.

https://modern.ircdocs.horse/#who-message and https://ircv3.net/specs/extensions/whox
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from msgspec import Struct

from hubbub.domain.commands import Command, Who
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Members, PersonHere, Reply
from hubbub.domain.rules import Role, Status
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands.whois import first_word, is_operator, valid
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.directory import Known
from hubbub.wire.irc.host import BOT, INVISIBLE, UNKNOWN_USERNAME
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.modes import prefix
from hubbub.wire.irc.names import channel, fits, is_channel, room_of, spelled
from hubbub.wire.irc.wire import IrcWire

MAX_FOUND = 500  # by a mask
MAX_TOKEN_CHARS = 3
NO_ADDRESS = "255.255.255.255"  # the specification's, for who may not see it: nobody may
EVERYBODY = ("", "0", "*")


class Line(Struct):
    """Somebody in the answer. ``where``: a channel, or ``*``."""

    person: PersonHere
    where: str
    role: Role = Role.MEMBER


Finding = Generator["Command | None", Reply, list[Line]]
"""A part of a conversation, which finds people."""


def who(wire: IrcWire, message: Message) -> Conversation:
    """WHO."""
    flags, percent, rest = message[1].partition("%")
    fields, _, token = rest.partition(",")
    tell = _plain if not percent else _with_fields(fields, token)
    asked = message[0]
    if is_channel(asked):
        found = yield from _in_room(wire, asked)
    else:
        found = _named(wire, asked)
    operators = "o" in flags
    for line in found:
        if not operators or is_operator(line.person):
            tell(wire, line)
    wire.numeric(num.RPL_ENDOFWHO, first_word(asked), "End of /WHO list")


def _in_room(wire: IrcWire, target: str) -> Finding:
    try:
        reply = yield Who(room=room_of(target))
    except (ChatError, Rejected):  # a room that is not there has nobody
        return []
    assert isinstance(reply, Members)
    lines = []
    for name in reply.users:
        person = wire.host.directory.person(wire.nick, name)
        if not person.here:  # who is a member is told with the room, and is away
            person = PersonHere(user=name, here=False, user_id=person.user_id, status=Status.AWAY)
        role = reply.roles.get(name, Role.MEMBER)
        lines.append(Line(person, channel(reply.room), role))
    return lines


def _named(wire: IrcWire, asked: str) -> list[Line]:
    """One by the name; or those whom the client meets and whom a mask fits."""
    directory = wire.host.directory
    exact = () if asked in EVERYBODY else valid([asked])
    if exact:
        person = directory.person(wire.nick, exact[0])
        return [_by_name(wire, person)] if person.here else []
    lines = []
    for name in directory.met(wire.nick):
        person = directory.person(wire.nick, name)
        if person.here and (asked in EVERYBODY or _fits(wire, person, asked)):
            lines.append(_by_name(wire, person))
            if len(lines) >= MAX_FOUND:
                break
    return lines


def _by_name(wire: IrcWire, person: PersonHere) -> Line:
    known = wire.host.known(person.user)
    hides = known is not None and INVISIBLE in known.modes
    for seat in wire.host.directory.seats(wire.nick, person.user):
        if seat.shared or not hides:
            return Line(person, channel(seat.room), seat.role)
    return Line(person, "*")


def _fits(wire: IrcWire, person: PersonHere, mask: str) -> bool:
    source = wire.host.source(person.user, person.user_id)
    if "!" in mask or "@" in mask:
        return fits(source, mask if "!" in mask else f"*!{mask}")
    known = wire.host.known(person.user)
    parts = (spelled(person.user), source.rpartition("@")[2], known.realname if known else "")
    return any(fits(part, mask) for part in parts)


def _flags(wire: IrcWire, line: Line) -> str:
    person, known = line.person, wire.host.known(line.person.user)
    gone = person.status is not Status.HERE
    return (
        ("G" if gone else "H")
        + ("*" if is_operator(person) else "")
        + prefix(line.role, all_of_them=Cap.MULTI_PREFIX in wire.caps)
        + (BOT if known is not None and BOT in known.modes else "")
    )


def _plain(wire: IrcWire, line: Line) -> None:
    """352."""
    words = [_FIELDS[letter](wire, line) for letter in "cuhsnf"]
    realname = f"0 {_FIELDS['r'](wire, line)}"
    wire.numeric(num.RPL_WHOREPLY, *words, realname)


def _with_fields(fields: str, token: str) -> Callable[[IrcWire, Line], None]:
    """354, with the fields that were asked for in the order of the specification."""
    # Without a token it is 0, as in other servers: a client counts fields.
    short = token[:MAX_TOKEN_CHARS] if token.isascii() and token.isalnum() else "0"
    letters = [letter for letter in _ORDER if letter in fields]

    def tell(wire: IrcWire, line: Line) -> None:
        words = [short if letter == "t" else _FIELDS[letter](wire, line) for letter in letters]
        wire.numeric(num.RPL_WHOSPCRPL, *words)

    return tell


def _known(wire: IrcWire, line: Line) -> Known | None:
    return wire.host.known(line.person.user)


def _username(wire: IrcWire, line: Line) -> str:
    known = _known(wire, line)
    return f"~{UNKNOWN_USERNAME if known is None else known.username}"


def _realname(wire: IrcWire, line: Line) -> str:
    known = _known(wire, line)
    return spelled(line.person.user) if known is None else known.realname


def _idle(wire: IrcWire, line: Line) -> str:
    known = _known(wire, line)
    return "0" if known is None else str(max(wire.host.directory.now() - known.active, 0) // 1000)


_ORDER = "tcuihsnfdlaor"
_FIELDS: dict[str, Callable[[IrcWire, Line], str]] = {
    "c": lambda wire, line: line.where,
    "u": _username,
    "i": lambda wire, line: NO_ADDRESS,
    "h": lambda wire, line: wire.host.host(line.person.user, line.person.user_id),
    "s": lambda wire, line: wire.host.name,
    "n": lambda wire, line: spelled(line.person.user),
    "f": _flags,
    "d": lambda wire, line: "0",
    "l": _idle,
    "a": lambda wire, line: line.person.user if line.person.account else "0",
    "o": lambda wire, line: "n/a",
    "r": _realname,
}

ROWS = {"WHO": Row(who)}
