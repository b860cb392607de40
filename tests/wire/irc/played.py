"""The wire of IRC alone: bytes in, commands out; a test plays the hub, and reads the lines."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from msgspec.structs import replace

from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.files import File
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Limits, PersonHere, Refused, Reply, Welcome
from hubbub.domain.rules import Role, Status
from hubbub.domain.state import Member, RoomFacts
from hubbub.wire.irc.capabilities import NONE, Cap
from hubbub.wire.irc.directory import Directory, Known
from hubbub.wire.irc.host import Host
from hubbub.wire.irc.lines import IrcReader
from hubbub.wire.irc.people import Counted, Seat
from hubbub.wire.irc.registration import Registration
from hubbub.wire.irc.vocabulary import VOCABULARY
from hubbub.wire.irc.wire import IrcWire

NOW = 1_700_000_000_000
GENERAL = RoomName.parse("General")
NO_FACTS = RoomFacts()


class World:
    """What the server would know. ``ids``: of who is here; ``accounts``: who has one.

    ``talks``: whose direct conversations there are. ``absent``: who is away, and why.
    """

    def __init__(self) -> None:
        self.ids: dict[str, str] = {"ada": "1", "ben": "2", "eve": "3"}
        self.accounts: set[str] = set()
        self.in_room: set[str] = {"ada", "ben", "eve"}
        self.holds = NO_FACTS
        self.shown = 0
        self.talks: dict[str, tuple[str, ...]] = {}
        self.rooms: set[str] = {"general"}
        self.absent: dict[str, str] = {}
        self.roles: dict[str, Role] = {}
        self.gone: set[str] = set()
        self.spoken: list[str] = []
        self.hiding: set[str | None] = set()
        self.read_again = 0
        self.accepting: dict[str, str] = {}
        self.labelled: dict[str, dict[str, str]] = {}

    def account_of(self, id: str | None) -> str | None:
        return next((name for name in self.accounts if self.ids[name] == id), None)

    def id_of(self, name: str) -> str | None:
        return self.ids.get(name.lower())

    def people(self, room: RoomName) -> Collection[Member]:
        names = self.talks.get(room.key, ())
        return [Member(UserName.recall(name), UserId(self.ids[name])) for name in names]

    def talk(self, id: str | None, name: str) -> RoomName | None:
        people = {name for name, known in self.ids.items() if known == id} | {name.lower()}
        found = (room for room, them in self.talks.items() if people == set(them))
        return next(map(RoomName.recall, found), None)

    def tell_others(self, wire: object, name: str, cap: Cap, line: str) -> None:
        pass

    def writing_to(self, name: str, author: str) -> AbstractContextManager[None]:
        return nullcontext()

    def exists(self, asker: str, room: RoomName) -> bool:
        return room.key in self.rooms

    def away(self, name: str, id: str | None = None) -> str | None:
        return self.absent.get(name)

    def labels(self, name: str) -> dict[str, str] | None:
        return self.labelled.get(name.lower(), {}) if name.lower() in self.ids else None

    def accepted(self, name: str) -> dict[str, str]:
        return self.accepting

    def hides(self, id: str | None) -> bool:
        return id in self.hiding

    def person(self, asker: str, name: str) -> PersonHere:
        key = name.lower()
        if key not in self.ids or key in self.gone:
            return PersonHere(user=name, here=False)
        return PersonHere(
            user=key,
            here=True,
            user_id=UserId(self.ids[key]),
            account=key in self.accounts,
            role=self.roles.get(key, Role.MEMBER),
            status=Status.AWAY if key in self.absent else Status.HERE,
            note=self.absent.get(key, ""),
        )

    def seats(self, asker: str, name: str) -> list[Seat]:
        there = name.lower() in self.in_room
        return [Seat(GENERAL, Role.MEMBER, asker in self.in_room)] if there else []

    def met(self, asker: str) -> list[str]:
        return sorted(self.in_room)

    def counted(self) -> Counted:
        return Counted(users=3, most=5, unknown=1, operators=1, rooms=2)

    def administrators(self) -> list[str]:
        return sorted(name for name, role in self.roles.items() if role is Role.OWNER)

    def spread(self, name: str, cap: Cap, line: str) -> None:
        self.spoken.append(line)

    def reread(self) -> None:
        self.read_again += 1

    def link(self, file: File) -> str:
        return f"https://hub.chat/files/{file.id}"

    def now(self) -> int:
        return NOW

    def head(self, room: RoomName) -> int:
        return self.shown

    def facts(self, room: RoomName) -> RoomFacts:
        return self.holds

    def member(self, room: RoomName, name: str) -> Member | None:
        id = self.id_of(name)
        there = name.lower() in self.in_room
        return Member(UserName.recall(name), UserId(id)) if there and id else None

    def members(self, room: RoomName) -> Collection[Member]:
        return [one for one in (self.member(room, name) for name in sorted(self.in_room)) if one]

    def rooms_each(self) -> int:
        return 50


class Client:
    """ada's client, who is registered. ``world``: what the server knows."""

    def __init__(self, caps: Cap = NONE, *, rooms: tuple[RoomName, ...] = (GENERAL,)) -> None:
        self.world = World()
        directory = cast("Directory", self.world)
        host = Host("hub.chat", "Hub", "hubbub-0", b"key", directory)
        known = Known("ada", "Ada", NOW, NOW)
        self.wire = IrcWire(
            host, IrcReader(), VOCABULARY, caps, "ada", UserId("1"), known=known, rooms=rooms
        )
        host.arrives("ada", known)
        self.asked: list[Command] = []

    def sends(self, line: str) -> list[Command]:
        """The commands to which a line leads until an answer is waited for."""
        self.wire.receive(f"{line}\r\n".encode())
        return self.goes_on()

    def goes_on(self) -> list[Command]:
        """The commands that the client asks next by itself."""
        commands = []
        while (command := self.wire.next_command()) is not None or self.wire.has_more:
            commands += [] if command is None else [command]
        self.asked = commands or self.asked
        return [replace(command, id=None) for command in commands]

    _commands = goes_on

    def answered(self, reply: Reply | ChatError) -> list[Command]:
        """The hub answers the last command; returns what is asked next."""
        last = self.asked[-1].id
        if isinstance(reply, ChatError):
            self.told(Refused.of(reply, last))
        else:
            self.told(replace(reply, re=last))
        return self.goes_on()

    def told(self, reply: Reply) -> None:
        """The hub tells something."""
        self._read += self.wire.reply(reply).decode()

    _read: str = ""

    def lines(self) -> list[str]:
        """What the client has read since the last time."""
        read, self._read = self._read + self.wire.output().decode(), ""
        return read.split("\r\n")[:-1]

    def shown(self, *events: AnyEvent) -> list[str]:
        """The lines that show events, which happen now."""
        return self.wire.format.events(GENERAL, events).decode().split("\r\n")[:-1]


class Newcomer(Client):
    """A client that has said nothing yet."""

    def __init__(self, **more: Any) -> None:
        super().__init__()
        self.host = Host(
            "hub.chat", "Hub", "hubbub-0", b"key", cast("Directory", self.world), **more
        )
        self.wire = IrcWire(self.host, IrcReader(), VOCABULARY, registration=Registration())

    def enters(self, name: str = "ada") -> list[str]:
        """It says who it is, and is let in."""
        self.sends(f"NICK {name}")
        self.sends(f"USER {name} 0 * :{name.title()}")
        self.answered(welcome(name))
        return self.lines()


def welcome(name: str, **more: Any) -> Welcome:
    """The hub's answer to who says hello."""
    limits = Limits(text=10, line=10, rate=1, burst=1, rooms=5, history=5)
    id = UserId({"ada": "1", "ben": "2", "eve": "3"}.get(name.lower(), "9"))
    return Welcome(user=name, user_id=id, server="Hub", log="log", limits=limits, **more)


def one(commands: list[Command], kind: Callable[..., Command]) -> Command:
    """The only command that there is."""
    assert [type(command) for command in commands] == [kind], commands
    return commands[0]
