"""What an import consists of, whatever program it comes from: a stream of these, in this order.

People and rooms come before what they say. Ids are those of the source, and mean nothing else;
people's are unique in the source, rooms' are, too, and messages' in their room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from msgspec import Struct

from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.labels import Labels
from hubbub.domain.rules import (
    CurrentBan,
    CurrentExemption,
    HistoryFor,
    Newcomers,
    Role,
    RoomAccess,
    Speakers,
    Topics,
)


class Person(Struct, frozen=True, gc=False):
    """Somebody. ``account``: a person who could log in, not a bot, a guest, a nickname.

    ``registered``: since when (ms); None: not known. ``id_here``: who they are by Hubbub's own
    export, where ids are kept. ``about``: what they say of themselves.
    """

    id: str
    name: str
    account: bool = True
    registered: int | None = None
    id_here: UserId | None = None
    about: str = ""


class Room(Struct, frozen=True):
    """A room. ``private``: only its ``members`` (people's ids) read it.

    ``direct``: it is a conversation of these. ``owner``: who has made it. ``network``: on which it
    is, where that is not the same for all.
    """

    id: str
    name: str
    topic: str = ""
    private: bool = False
    direct: bool = False
    members: tuple[str, ...] = ()
    owner: str | None = None
    rules: Rules | None = None


class Rules(Struct, frozen=True, omit_defaults=True):
    """What holds in a room by Hubbub's own export, at its end."""

    access: RoomAccess = RoomAccess.OPEN
    speak: Speakers = Speakers.ALL
    slow: int = 0
    guests: bool = True
    history: HistoryFor = HistoryFor.ALL
    archived: bool = False
    newcomers: Newcomers = Newcomers.FREE
    keep_days: int = 0
    topics: Topics = Topics.ALL
    outside: bool = True
    most: int = 0
    signals: bool = True
    labels: Labels = {}
    roles: dict[UserId, Role] = {}
    bans: tuple[CurrentBan, ...] = ()
    exemptions: tuple[CurrentExemption, ...] = ()


class Mention(Struct, frozen=True, gc=False):
    """In a text: somebody by their id; ``name`` is what stands there if nobody knows it."""

    person: str
    name: str = ""


Part = str | Mention


class Message(Struct, frozen=True):
    """A text. ``reply_to``: the id of the message in the room that it answers.

    ``action``: it tells what ``by`` does (``/me``).
    """

    room: str
    id: str
    by: str
    at: int
    text: tuple[Part, ...]
    reply_to: str | None = None
    action: bool = False


class Topic(Struct, frozen=True):
    """``by`` has said what the room is about."""

    room: str
    id: str
    by: str
    at: int
    topic: str


class Copy(Struct, frozen=True):
    """What a file of a message holds: ``chunks`` reads it, ``name`` is what errors call it."""

    name: str
    size: int
    sha256: str
    chunks: Callable[[], Iterator[bytes]]


class Logged(Struct, frozen=True):
    """An event as Hubbub's own export has it.

    ``files``: what the files of a message hold, in their order; None for what is not there.
    """

    room: str
    event: AnyEvent
    files: tuple[Copy | None, ...] = ()


class Skipped(Struct, frozen=True, gc=False):
    """Something that is not taken; ``why`` is a reason in words, in the plural: "joins"."""

    why: str
    count: int = 1


Item = Person | Room | Message | Topic | Logged | Skipped


class Files(Protocol):
    """What an import reads: the files of a folder or an archive, or one alone."""

    def names(self) -> list[str]:
        """Their names with "/" between folders, in order."""
        ...

    def lines(self, name: str) -> Iterator[bytes]:
        """Its lines, without their ends, each of at most `hubbub.moving.files.MAX_LINE_BYTES`."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """Its bytes, in pieces."""
        ...
