"""AUTHENTICATE: logs in before NICK, before registration, or a guest after it.

https://ircv3.net/specs/extensions/sasl-3.1 and sasl-3.2
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Generator, Mapping

from msgspec import Struct

from hubbub.domain.commands import Command, HelloByCertificate, HelloByProof
from hubbub.domain.errors import BadMessage, ChatError
from hubbub.domain.names import UserName
from hubbub.domain.replies import Challenge, Refused, Reply, Welcome
from hubbub.domain.scram import parse_first
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.commands.logins import (
    PROGRAM,
    Login,
    by_password,
    come_in,
    is_named,
    keep_reader,
    parse_login,
    words_of,
)
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.wire import IrcWire

CHUNK = 400  # characters of Base64 in one line
MAX_CHARS = 4096  # of it in one answer: a password has 1,000 characters
STATE = "sasl"  # in `IrcWire.extra`
NOBODY = "nobody"  # stands for a name where a certificate tells whose it is


class Dialogue(Struct):
    """``mechanism``: by which the client logs in. ``said``: what has come of one answer so far.

    ``message``: what it has said before, in SCRAM. ``welcome``: what is told when it has heard the
    last words.
    """

    mechanism: str
    said: str = ""
    login: Login | None = None
    welcome: Welcome | None = None


def authenticate(wire: IrcWire, message: Message) -> Conversation | None:
    """AUTHENTICATE: a mechanism; then what it needs, in lines of 400 characters; or ``*``."""
    word, dialogue = message[0], _dialogue(wire)
    if dialogue is not None and dialogue.welcome is not None:
        return _answered(wire, dialogue)  # it is in already, whatever it says now
    if word == "*":
        _end(wire)
        wire.numeric(num.ERR_SASLABORTED, "You have stopped logging in.")
        return None
    if dialogue is None:
        _begin(wire, word)
        return None
    if len(word) > CHUNK or len(dialogue.said) + len(word) > MAX_CHARS:
        _end(wire)
        wire.numeric(num.ERR_SASLTOOLONG, "That is too long.")
        return None
    dialogue.said += "" if word == "+" else word
    if len(word) == CHUNK:
        return None
    return _answered(wire, dialogue)


Answering = Generator[Command | None, Reply, Welcome | None]
Mechanism = Callable[[IrcWire, Dialogue, str], Answering]


def mechanisms(wire: IrcWire) -> Mapping[str, Mechanism]:
    """Those by which this client can log in."""
    return _MECHANISMS if wire.secure else _IN_THE_CLEAR


def offered(wire: IrcWire) -> str:
    """Their names."""
    return ",".join(mechanisms(wire))


def _dialogue(wire: IrcWire) -> Dialogue | None:
    found = None if wire.extra is None else wire.extra.get(STATE)
    return found if isinstance(found, Dialogue) else None


def _end(wire: IrcWire) -> None:
    if wire.extra is not None:
        wire.extra = {key: value for key, value in wire.extra.items() if key != STATE} or None


def _begin(wire: IrcWire, mechanism: str) -> None:
    mechanism = mechanism.upper()
    if mechanism not in mechanisms(wire):
        wire.numeric(num.RPL_SASLMECHS, offered(wire), "are available SASL mechanisms")
        wire.numeric(num.ERR_SASLFAIL, "There is no such way to log in here.")
        return
    wire.extra = {**(wire.extra or {}), STATE: Dialogue(mechanism)}
    wire.send("AUTHENTICATE", "+")


def _answered(wire: IrcWire, dialogue: Dialogue) -> Conversation:
    said, dialogue.said = dialogue.said, ""
    try:
        text = b64decode(said, validate=True).decode()
    except ValueError:  # no Base64, or not of UTF-8
        _fail(wire, Refused.of(BadMessage("That could not be read.")))
        return
    try:
        welcome = yield from mechanisms(wire)[dialogue.mechanism](wire, dialogue, text)
    except ChatError as error:
        _fail(wire, Refused.of(error))
    except Rejected as error:
        _fail(wire, error.refused)
    else:
        if welcome is not None:
            _end(wire)
            yield from come_in(wire, welcome, by_sasl=True)


def _fail(wire: IrcWire, refused: Refused) -> None:
    _end(wire)
    number = _FAILED.get(refused.code, num.ERR_SASLFAIL)
    wire.numeric(number, words_of(refused))


# Mechanisms. Each returns who the client is; or None as long as more has to be said.


def _plain(wire: IrcWire, dialogue: Dialogue, text: str) -> Answering:
    """RFC 4616: an authorisation identity or nothing, a name, a password."""
    parts = text.split("\0")
    if len(parts) != 3:
        raise BadMessage("A name and a password are needed.")
    as_whom, name, password = parts
    login = parse_login(name)
    if as_whom and parse_login(as_whom).user.key != login.user.key:
        raise BadMessage("You can log in as yourself alone.")
    return (yield from by_password(wire, login, password))


def _external(wire: IrcWire, dialogue: Dialogue, text: str) -> Answering:
    """RFC 4422, appendix A: an authorisation identity, or nothing. A certificate tells the rest."""
    login = parse_login(text) if text else Login(UserName.parse(NOBODY))
    welcome = yield HelloByCertificate(
        user=login.user, named=bool(text), client=PROGRAM, again=is_named(wire)
    )
    assert isinstance(welcome, Welcome)
    keep_reader(wire, login)
    return welcome


def _scram(wire: IrcWire, dialogue: Dialogue, text: str) -> Answering:
    """RFC 7677. The client answers twice, and is silent when it has heard the last words."""
    if dialogue.welcome is not None:
        return dialogue.welcome
    again = is_named(wire)
    if dialogue.login is None:
        login = parse_login(parse_first(text).user)
        reply = yield HelloByProof(user=login.user, message=text, client=PROGRAM, again=again)
        assert isinstance(reply, Challenge)
        dialogue.login = login
        _say(wire, reply.message)
        return None
    user = dialogue.login.user
    last = yield HelloByProof(user=user, message=text, client=PROGRAM, again=again)
    assert isinstance(last, Challenge)
    welcome = yield None
    assert isinstance(welcome, Welcome)
    dialogue.welcome = welcome
    if wire.registration is not None:
        wire.registration.welcome = welcome
    keep_reader(wire, dialogue.login)
    _say(wire, last.message)
    return None


def _say(wire: IrcWire, message: str) -> None:
    told = b64encode(message.encode()).decode()
    chunks = [told[start : start + CHUNK] for start in range(0, len(told), CHUNK)]
    if len(told) % CHUNK == 0:
        chunks.append("+")
    for chunk in chunks:
        wire.send("AUTHENTICATE", chunk)


_IN_THE_CLEAR: Mapping[str, Mechanism] = {"PLAIN": _plain, "SCRAM-SHA-256": _scram}
_MECHANISMS: Mapping[str, Mechanism] = {**_IN_THE_CLEAR, "EXTERNAL": _external}

_FAILED = {"banned": num.ERR_NICKLOCKED, "already-named": num.ERR_SASLALREADY}

ROWS = {"AUTHENTICATE": Row(authenticate, 1, early=True)}
