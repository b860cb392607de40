"""A user, and the sessions by which the user is connected: each is one connection."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct

from hubbub.domain.commands import Command
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.hub.clients import Client
from hubbub.hub.place import Place
from hubbub.hub.ports import Guest, Outlet
from hubbub.hub.rate import FULL
from hubbub.hub.room import LIVE, HubRoom
from hubbub.hub.share import Share

NOWHERE: Mapping[str, Place] = MappingProxyType({})
NOTHING_OWED: Mapping[HubRoom, Owed] = MappingProxyType({})
MAX_IN_FLIGHT = 256  # texts of one session that wait for the disk; then reading from it pauses


class Owed(NamedTuple):
    """What a session was given last of a room, and what it has said there that it is not shown."""

    cursor: int
    own: tuple[int, ...]


class Former(NamedTuple):
    """The user under the former name, and the keys of rooms that do not know the new one yet.

    ``renaming``: the ``seq`` of the event in the directory by which an account was renamed.
    """

    user: User
    rooms: set[str]
    renaming: int | None = None


class Comeback(Struct, eq=False):
    """What there is only of a user who can come back as the same.

    ``token_hash``: of a guest's token; None for an account. ``token_told``: whether there is
    somebody who could come back with the token. ``places``: how far each room was read, by the
    room's key; None until there is one. ``used``: while the name is held, for how many seconds it
    was in use; while a guest uses it, since when, with former times counted.
    """

    token_hash: bytes | None = None
    token_told: bool = False
    used: float = 0.0
    places: dict[str, Place] | None = None


class User:
    """Somebody under a name that is in use or held.

    ``id``: who that is for good; None for whom the log has in a room without telling. Who has
    taken another name may be here twice for a while, with one id. ``account``: there is a password
    for the name. ``client``: the key of the client that used the name last. ``comeback``: None for
    a guest who cannot keep a token, as on the line protocol, of whom there are many. ``was`` and
    ``now``: who they were before, and who they have become since.
    """

    __slots__ = ("account", "client", "comeback", "id", "name", "now", "sessions", "was")

    def __init__(
        self,
        name: UserName,
        id: UserId | None,
        token_hash: bytes | None = None,
        *,
        account: bool = False,
    ) -> None:
        self.name = name
        self.id = id
        self.account = account
        self.client = ""
        self.sessions: tuple[Session, ...] = ()  # smaller than a list, and there are many
        self.comeback = Comeback(token_hash) if account or token_hash is not None else None
        self.was: Former | None = None
        self.now: User | None = None

    @property
    def resumable(self) -> bool:
        """Whether they can come back as the same user: with a token, or a password."""
        return self.comeback is not None

    @property
    def connected(self) -> bool:
        """Whether they have a connection to this server."""
        return not all(session.ended or session.apart for session in self.sessions)

    @property
    def guest(self) -> Guest | None:
        """What the log keeps of them, so that they can come back."""
        token_hash = None if self.comeback is None else self.comeback.token_hash
        if token_hash is None or self.id is None:
            return None
        return Guest(self.id, self.name, token_hash)

    @property
    def places(self) -> Mapping[str, Place]:
        """How far each room was read, by the room's key."""
        comeback = self.comeback
        return NOWHERE if comeback is None or comeback.places is None else comeback.places

    def place(self, room: str) -> Place | None:
        """How far the room with that key was read; None when that is not known."""
        return self.places.get(room)

    def put_place(self, room: str, place: Place) -> None:
        """Notes it; nothing is noted of who cannot come back."""
        comeback = self.comeback
        if comeback is not None:
            comeback.places = comeback.places if comeback.places is not None else {}
            comeback.places[room] = place

    def forget_place(self, room: str) -> Place | None:
        """Forgets how far the room with that key was read; returns it."""
        comeback = self.comeback
        return comeback.places.pop(room, None) if comeback and comeback.places else None


class Session(Share):
    """What the hub knows of a connection. Made by `Hub.connect`.

    ``program``: what the client has called itself. ``device``: the id of the one by which an
    account is logged in, if it keeps a token. ``rooms`` are those that the session is in, in the
    order in which it came; they know its cursors.
    ``arriving`` is the room that it is about to enter; ``left`` are those whose others may not have
    seen yet that it is out. ``leaving``: it has said goodbye,
    and is only given what it had asked for before. While ``blocked`` it takes no command: the next
    one may come after `Outlet.ready` was called. It has a share of the loop's time of its own where
    addresses do not tell clients apart. ``held``: rooms of which it is given nothing until it says
    so. ``apart``: it is in no room ever, and does from outside
    what others do in theirs; see `hubbub.hub.errands`. ``owed``: of rooms out of which another name
    has put it; if it joins them again, it goes on where it was.
    """

    apart = False

    __slots__ = (
        "arriving",
        "bucket",
        "busy",
        "client",
        "device",
        "ended",
        "held",
        "in_flight",
        "leaving",
        "left",
        "outlet",
        "owed",
        "program",
        "rooms",
        "stalled",
        "user",
        "waiting",
    )

    def __init__(self, outlet: Outlet, client: Client) -> None:
        super().__init__()
        self.outlet = outlet
        self.client = client
        self.bucket = FULL
        self.user: User | None = None
        self.program: str | None = None
        self.device: str | None = None
        self.rooms: tuple[HubRoom, ...] = ()
        self.held: tuple[HubRoom, ...] = ()
        self.owed: Mapping[HubRoom, Owed] = NOTHING_OWED
        self.arriving: HubRoom | None = None
        self.left: tuple[HubRoom, ...] = ()
        self.in_flight = 0
        self.busy = False
        self.stalled = False
        self.ended = False
        self.leaving = False
        self.waiting: Command | None = None

    @property
    def share(self) -> Share:
        """The share of the event loop's time that pays for its turns."""
        return self.client.taker if self.client.shares else self

    def charge(self, seconds: float, now: float) -> None:
        """See `Share`: that of a session where addresses do not tell clients apart."""
        self.client.spent += seconds
        super().charge(seconds, now)

    def is_one_of(self, ids: Container[UserId | None]) -> bool:
        """Whether it is of a user with one of these ids."""
        return self.user is not None and self.user.id in ids

    @property
    def blocked(self) -> bool:
        """Whether the next command has to wait for `Outlet.ready`."""
        return self.busy or self.waiting is not None or self.ended

    def fall_behind(self) -> None:
        """Turns every live room into a cursor at what the session was last given."""
        for room in self.rooms:
            if room.cursor(self) == LIVE:
                room.seek(self, room.head)
