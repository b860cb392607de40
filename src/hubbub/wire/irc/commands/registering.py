"""REGISTER and VERIFY: an account of one's name.

https://ircv3.net/specs/extensions/account-registration
"""

from __future__ import annotations

from hubbub.domain.commands import Register
from hubbub.domain.errors import InvalidName
from hubbub.domain.names import UserName
from hubbub.domain.replies import Refused, Welcome
from hubbub.wire.irc.commands.logins import tell_host, tell_logged_in
from hubbub.wire.irc.commands.whois import first_word
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.wire import IrcWire

_FAILED = {
    "weak-password": "WEAK_PASSWORD",
    "invalid-name": "BAD_ACCOUNT_NAME",
    "filtered": "BAD_ACCOUNT_NAME",
    "name-taken": "USERNAME_EXISTS",
    "registration-closed": "DISALLOWED",
    "need-invitation": "DISALLOWED",
    "bad-ticket": "DISALLOWED",
    "banned": "DISALLOWED",
    "rate-limited": "TEMPORARILY_UNAVAILABLE",
    "log-unavailable": "TEMPORARILY_UNAVAILABLE",
}
"""The codes of ``FAIL REGISTER``."""


def register(wire: IrcWire, message: Message) -> Conversation | None:
    """REGISTER: a name or ``*``, an address or ``*``, a password.

    In place of the address, which is not needed, may stand the code of an invitation.
    """
    account, address, password = message[0], message[1], message[2]
    nick = wire.nick if wire.registration is None else wire.registration.nick
    if wire.account:
        words = f"You are {wire.nick or 'logged in'} already."
        wire.send("FAIL", "REGISTER", "ALREADY_AUTHENTICATED", account or "*", words)
        return None
    if not nick:
        words = "Say which nickname the account is to have: NICK comes first."
        wire.send("FAIL", "REGISTER", "NEED_NICK", account or "*", words)
        return None
    try:
        name = UserName.parse(nick if account == "*" else account)
    except InvalidName as error:
        shown = account if account.isprintable() and " " not in account else "*"
        wire.send("FAIL", "REGISTER", "BAD_ACCOUNT_NAME", shown or "*", error.message)
        return None
    if name.key != UserName.recall(nick).key:
        words = "The name of an account is its nickname here."
        wire.send("FAIL", "REGISTER", "ACCOUNT_NAME_MUST_BE_NICK", name, words)
        return None
    code = None if address == "*" or "@" in address else address
    return _register(wire, name, password, code)


def _register(wire: IrcWire, name: UserName, password: str, code: str | None) -> Conversation:
    stranger = wire.registration is not None
    before = "" if stranger else wire.me.partition("@")[2]
    try:
        welcome = yield Register(password=password, user=name if stranger else None, invite=code)
    except Rejected as error:
        _fail(wire, name, error.refused)
        return
    assert isinstance(welcome, Welcome)
    wire.send("REGISTER", "SUCCESS", welcome.user, "This name is yours from now on.")
    became(wire, welcome, before)


def became(wire: IrcWire, welcome: Welcome, before: str) -> None:
    """The client has an account now, by the name that it has. ``before``: its host so far."""
    wire.user_id, wire.account = welcome.user_id, welcome.account
    if wire.registration is not None:
        wire.registration.welcome = welcome
    tell_logged_in(wire, welcome)
    if wire.registration is None:
        tell_host(wire, before)


def _fail(wire: IrcWire, name: UserName, refused: Refused) -> None:
    code = _FAILED.get(refused.code, "UNKNOWN_ERROR")
    directory = wire.host.directory
    if code == "USERNAME_EXISTS" and directory.account_of(directory.id_of(name)) is not None:
        code = "ACCOUNT_EXISTS"
    wire.send("FAIL", "REGISTER", code, name, refused.message)


def verify(wire: IrcWire, message: Message) -> None:
    """VERIFY: who has registered is in."""
    words = "There is nothing to be verified: who has registered here has an account at once."
    wire.send("FAIL", "VERIFY", "INVALID_CODE", first_word(message[0]), words)


ROWS = {
    "REGISTER": Row(register, 3, early=True),
    "VERIFY": Row(verify, 2, early=True),
}
