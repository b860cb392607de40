"""NickServ: accounts, for who knows no other way to ask for them."""

from __future__ import annotations

import re
import shlex

from hubbub.domain.commands import ChangePassword, Register, Rename, SetWayIn, WaysIn, Whois
from hubbub.domain.errors import InvalidName
from hubbub.domain.fingerprints import shown
from hubbub.domain.names import UserName
from hubbub.domain.replies import Person, WaysInTold, Welcome
from hubbub.domain.rules import WayIn
from hubbub.wire.irc.commands.logins import Login, by_password, come_in, parse_login
from hubbub.wire.irc.commands.registering import became
from hubbub.wire.irc.commands.renaming import follow
from hubbub.wire.irc.commands.services import Service, Word, command_of, says
from hubbub.wire.irc.conversation import Conversation
from hubbub.wire.irc.servicenames import NICKSERV
from hubbub.wire.irc.talks import is_oneself
from hubbub.wire.irc.wire import IrcWire

_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{64}|(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}")


def identify(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
    """IDENTIFY: the client is an account from now on, or another one."""
    name, _, password = rest.partition(" ")
    if not password:
        # The name of an account is nobody's else, so a guest has to say which one is meant.
        service.usage(wire, "IDENTIFY")
        return None
    try:
        login = parse_login(name)
    except InvalidName:
        service.usage(wire, "IDENTIFY")
        return None
    if wire.account and is_oneself(wire, str(login.user)):
        service.tell(wire, f"You are {wire.nick} already.")
        return None
    return _identify(service, wire, login, password.strip())


def _identify(service: Service, wire: IrcWire, login: Login, password: str) -> Conversation:
    welcome = yield from by_password(wire, login, password)
    yield from come_in(wire, welcome)
    service.tell(wire, f"Welcome back, {wire.nick}. You are logged in.")


def register(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
    """REGISTER: a guest gets an account of their name."""
    password, *more = words(rest)
    if not password:
        service.usage(wire, "REGISTER")
        return None
    codes = [word for word in more if "@" not in word]  # an address is not needed
    return _register(service, wire, password, codes[0] if codes else None)


def _register(service: Service, wire: IrcWire, password: str, code: str | None) -> Conversation:
    before = wire.me.partition("@")[2]
    welcome = yield Register(password=password, invite=code)
    assert isinstance(welcome, Welcome)
    became(wire, welcome, before)
    service.tell(wire, f"{wire.nick} is an account from now on, and nobody else's name.")


def info(service: Service, wire: IrcWire, rest: str) -> Conversation:
    """INFO: what is known of somebody."""
    person = yield Whois(user=UserName.parse(rest or wire.nick))
    assert isinstance(person, Person)
    kind = "has an account" if person.account else "is a guest"
    here = "is here" if person.here else "is not here"
    service.tell(wire, f"{person.user} {kind} and {here}.")
    if person.about:
        service.tell(wire, " ".join(person.about.split()))


def passwd(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
    """PASSWD: another password."""
    old, *new = words(rest)
    if len(new) != 1:
        service.usage(wire, "PASSWD")
        return None
    return _passwd(service, wire, old, new[0])


def _passwd(service: Service, wire: IrcWire, old: str, new: str) -> Conversation:
    yield ChangePassword(old=old, new=new)
    service.tell(wire, "Your password is changed. All your other devices are logged out.")


def rename(service: Service, wire: IrcWire, rest: str) -> Conversation:
    """RENAME: another name for the account."""
    name, before = UserName.parse(rest), wire.me
    yield Rename(user=name)
    follow(wire, name, before)
    service.tell(wire, f"Your account is called {wire.nick} from now on.")


def cert(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
    """CERT: the certificates by which one logs in."""
    verb, _, more = rest.partition(" ")
    verb, more = verb.upper() or "LIST", more.strip()
    if verb == "LIST":
        return _tell_ways(service, wire, WaysIn())
    if verb == "ADD" and more:
        password, print = _with_fingerprint(more)
        way = SetWayIn(way=WayIn.CERTIFICATE, certificate=print, password=password)
        return _tell_ways(service, wire, way)
    if verb == "DEL":
        way = SetWayIn(way=WayIn.CERTIFICATE, certificate=more or None, on=False)
        return _tell_ways(service, wire, way)
    service.usage(wire, "CERT")
    return None


def _with_fingerprint(text: str) -> tuple[str, str | None]:
    """A password, and the fingerprint that may stand behind it."""
    password, _, last = text.rpartition(" ")
    return (password, last) if password and _FINGERPRINT.fullmatch(last) else (text, None)


def _tell_ways(service: Service, wire: IrcWire, ask: WaysIn | SetWayIn) -> Conversation:
    told = yield ask
    assert isinstance(told, WaysInTold)
    if not told.certificates:
        service.tell(wire, "You log in by no certificate.")
    for print in told.certificates:
        mine = " (this connection's)" if print == told.here else ""
        service.tell(wire, f"You log in by the certificate {print}{mine}.")
    if told.here is not None and told.here not in told.certificates:
        service.tell(wire, f"This connection has shown {shown(bytes.fromhex(told.here))}.")
    service.tell(wire, f"SCRAM is {'on' if told.scram else 'off'}.")


def set(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
    """SET: PASSWORD or SCRAM."""
    what, _, more = rest.partition(" ")
    if what.upper() == "PASSWORD":
        return passwd(service, wire, more)
    verb, _, password = more.strip().partition(" ")
    if what.upper() == "SCRAM" and verb.upper() == "ON" and password:
        return _tell_ways(service, wire, SetWayIn(way=WayIn.SCRAM, password=password.strip()))
    if what.upper() == "SCRAM" and verb.upper() == "OFF":
        return _tell_ways(service, wire, SetWayIn(way=WayIn.SCRAM, on=False))
    service.usage(wire, "SET")
    return None


def words(text: str) -> list[str]:
    """The words of ``text``, at least one; what stands between quotation marks is one."""
    try:
        found = shlex.split(text)
    except ValueError:  # a password with one quotation mark
        found = text.split()
    return found or [""]


_NOT_NEEDED = (
    "Nobody needs that here: the name of an account is nobody else's. Log in to it, and you are "
    "it, with as many connections at once as you like."
)
_SET = (
    "another password; SCRAM ON password lets clients prove it without telling it (what is kept "
    "for that is weaker than what is kept else), SCRAM OFF not any more"
)

SERVICE = Service(
    NICKSERV,
    "I keep accounts. The name of an account is its nickname, and nobody else's.",
    {
        "IDENTIFY": Word(
            identify,
            "name password",
            "you are that account from now on; with a second factor, put its code behind the "
            "password",
        ),
        "REGISTER": Word(
            register,
            "password [code of an invitation]",
            "makes an account of your nickname; a password with spaces stands in quotation marks",
        ),
        "LOGOUT": Word(
            says("To log out, disconnect: a connection is the same account until it ends."),
        ),
        "INFO": Word(info, "[nickname]", "whether somebody has an account"),
        "PASSWD": Word(
            passwd,
            "old new",
            "another password; one with spaces stands in quotation marks",
        ),
        "SET": Word(set, "PASSWORD old new | SCRAM ON password | SCRAM OFF", _SET),
        "CERT": Word(
            cert,
            "ADD password [fingerprint] | DEL [fingerprint] | LIST",
            "lets you log in by the certificate of your client (SASL EXTERNAL)",
        ),
        "RENAME": Word(rename, "name", "your account is called that from now on"),
        "GHOST": Word(says(_NOT_NEEDED)),
        "REGAIN": Word(says(_NOT_NEEDED)),
        "RECOVER": Word(says(_NOT_NEEDED)),
        "RELEASE": Word(says(_NOT_NEEDED)),
        "GROUP": Word(says("An account has one name here. To have another one: RENAME name")),
        "DROP": Word(says("To close your account, open the page of this server in a browser.")),
        "LOGIN": Word(identify),
        "ID": Word(identify),
    },
)

ROWS = {"NS": command_of(SERVICE), "NICKSERV": command_of(SERVICE)}
