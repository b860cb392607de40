"""Who a client is, until it goes: PASS, NICK, USER, PING, QUIT.

https://modern.ircdocs.horse/#connection-registration
"""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.domain.commands import MAX_PARTING_CHARS, Bye, Hello, Ping
from hubbub.domain.errors import ChatError, GuestsOff, NameTaken, NeedPassword
from hubbub.domain.replies import Refused, Welcome
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.commands import metadata
from hubbub.wire.irc.commands.appearing import go_away, still_away
from hubbub.wire.irc.commands.logins import (
    PROGRAM,
    Asking,
    by_password,
    explain,
    given_at_once,
    words_of,
)
from hubbub.wire.irc.commands.modes import modes_of
from hubbub.wire.irc.commands.renaming import change_name
from hubbub.wire.irc.commands.returning import come_back
from hubbub.wire.irc.commands.serving import greeting
from hubbub.wire.irc.commands.whois import first_word
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.directory import Known
from hubbub.wire.irc.formatting import without_codes
from hubbub.wire.irc.got import answered
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.names import spelled, user_of
from hubbub.wire.irc.registration import MAX_REALNAME_CHARS, MAX_USERNAME_CHARS, Registration
from hubbub.wire.irc.talks import listen_to_new
from hubbub.wire.irc.usermodes import DEFAULT
from hubbub.wire.irc.wire import IrcWire

_NOT_IN_USERNAMES = frozenset("!@\0 ")
_FOR_GOOD = frozenset({"wrong-password", "need-code", "banned", "guests-off"})
"""Why a client cannot come in by another name either. It is told with its last words."""
_BACK = (
    "If {0} is you, on a connection that was lost: it ends in some minutes, and then NICK {0} "
    "takes the name back. Who has an account is back at once: /msg NickServ REGISTER password"
)
UNKNOWN = "u"  # the user name of who has none that can be written


# Registration


def password(wire: IrcWire, message: Message) -> None:
    """PASS: of an account, as ``password`` or ``account:password``."""
    assert wire.registration is not None
    wire.registration.password = message[0]


def nick(wire: IrcWire, message: Message) -> Conversation | None:
    """NICK: the name, or another one."""
    if not message[0]:
        wire.numeric(num.ERR_NONICKNAMEGIVEN, "Which nickname? NICK and a name.")
        return None
    try:
        name = user_of(message[0])
    except ChatError as error:
        wire.numeric(num.ERR_ERRONEUSNICKNAME, first_word(message[0]), error.message)
        return None
    if wire.registration is not None:
        wire.registration.nick = str(name)
        return complete(wire)
    return change_name(wire, name)


def user(wire: IrcWire, message: Message) -> Conversation | None:
    """USER: a user name, and a real name."""
    registration = wire.registration
    assert registration is not None
    realname = message[3].strip() or _behind_address(message)
    if not message[0] or not realname:
        # https://modern.ircdocs.horse/#user-message: it must not be empty
        wire.numeric(num.ERR_NEEDMOREPARAMS, "USER", "A user name and a real name, please.")
        return None
    name = "".join(char for char in message[0] if char not in _NOT_IN_USERNAMES)
    if not name.isprintable():
        wire.numeric(num.ERR_INVALIDUSERNAME, "That is no user name.")
        return None
    registration.username = name[:MAX_USERNAME_CHARS] or UNKNOWN
    registration.realname = realname[:MAX_REALNAME_CHARS]
    return complete(wire)


def _behind_address(message: Message) -> str:
    """The real name, where the address of the server stands before it and begins with a colon, as
    ``::1``: then the rest of the line is that one parameter.
    """
    return message[2].partition(" :")[2].strip()


def complete(wire: IrcWire) -> Conversation | None:
    """Registers the client, if it has said all that is needed."""
    registration = wire.registration
    return _register(wire) if registration is not None and registration.complete else None


def _register(wire: IrcWire) -> Conversation:
    """Says hello, unless that was done by SASL; and the welcome."""
    registration = wire.registration
    assert registration is not None
    try:
        welcome = registration.welcome or (yield from _say_hello(wire, registration))
    except Rejected as error:
        yield from _refuse(wire, registration, error.refused)
        return
    named(wire, welcome)
    wire.registration = None
    now = wire.host.directory.now()
    modes = modes_of(DEFAULT, welcome)
    known = Known(registration.username, registration.realname, now, now, modes, 1, wire.secure)
    wire.known = wire.host.arrives(welcome.user, known)
    greeting(wire)
    wire.later(Message("JOIN"), come_back)
    if registration.away is not None:
        yield from go_away(wire, registration.away)
    else:
        still_away(wire)
    yield from metadata.begin(wire, registration.labels)


def _say_hello(wire: IrcWire, registration: Registration) -> Asking:
    """By the password that was given before; or as a guest."""
    nick, given = registration.nick, registration.password
    found = given_at_once(wire, nick, given) if given else None
    if found is not None:
        return (yield from by_password(wire, *found))
    wire.host.expects(nick, registration.username)
    welcome = yield Hello(user=user_of(nick), client=PROGRAM)
    assert isinstance(welcome, Welcome)
    return welcome


def _refuse(wire: IrcWire, registration: Registration, refused: Refused) -> Conversation:
    """Tells why the client cannot come in by that name, and what it can do."""
    nick, registration.nick = registration.nick, ""
    wire.host.expects_no_more(nick)
    told = replace(refused, message=words_of(refused))
    if refused.code == GuestsOff.code:
        wire.send("FAIL", "*", "ACCOUNT_REQUIRED", told.message)
    else:
        wire.refuse(told, Message("NICK", (nick,)))
    if refused.code == NeedPassword.code:
        explain(wire, nick)
    if refused.code == NameTaken.code and wire.host.known(nick) is not None:
        wire.send("NOTICE", "*", _BACK.format(nick))
    if refused.code in _FOR_GOOD:
        yield from leave(wire, None, told.message)


def named(wire: IrcWire, welcome: Welcome) -> None:
    """The client is who the welcome says."""
    wire.nick = spelled(welcome.user)
    wire.user_id = welcome.user_id
    wire.account = welcome.account


def starttls(wire: IrcWire, message: Message) -> None:
    """STARTTLS: whoever may listen could take it out. TLS begins with the first byte here."""
    words = "Connect with TLS from the beginning: to this port, too."
    wire.numeric(num.ERR_STARTTLS, words)


# And the end


def ping(wire: IrcWire, message: Message) -> Conversation | None:
    """PING: answered when all that was said before, also by others, is saved and shown."""
    if not message[0]:
        wire.numeric(num.ERR_NOORIGIN, "PING needs a word to come back.")
        return None
    return _ping(wire, message[0])


def _ping(wire: IrcWire, token: str) -> Conversation:
    yield Ping()
    if (yield from listen_to_new(wire)):
        yield Ping()  # answered behind what was said there
    wire.send("PONG", wire.host.name, token)


def pong(wire: IrcWire, message: Message) -> Conversation | None:
    """PONG: the client lives, as any byte of it says; and has got what went before the PING."""
    return answered(wire, message)


def quit(wire: IrcWire, message: Message) -> Conversation:
    """QUIT. The answer comes when all others see it."""
    reason = without_codes(message[0]).replace("\0", "")[:MAX_PARTING_CHARS]
    yield from leave(wire, reason or None, "Goodbye.")


def cut_off(wire: IrcWire, message: Message) -> Conversation:
    """Ends the connection of who sends a line without an end."""
    yield from leave(wire, None, "Your line has no end.")


def leave(wire: IrcWire, reason: str | None, words: str) -> Conversation:
    """Ends the connection, with these last words for the client."""
    yield Bye(reason=reason)
    wire.say(written("ERROR", f"Closing link: {words}"))


ROWS = {
    "PASS": Row(password, 1, early=True, late=False),
    "NICK": Row(nick, early=True),
    "USER": Row(user, 3, early=True, late=False),
    "STARTTLS": Row(starttls, early=True),
    "PING": Row(ping, early=True),
    "PONG": Row(pong, early=True),
    "QUIT": Row(quit, early=True),
}
