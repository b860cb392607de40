"""The lines of Hubbub's own export: docs/moving.md describes them.

Each line is a JSON object with a ``type``. The last one has the checksum of all bytes before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, Event, Pinned, Reacted, Said
from hubbub.domain.files import MAX_FILES
from hubbub.domain.ids import ToldId, UserId
from hubbub.domain.kinds import TRAITS
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
from hubbub.domain.told import MAX_PEOPLE, Count, Key, Name, Text, Time
from hubbub.moving.errors import BadFile

FORMAT = 1
"""Of the lines. A later one may have more fields, which are left out where they are not known."""


class Header(Struct, frozen=True, tag_field="type", tag="hubbub-export", omit_defaults=True):
    """The first line. ``log``: the id of the database that it is of; ``at``: when it was made."""

    format: int
    log: Key
    at: Time
    server: Name = ""


class Somebody(Struct, frozen=True, omit_defaults=True):
    """Who is in a room. ``id`` is None where it is not known."""

    name: Name
    id: ToldId | None = None


class RoomLine(Struct, frozen=True, tag_field="type", tag="room", omit_defaults=True):
    """A room, with what holds in it at the end of its events.

    ``head``: the ``seq`` of the last one in the file, whatever comes before. ``password``: it has
    one, which is in no export. ``members``: of a room that only they read. ``former``: names that
    it had before.
    """

    name: Name
    head: int
    topic: Text = ""
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
    roles: dict[ToldId, Role] = {}
    bans: tuple[CurrentBan, ...] = ()
    exemptions: tuple[CurrentExemption, ...] = ()
    members: Annotated[tuple[Somebody, ...], Meta(max_length=MAX_PEOPLE)] = ()


class PersonLine(Struct, frozen=True, tag_field="type", tag="person", omit_defaults=True):
    """Who has an account; stands before the first event that tells of them. Only public facts."""

    id: ToldId
    name: Name
    registered: Time = 0
    about: Text = ""


class CopyLine(Struct, frozen=True):
    """Where a copy of a file is, in the folder beside the lines, and what it holds."""

    path: Text
    size: Count
    sha256: Key


class EventLine(Struct, frozen=True, tag_field="type", tag="event", omit_defaults=True):
    """An event of a room, as the JSON protocol shows it, without what is derived.

    ``files``: the copies of its files, in their order; None where there is none.
    """

    room: Name
    event: msgspec.Raw
    files: Annotated[tuple[CopyLine | None, ...], Meta(max_length=10 * MAX_FILES)] = ()


class End(Struct, frozen=True, tag_field="type", tag="end"):
    """The last line: how many are before it, and the SHA-256 of these with their line ends."""

    lines: int
    sha256: Key


Line = Header | RoomLine | PersonLine | EventLine | End

_lines: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
_events: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encoded(line: Header | RoomLine | PersonLine | End) -> bytes:
    """The bytes of a line that is no event's, with its end."""
    return msgspec.json.encode(line, enc_hook=str) + b"\n"


class EventEncoder:
    """Writes the lines of the events of one room."""

    def __init__(self, room: str) -> None:
        name = msgspec.json.encode(str(room)).decode()
        self._before = f'{{"type":"event","room":{name},"event":'.encode()

    def line(self, event: AnyEvent, files: Sequence[CopyLine | None] = ()) -> bytes:
        """The line of ``event``, whose files these are. It ends with a line end."""
        if isinstance(event, Said) and (event.quote is not None or event.rev is not None):
            event = replace(event, quote=None, rev=None)
        elif isinstance(event, Reacted):
            event = replace(event, quote=None, count=None)
        elif isinstance(event, Pinned):
            event = replace(event, quote=None)
        told = b',"files":' + msgspec.json.encode(files) if files else b""
        return b"%s%s%s}\n" % (self._before, msgspec.json.encode(event, enc_hook=str), told)


def people_in(event: AnyEvent) -> Iterator[UserId]:
    """The ids of all whom ``event`` tells of."""
    if event.by_id is not None:
        yield event.by_id
    if type(event) is Said:
        return
    about = getattr(event, "user_id", None)
    if about is not None:
        yield about
    yield from getattr(event, "ids", ())


def folder_beside(name: str) -> str:
    """The folder with the copies of files, beside lines in a file of that name."""
    return f"{name}.files"


def is_export(first_line: bytes) -> bool:
    """Whether a file that begins with that line is such an export."""
    return first_line.startswith(b'{"type":"hubbub-export"')


class Reading:
    """Reads lines one by one; checks that all are there. ``file`` is what errors call it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._number = 0
        self._hash = sha256()
        self._ended = False
        self.header: Header | None = None

    def line(self, data: bytes) -> Header | RoomLine | PersonLine | EventLine | None:
        """What the next line says; None for the last one. Raises `BadFile`."""
        self._number += 1
        if self._ended:
            raise self.bad("There is something behind the last line.")
        try:
            line = _lines.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if self.header is None:
                raise self.bad(
                    "This is no export of Hubbub's: its first line is another."
                ) from None
            raise self.bad(f"This is no line of an export: {error}") from None
        if isinstance(line, End):
            self._check(line)
            return None
        if isinstance(line, Header):
            if self.header is not None:
                raise self.bad("There is a second first line. Import each export by itself.")
            if line.format != FORMAT:
                raise self.bad(
                    f"The export has format {line.format}; this version of Hubbub reads {FORMAT}."
                )
            self.header = line
        elif self.header is None:
            raise self.bad("This is no export of Hubbub's: its first line is missing.")
        self._hash.update(data)
        self._hash.update(b"\n")
        return line

    def event(self, line: EventLine) -> AnyEvent | None:
        """The event of a line; None for one of a kind that this version does not know."""
        try:
            return _events.decode(line.event)
        except msgspec.ValidationError as error:
            try:
                kind = msgspec.json.decode(line.event, type=_Kind).kind
            except msgspec.MsgspecError:
                raise self.bad(f"This is no event: {error}") from None
            if kind in _KINDS:
                raise self.bad(f"This is no event of the kind {kind}: {error}") from None
            return None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self.bad(f"This is no event: {error}") from None

    def end(self) -> None:
        """There are no more lines. Raises `BadFile` unless the last one was there."""
        if not self._ended:
            self._number += 1
            raise self.bad("The end is missing: the file was cut off. Export it again.")

    def bad(self, what: str) -> BadFile:
        """An error about the line that was read last."""
        return BadFile(self._file, self._number, what)

    def _check(self, end: End) -> None:
        if end.lines != self._number - 1 or end.sha256 != self._hash.hexdigest():
            raise self.bad("The checksum is wrong: the file was changed, or is damaged.")
        self._ended = True


class _Kind(Struct):
    kind: str


def _tag(kind: Any) -> str:
    return str(kind.__struct_config__.tag)


_KINDS = {_tag(kind) for kind in TRAITS if kind is not Event}
