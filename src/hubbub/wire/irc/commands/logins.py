"""Becoming an account: by SASL, PASS, NickServ or REGISTER; before NICK, or after."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.commands import MAX_READER_CHARS, Command, Hello
from hubbub.domain.errors import InvalidName
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Refused, Reply, Welcome
from hubbub.domain.rules import Role
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands.modes import modes_of, set_modes
from hubbub.wire.irc.commands.renaming import renamed, return_to_rooms
from hubbub.wire.irc.commands.returning import come_back
from hubbub.wire.irc.commands.rooms import enter, left
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.got import begins_anew
from hubbub.wire.irc.host import changed_host
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.modes import role_changes
from hubbub.wire.irc.names import account_host, channel, spelled
from hubbub.wire.irc.roommessages import role_of
from hubbub.wire.irc.talks import heard, leaves
from hubbub.wire.irc.wire import IrcWire

PROGRAM = "IRC"  # what a client of IRC is called in lists
HOW = (
    "To be {0} here, log in: with SASL, or with PASS {0}:password, or take another name and say "
    "/msg NickServ IDENTIFY {0} password"
)
_CODE = re.compile(r"\d{6}|[0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4}){3}")  # of a device, or to recover
_NOT_IN_NAMES = re.compile("[/@]")

Asking = Generator[Command | None, Reply, Welcome]


class Login(Struct, frozen=True):
    """Who wants to come in. ``reader``: which of an account's programs it is, in its own words."""

    user: UserName
    reader: str = ""


def parse_login(text: str) -> Login:
    """``ada``, or ``ada/laptop`` or ``ada@laptop``. Raises `InvalidName`."""
    name, *rest = _NOT_IN_NAMES.split(text, 1)
    return Login(UserName.parse(name), rest[0][:MAX_READER_CHARS] if rest else "")


def keep_reader(wire: IrcWire, login: Login) -> None:
    """Remembers which of an account's programs this is."""
    begins_anew(wire, login.reader if login.reader.isprintable() else "")


def is_named(wire: IrcWire) -> bool:
    """Whether the client is somebody already, maybe before it has said NICK and USER."""
    return wire.registration is None or wire.registration.welcome is not None


def by_password(wire: IrcWire, login: Login, password: str) -> Asking:
    """Logs in by a password; with a second factor, a space and its code stand behind it."""
    again = is_named(wire)
    hello = Hello(user=login.user, password=password, client=PROGRAM, again=again)
    rest, _, code = password.rpartition(" ")
    if rest and _CODE.fullmatch(code):
        try:
            welcome = yield replace(hello, password=rest, code=code)
        except Rejected as error:
            if error.refused.code != "wrong-password":
                raise
            welcome = yield hello  # it may be a password that ends like that
    else:
        welcome = yield hello
    assert isinstance(welcome, Welcome)
    keep_reader(wire, login)
    return welcome


def words_of(refused: Refused) -> str:
    """Why somebody is not let in, with what to do on IRC."""
    if refused.code == "need-code":
        return f"{refused.message} Here: the password, a space, and the code behind it."
    return refused.message


def come_in(wire: IrcWire, welcome: Welcome, *, by_sasl: bool = False) -> Conversation:
    """The client is the account of ``welcome``: at once, or when it has said NICK and USER.

    It is told so first, and then that it is called otherwise.
    """
    tell_logged_in(wire, welcome)
    if by_sasl:
        wire.numeric(num.RPL_SASLSUCCESS, "You are logged in.")
    if wire.registration is not None:
        wire.registration.welcome = welcome
        wire.user_id, wire.account = welcome.user_id, welcome.account
        return
    rooms: Sequence[RoomName] = ()
    if wire.account:
        rooms = wire.rooms
        _leave(wire, rooms)
    before, nick, id = wire.me, wire.nick, wire.user_id
    there = _namesake_leaves(wire, welcome)
    renamed(wire, welcome.user, welcome.user_id, account=welcome.account)
    if wire.nick != nick:
        wire.send("NICK", wire.nick, source=before)
    _tell_roles(wire, there, id)
    tell_host(wire, before.partition("@")[2])
    if wire.known is not None:
        set_modes(wire, modes_of(wire.known.modes, welcome))
    yield from return_to_rooms(wire)
    for room in rooms:
        yield from enter(wire, Message("JOIN", (channel(room),)), room, "")
    wire.later(Message("JOIN"), come_back)


def _leave(wire: IrcWire, rooms: Sequence[RoomName]) -> None:
    """The client was another account in these rooms, which others see go."""
    for room in rooms:
        left(wire, room, "You are somebody else from now on.")
    for talk in heard(wire):
        leaves(wire, talk)


def _namesake_leaves(wire: IrcWire, welcome: Welcome) -> list[RoomName]:
    """In which rooms of the client, a guest, the account is already, by another program.

    There would be two of one name to the client now: so it is told that the other one goes.
    """
    there = []
    for room in wire.rooms:
        member = wire.host.directory.member(room, welcome.user)
        if member is not None and member.id == welcome.user_id != wire.user_id:
            source = wire.host.source(welcome.user, welcome.user_id)
            wire.send("PART", channel(room), "You are called so from now on.", source=source)
            there.append(room)
    return there


def _tell_roles(wire: IrcWire, rooms: Sequence[RoomName], before: UserId | None) -> None:
    """What the client is now in rooms where the account is already, and was not as a guest."""
    for room in rooms:
        facts = wire.host.directory.facts(room)
        was, role = role_of(facts, before), role_of(facts, wire.user_id) or Role.MEMBER
        letters = role_changes(was, role)
        if letters:
            nicks = [wire.nick] * sum(letter.isalpha() for letter in letters)
            wire.send("MODE", channel(room), letters, *nicks)


def tell_logged_in(wire: IrcWire, welcome: Welcome) -> None:
    """900 (https://ircv3.net/specs/extensions/sasl-3.1)."""
    account = spelled(welcome.user)
    mask = wire.me if wire.registration is None else f"*!*@{account_host(account)}"
    words = f"You are now logged in as {account}"
    wire.numeric(num.RPL_LOGGEDIN, mask, account, words)


def tell_host(wire: IrcWire, before: str) -> None:
    """The host that is shown of the client is another one than ``before``, if it wants to know."""
    line = changed_host(wire.me, before)
    if Cap.CHGHOST in wire.caps and line:
        wire.say(line)


def explain(wire: IrcWire, nick: str) -> None:
    """How one comes in under the name of an account."""
    wire.send("NOTICE", wire.nick or "*", HOW.format(nick))


def given_at_once(wire: IrcWire, nick: str, given: str) -> tuple[Login, str] | None:
    """Who ``PASS given`` logs in as, and the password; None if it is of no account.

    ``account:password``, or the password of the account ``nick``. Some clients send a password to
    all servers: who comes under a name that is no account's needs none.
    """
    account, colon, secret = given.partition(":")
    if colon:
        try:
            login = parse_login(account)
        except InvalidName:
            login = None
        if login is not None and _is_account(wire, login.user):
            return login, secret
    login = Login(UserName.parse(nick))
    return (login, given) if _is_account(wire, login.user) else None


def _is_account(wire: IrcWire, name: UserName) -> bool:
    directory = wire.host.directory
    return directory.account_of(directory.id_of(name)) is not None
