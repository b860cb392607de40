"""What all connections of IRC to one server share: its names, and who is known by what.

The server hands in what the wire asks: whose account an id is, whose a direct conversation is.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator

from msgspec import Struct

from hubbub.domain.names import UserName
from hubbub.wire.irc.capabilities import SHAPES, Cap
from hubbub.wire.irc.directory import Directory, Known
from hubbub.wire.irc.format import IrcFormat
from hubbub.wire.irc.markers import Markers
from hubbub.wire.irc.message import written
from hubbub.wire.irc.namelists import NameLists
from hubbub.wire.irc.names import account_host, guest_host, spelled
from hubbub.wire.irc.pasts import Pasts
from hubbub.wire.irc.recent import Recent
from hubbub.wire.irc.times import time_of

UNKNOWN_USERNAME = "u"
_ID_BYTES = 12
INVISIBLE = "i"  # only who is in the same room is told which rooms somebody is in
BOT = "B"  # https://ircv3.net/specs/extensions/bot-mode
MAX_PAST = 1000  # of those who are gone: some hundred KB


class Past(Struct, frozen=True):
    """Somebody who spoke IRC and is gone, or has another name. ``at``: since when (ms)."""

    nick: str
    username: str
    host: str
    realname: str
    account: str | None
    at: int


def changed_host(me: str, before: str) -> str:
    """The message that says that somebody, ``nick!user@host``, had another host before."""
    nick, _, address = me.partition("!")
    username, _, host = address.partition("@")
    if host == before:
        return ""
    return written("CHGHOST", username, host, source=f"{nick}!{username}@{before}")


class Host:
    """``name``: what the server calls itself as a source. ``network``: in one word, for clients.

    ``key``: for the hashes that stand for guests. ``since``: when it started (ms). ``motd``: what
    it says to who comes. ``sts_seconds``, ``sts_port``: for so long clients are to connect
    encrypted only, there; 0: they need not. ``lines``: so many of the newest messages of a room are
    shown to who comes and cannot ask for them. ``local_time``: a time in words, as of the server's
    clock. ``commands``: how often each was sent.
    """

    def __init__(
        self,
        name: str,
        network: str,
        version: str,
        key: bytes,
        directory: Directory,
        *,
        since: int = 0,
        motd: Callable[[], list[str]] = list,
        sts_seconds: int = 0,
        sts_port: int = 0,
        lines: int = 0,
        local_time: Callable[[int], str] = time_of,
    ) -> None:
        self.name = name
        self.network = network
        self.version = version
        self.directory = directory
        self.motd = motd
        self.lines = lines
        self.local_time = local_time
        self.markers = Markers()
        self.pasts = Pasts()
        self.since = since or directory.now()
        self._sts_seconds = sts_seconds
        self._sts_port = sts_port
        self._key = key
        self._ids = 0
        self._known: dict[str, Known] = {}
        self.commands: Counter[str] = Counter()
        self._with: dict[str, set[str]] = {BOT: set(), INVISIBLE: set()}  # who has these modes
        self.lists = NameLists()
        self.recent = Recent()
        self._past: deque[Past] = deque(maxlen=MAX_PAST)
        self._usernames: dict[str, str] = {}  # of the same
        self._formats: dict[Cap, IrcFormat] = {}

    def sts(self, *, secure: bool) -> str:
        """How long clients are to connect encrypted only; "" if they need not.

        https://ircv3.net/specs/extensions/sts
        """
        if not self._sts_seconds:
            return ""
        return f"duration={self._sts_seconds}" if secure else f"port={self._sts_port}"

    def format(self, caps: Cap) -> IrcFormat:
        """How events are written to clients with these capabilities: one object for all of them."""
        shape = caps & SHAPES
        found = self._formats.get(shape)
        if found is None:
            found = self._formats[shape] = IrcFormat(self, shape)
        return found

    def source(self, by: str, by_id: str | None) -> str:
        """Who somebody is, as the source of a message: ``nick!user@host``."""
        key = UserName.recall(by).key
        known = self._known.get(key)
        username = self._usernames.get(key, UNKNOWN_USERNAME) if known is None else known.username
        return f"{spelled(by)}!~{username}@{self.host(by, by_id)}"

    def new_id(self) -> str:
        """What identifies something that nobody keeps: of no other server either, most likely."""
        self._ids += 1
        told = f"{self.since}/{self._ids}".encode()
        return hashlib.blake2s(told, digest_size=_ID_BYTES, key=self._key).hexdigest()

    def host(self, by: str, by_id: str | None) -> str:
        """The host that is shown of somebody."""
        by_id = by_id or self.directory.id_of(by)
        account = self.directory.account_of(by_id)
        if account is not None:
            return account_host(account)
        return guest_host(self._key, by_id or UserName.recall(by).key)

    def account_made(self, name: str, id: str) -> None:
        """A guest has an account from now on, whoever has made it where: others are told.

        https://ircv3.net/specs/extensions/account-notify and extensions/chghost
        """
        nick, me = spelled(name), self.source(name, id)
        spread = self.directory.spread
        spread(name, Cap.ACCOUNT_NOTIFY, written("ACCOUNT", nick, source=me))
        spread(name, Cap.CHGHOST, changed_host(me, guest_host(self._key, id)))

    def known(self, name: str) -> Known | None:
        """What somebody of that name has said, who speaks IRC at this server."""
        return self._known.get(UserName.recall(name).key)

    def is_bot(self, name: str) -> bool:
        """Whether somebody of that name has said that it is a program."""
        bots = self._with[BOT]
        return bool(bots) and UserName.recall(name).key in bots

    @property
    def invisible(self) -> int:
        """How many people are to be found in common rooms only."""
        return len(self._with[INVISIBLE])

    def arrives(self, name: str, known: Known) -> Known:
        """A connection has that name. Returns what is known of all that have it."""
        key = UserName.recall(name).key
        known.nick = name
        before = self._known.get(key)
        if before is not None:
            before.sessions += 1
            return before
        self._known[key] = known
        self._usernames.pop(key, None)
        self._note_modes(key, known.modes)
        return known

    def departs(self, name: str, id: str | None) -> None:
        """It has it no more."""
        key = UserName.recall(name).key
        known = self._known.get(key)
        if known is None:
            return
        known.sessions -= 1
        if known.sessions <= 0:
            del self._known[key]
            self._note_modes(key, "")
            self._remember(key, known.username)
            if self.directory.hides(id):
                return  # that they are gone now tells when they were here
            account, now = self.directory.account_of(id), self.directory.now()
            host = self.host(name, id)
            self._past.append(
                Past(spelled(name), f"~{known.username}", host, known.realname, account, now)
            )

    def expects(self, name: str, username: str) -> None:
        """Somebody asks for that name, and may be seen under it before `arrives` is called."""
        self._remember(UserName.recall(name).key, username)

    def expects_no_more(self, name: str) -> None:
        """They have not got it."""
        self._usernames.pop(UserName.recall(name).key, None)

    def _remember(self, key: str, username: str) -> None:
        """What they said last is shown yet, and that they are gone."""
        self._usernames.pop(key, None)
        self._usernames[key] = username
        if len(self._usernames) > MAX_PAST:
            del self._usernames[next(iter(self._usernames))]

    def set_modes(self, name: str, known: Known, modes: str) -> None:
        """Somebody has these modes from now on."""
        known.modes = modes
        self._note_modes(UserName.recall(name).key, modes)

    def _note_modes(self, key: str, modes: str) -> None:
        for mode, keys in self._with.items():
            (keys.add if mode in modes else keys.discard)(key)

    def past(self) -> Iterator[Past]:
        """Those who are gone, the last one first."""
        return reversed(self._past)

    def everybody(self) -> Iterator[Known]:
        """What is known of each who speaks IRC at this server."""
        return iter(self._known.values())
