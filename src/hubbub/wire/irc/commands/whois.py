"""Who somebody is, and was: WHOIS, WHOWAS, USERHOST, ISON.

https://modern.ircdocs.horse/#user-based-queries
"""

from __future__ import annotations

from datetime import UTC, datetime

from hubbub.domain.commands import Here
from hubbub.domain.errors import ChatError
from hubbub.domain.names import UserName
from hubbub.domain.replies import PeopleHere, PersonHere
from hubbub.domain.rules import Role, Status
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.conversation import Conversation, Row
from hubbub.wire.irc.host import BOT, INVISIBLE, UNKNOWN_USERNAME, Past
from hubbub.wire.irc.message import MAX_BYTES, Message
from hubbub.wire.irc.modes import prefix
from hubbub.wire.irc.names import channel, fits, spelled, user_of
from hubbub.wire.irc.servicenames import is_service
from hubbub.wire.irc.subscribed import EVERYBODY
from hubbub.wire.irc.targets import MAX_TARGETS
from hubbub.wire.irc.wire import IrcWire

MAX_USERHOSTS = 5  # https://modern.ircdocs.horse/#userhost-message
MAX_ISON = 100
MAX_PAST = 20  # answers to one WHOWAS
NOBODY = "There is nobody of that name here."


def first_word(text: str) -> str:
    """What can stand as a parameter, of what somebody has sent."""
    return (text.split() or ["*"])[0]


def valid(names: list[str]) -> tuple[UserName, ...]:
    """Those of ``names`` that somebody can have."""
    found = []
    for name in names:
        try:
            found.append(user_of(name))
        except ChatError:
            continue
    return tuple(found)


def is_seen(wire: IrcWire, name: str) -> bool:
    """Whether somebody of that name is here, as far as the client may know."""
    found = valid([name])
    return bool(found) and wire.host.directory.person(wire.nick, found[0]).here


def is_operator(person: PersonHere) -> bool:
    """Whether somebody administers the server, or has the rights of one who does."""
    return person.role.rank >= Role.MODERATOR.rank


def whois(wire: IrcWire, message: Message) -> None:
    """WHOIS: of one, or a few; the name of a server may stand before them."""
    asked = message[1] or message[0]
    if not asked:
        wire.numeric(num.ERR_NONICKNAMEGIVEN, "Whom do you mean? WHOIS and a nickname.")
        return
    for target in asked.split(",")[:MAX_TARGETS]:
        word = first_word(target)
        if is_service(word):
            _tell_service(wire, word)
            continue
        found = valid([target])
        person = wire.host.directory.person(wire.nick, found[0]) if found else None
        if person is None or not person.here:
            wire.numeric(num.ERR_NOSUCHNICK, word, NOBODY)
        else:
            _tell(wire, person)
        wire.numeric(num.RPL_ENDOFWHOIS, word, "End of /WHOIS list")


def _tell_service(wire: IrcWire, word: str) -> None:
    host = wire.host
    wire.numeric(num.RPL_WHOISUSER, word, "services", host.name, "*", "Answers for the server")
    wire.numeric(num.RPL_WHOISSERVER, word, host.name, host.network)
    wire.numeric(num.RPL_WHOISBOT, word, "is a bot")
    wire.numeric(num.RPL_ENDOFWHOIS, word, "End of /WHOIS list")


def _tell(wire: IrcWire, person: PersonHere) -> None:
    host, nick, known = wire.host, spelled(person.user), wire.host.known(person.user)
    username = UNKNOWN_USERNAME if known is None else known.username
    realname = nick if known is None else known.realname
    address = host.host(person.user, person.user_id)
    wire.numeric(num.RPL_WHOISUSER, nick, f"~{username}", address, "*", realname)
    _tell_rooms(wire, person, modes="" if known is None else known.modes)
    wire.numeric(num.RPL_WHOISSERVER, nick, host.name, host.network)
    if is_operator(person):
        wire.numeric(num.RPL_WHOISOPERATOR, nick, "administers this server")
    if person.account:
        wire.numeric(num.RPL_WHOISACCOUNT, nick, person.user, "is logged in as")
    if known is not None and BOT in known.modes:
        wire.numeric(num.RPL_WHOISBOT, nick, "is a bot")
    if known is not None and known.secure:
        wire.numeric(num.RPL_WHOISSECURE, nick, "is using a secure connection")
    if wire.address and nick == wire.nick:  # one's own; nobody else's is told to anybody
        # A colon at its beginning would make it the last parameter.
        at = f"0{wire.address}" if wire.address.startswith(":") else wire.address
        words = "is your address, as the server sees it"
        wire.numeric(num.RPL_WHOISACTUALLY, nick, f"~{username}@{at}", at, words)
    if person.status is not Status.HERE:
        wire.numeric(num.RPL_AWAY, nick, person.note or person.status.value)
    if Cap.METADATA in wire.caps:
        for key, value in (host.directory.labels(person.user) or {}).items():
            wire.numeric(num.RPL_WHOISKEYVALUE, nick, key, EVERYBODY, value)
    if known is not None:
        idle = max(host.directory.now() - known.active, 0) // 1000
        words = "seconds idle, signon time"
        wire.numeric(num.RPL_WHOISIDLE, nick, str(idle), str(known.at // 1000), words)


def _tell_rooms(wire: IrcWire, person: PersonHere, modes: str) -> None:
    """319: the rooms in which somebody is, of those that the client may know of."""
    nick = spelled(person.user)
    own = nick == wire.nick
    words = [
        prefix(seat.role, all_of_them=Cap.MULTI_PREFIX in wire.caps) + channel(seat.room)
        for seat in wire.host.directory.seats(wire.nick, person.user)
        if seat.shared or own or INVISIBLE not in modes
    ]
    most = MAX_BYTES - len(f":{wire.host.name} 319 {wire.nick} {nick} :\r\n".encode())
    for line in lines_of(words, most):
        wire.numeric(num.RPL_WHOISCHANNELS, nick, line)


def lines_of(words: list[str], most: int, between: str = " ") -> list[str]:
    """The words in lines of at most so many bytes."""
    lines: list[str] = []
    for word in words:
        joined = f"{lines[-1]}{between}{word}" if lines else word
        if lines and len(joined.encode()) <= most:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def whowas(wire: IrcWire, message: Message) -> None:
    """WHOWAS: guests and others who spoke IRC at this server and are gone."""
    asked = message[0]
    if not asked:
        wire.numeric(num.ERR_NONICKNAMEGIVEN, "Whom do you mean? WHOWAS and a nickname.")
        return
    count = int(message[1]) if message[1].isascii() and message[1].isdecimal() else 0
    most = min(count or MAX_PAST, MAX_PAST)
    masks = asked.split(",")[:MAX_TARGETS]
    found = [one for one in wire.host.past() if any(fits(one.nick, mask) for mask in masks)]
    for one in found[:most]:
        _tell_past(wire, one)
    if not found:
        wire.numeric(num.ERR_WASNOSUCHNICK, first_word(asked), "There was nobody of that name.")
    wire.numeric(num.RPL_ENDOFWHOWAS, first_word(asked), "End of WHOWAS")


def _tell_past(wire: IrcWire, past: Past) -> None:
    wire.numeric(num.RPL_WHOWASUSER, past.nick, past.username, past.host, "*", past.realname)
    if past.account is None:  # of an account, its profile tells when it was here, if it likes
        at = f"{datetime.fromtimestamp(past.at / 1000, UTC):%a %b %d %H:%M:%S %Y}"
        wire.numeric(num.RPL_WHOISSERVER, past.nick, wire.host.name, at)
    else:
        wire.numeric(num.RPL_WHOISACCOUNT, past.nick, past.account, "was logged in as")


def userhost(wire: IrcWire, message: Message) -> Conversation:
    """USERHOST: who of a few is here, and from where."""
    people = yield Here(users=valid(list(message.params[:MAX_USERHOSTS])))
    assert isinstance(people, PeopleHere)
    words = []
    for one in people.people:
        if one.here:
            star = "*" if is_operator(one) else ""
            sign = "+" if one.status is Status.HERE else "-"
            mask = wire.host.source(one.user, one.user_id).partition("!")[2]
            words.append(f"{spelled(one.user)}{star}={sign}{mask}")
    wire.numeric(num.RPL_USERHOST, " ".join(words))


def ison(wire: IrcWire, message: Message) -> Conversation:
    """ISON: who of some is here."""
    names = " ".join(message.params).split()[:MAX_ISON]
    people = yield Here(users=valid(names))
    assert isinstance(people, PeopleHere)
    wire.numeric(num.RPL_ISON, " ".join(spelled(one.user) for one in people.people if one.here))


ROWS = {
    "WHOIS": Row(whois),
    "WHOWAS": Row(whowas),
    "USERHOST": Row(userhost, 1),
    "ISON": Row(ison, 1),
}
