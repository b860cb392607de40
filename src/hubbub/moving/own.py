"""Reads Hubbub's own export: see `hubbub.moving.jsonlines`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from hubbub.domain.kinds import traits_of
from hubbub.domain.rules import KEEPS_MEMBERS, RoomAccess
from hubbub.moving.errors import BadFile
from hubbub.moving.jsonlines import (
    CopyLine,
    EventLine,
    Header,
    PersonLine,
    Reading,
    RoomLine,
    folder_beside,
)
from hubbub.moving.stream import Copy, Files, Item, Logged, Person, Room, Rules, Skipped

FORMAT = "hubbub"
TRIMMINGS = "lines of what was deleted for its age"
UNKNOWN = "events of kinds that this version of Hubbub does not know"


class OwnExport:
    """A `hubbub.moving.choices.Source`. Raises `BadFile` if the first line is another one's."""

    format = FORMAT
    accounts = True

    def __init__(self, files: Files, name: str) -> None:
        self._files = files
        self._name = name
        self._names = frozenset(files.names())
        reading = Reading(name)
        first = next(files.lines(name), b"")
        line = reading.line(first)
        if not isinstance(line, Header):
            raise BadFile(name, 1, "This is no export of Hubbub's: its first line is missing.")
        self.namespace = f"hubbub {line.log}"

    def items(self) -> Iterator[Item]:
        reading = Reading(self._name)
        rooms: dict[str, int] = {}
        for data in self._files.lines(self._name):
            line = reading.line(data)
            if isinstance(line, EventLine):
                event = reading.event(line)
                if line.room not in rooms:
                    raise reading.bad(f"The room {line.room} is in no line before this one.")
                if event is None or traits_of(event).trims:
                    yield Skipped(UNKNOWN if event is None else TRIMMINGS)
                    continue
                if event.seq <= rooms[line.room]:
                    raise reading.bad(f"Event {event.seq} of {line.room} comes too late, or twice.")
                rooms[line.room] = event.seq
                yield Logged(line.room, event, tuple(map(self._copy, line.files)))
            elif isinstance(line, PersonLine):
                yield Person(line.id, line.name, True, line.registered or None, line.id, line.about)
            elif isinstance(line, RoomLine):
                if line.name in rooms:
                    raise reading.bad(f"The room {line.name} is in a line before this one.")
                rooms[line.name] = 0
                yield _room(line)
        reading.end()

    def _copy(self, line: CopyLine | None) -> Copy | None:
        """None if it is not beside the lines; nothing that is elsewhere is taken for one."""
        name = "" if line is None else f"{folder_beside(self._name)}/{line.path}"
        if line is None or name not in self._names:
            return None
        return Copy(name, line.size, line.sha256, partial(self._files.chunks, name))


def _room(line: RoomLine) -> Room:
    rules = Rules(
        access=line.access,
        speak=line.speak,
        slow=line.slow,
        guests=line.guests,
        history=line.history,
        archived=line.archived,
        newcomers=line.newcomers,
        keep_days=line.keep_days,
        topics=line.topics,
        outside=line.outside,
        most=line.most,
        signals=line.signals,
        labels=line.labels,
        roles=line.roles,
        bans=line.bans,
        exemptions=line.exemptions,
    )
    return Room(
        id=line.name,
        name=line.name,
        topic=line.topic,
        private=line.access in KEEPS_MEMBERS and line.access is not RoomAccess.DIRECT,
        direct=line.access is RoomAccess.DIRECT,
        members=tuple(one.id for one in line.members if one.id is not None),
        rules=rules,
    )
