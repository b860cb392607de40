"""What the wire asks the server, which answers at once, from memory."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct

from hubbub.domain.files import File
from hubbub.domain.names import RoomName
from hubbub.domain.state import Member, RoomFacts
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.people import People
from hubbub.wire.irc.recent import Recent


class Directory(People, Protocol):
    """What the server knows. All of it at once, from memory."""

    def account_of(self, id: str | None) -> str | None:
        """The name of the account with that id; None if it is none."""
        ...

    def id_of(self, name: str) -> str | None:
        """The id of who has that name now, here or as an account."""
        ...

    def people(self, room: RoomName) -> Collection[Member]:
        """Whose direct conversation a room is, a guest who is gone included; nobody's if none."""
        ...

    def talk(self, id: str | None, name: str) -> RoomName | None:
        """The conversation of the user ``id`` with who has that name, if there is one."""
        ...

    def writing_to(self, name: str, author: str) -> AbstractContextManager[None]:
        """Lasts while ``author`` writes to who has that name, and may: a ping of theirs waits for
        its end.
        """
        ...

    def link(self, file: File) -> str:
        """Where a file is found."""
        ...

    def tell_others(self, wire: object, name: str, cap: Cap, line: str) -> None:
        """Sends ``line`` to all clients of IRC of who has that name, with ``cap``, but ``wire``."""
        ...

    def now(self) -> int:
        """Milliseconds since the Unix epoch."""
        ...

    def exists(self, asker: str, room: RoomName) -> bool:
        """Whether there is a room of that name, as far as ``asker`` may know."""
        ...

    def head(self, room: RoomName) -> int:
        """The number of the newest event of a room that is shown."""
        ...

    def facts(self, room: RoomName) -> RoomFacts:
        """What holds in a room, by the events that are shown: not yet by those being shown now."""
        ...

    def member(self, room: RoomName, name: str) -> Member | None:
        """Who has that name in the room; None if nobody has."""
        ...

    def members(self, room: RoomName) -> Collection[Member]:
        """Who is in the room."""
        ...

    def rooms_each(self) -> int:
        """How many rooms one connection may be in."""
        ...


class Known(Struct, eq=False, gc=False):  # in no cycle, and there is one for each name
    """What somebody who speaks IRC has said of themselves. ``at``: when they came (ms).

    ``active``: when they said something last (ms). ``modes``: letters. ``sessions``: so many
    connections have this name. ``secure``: the first of them is encrypted. ``nick``: how they write
    their name.
    """

    username: str
    realname: str
    at: int
    active: int
    modes: str = ""
    sessions: int = 1
    secure: bool = False
    nick: str = ""


class Sources(Protocol):
    """Who somebody is, as the source of a message."""

    name: str
    directory: Directory
    recent: Recent

    def source(self, by: str, by_id: str | None) -> str:
        """``nick!user@host``. ``by_id``: None where it is to be looked up."""
        ...

    def host(self, by: str, by_id: str | None) -> str:
        """The host that is shown of somebody."""
        ...

    def known(self, name: str) -> Known | None:
        """What somebody of that name has said, who speaks IRC at this server."""
        ...

    def is_bot(self, name: str) -> bool:
        """Whether somebody of that name has said that it is a program."""
        ...
