"""Export as JSON Lines: rooms, people, and every event, with a checksum. Memory is bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Self

from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.ids import UserId
from hubbub.domain.rules import RoomAccess
from hubbub.domain.state import Member
from hubbub.hub.ports import MemberRecord, RoomRecord
from hubbub.moving.copying import Copied, Copies, folder_name
from hubbub.moving.errors import CannotWrite
from hubbub.moving.jsonlines import (
    FORMAT,
    CopyLine,
    End,
    EventEncoder,
    Header,
    PersonLine,
    RoomLine,
    Somebody,
    encoded,
    folder_beside,
    people_in,
)
from hubbub.moving.outfile import OutFile
from hubbub.moving.outfolder import OutFolder
from hubbub.moving.ports import Server
from hubbub.moving.report import ExportReport, Progress, Told, tell_nobody
from hubbub.moving.selecting import Selected, Selection, is_private, select

READ_EVENTS = 512  # of a room's log at once

Write = Callable[[bytes], Awaitable[None]]


async def export_lines(
    server: Server,
    path: Path,
    selection: Selection,
    *,
    files: bool = True,
    told: Told = tell_nobody,
) -> ExportReport:
    """Writes the export to the file ``path``, mode 0600, which must not be there.

    ``files``: and copies of the files of messages, if there are any, to a folder beside it. Raises
    `hubbub.moving.errors.MovingError`, `hubbub.domain.errors.LogUnavailable`.
    """
    chosen = await select(server, selection)
    report = ExportReport(len(chosen.rooms), 0, 0, 0, chosen.left_out, [])
    with OutFile(path) as out, _Beside(path) as beside:
        copies = Copies(server, beside, report) if files else None
        await _write_lines(server, chosen, out.write, report, copies, told)
        await beside.finish()
        await out.finish()
    report.bytes = out.bytes + beside.written
    return report


class _Beside:
    """The folder for copies of files, which is made with the first of them."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(folder_beside(path.name))
        self._folder: OutFolder | None = None
        if self._path.exists():
            raise CannotWrite(f"{self._path} is there already. Choose another name, or remove it.")

    @property
    def written(self) -> int:
        return 0 if self._folder is None else self._folder.bytes

    async def copy(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        if self._folder is None:
            self._folder = OutFolder(self._path)
        await self._folder.copy(name, pieces)

    async def finish(self) -> None:
        if self._folder is not None:
            await self._folder.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._folder is not None:
            self._folder.__exit__(*error)


async def _write_lines(
    server: Server,
    chosen: Selected,
    write: Write,
    report: ExportReport,
    copies: Copies | None,
    told: Told,
) -> None:
    """Gives the lines to ``write``, in pieces that each end with a line."""
    total = sum(room.state.head for room in chosen.rooms)
    lines = _Lines(write)
    header = Header(FORMAT, server.log.id, server.clock(), str(server.name()))
    await lines.write(encoded(header))
    for room in chosen.rooms:
        members = chosen.members.get(room.name.key, []) if is_private(room) else []
        await lines.write(encoded(room_line(room, members)))
    people = _People({one.id: one for one in server.accounts() if one.id is not None})
    for number, room in enumerate(chosen.rooms, 1):
        for member in chosen.members.get(room.name.key, []) if is_private(room) else ():
            await lines.write(people.lines_before(member.member.id))
        encoder, folder = EventEncoder(room.name), folder_name(number, str(room.name))
        async for events in events_of(server, room):
            for event in events:
                for id in people_in(event):
                    if id in people.waiting:
                        await lines.write(people.lines_before(id))
            copied = {} if copies is None else await copies.of(room, folder, events)
            data = b"".join([encoder.line(event, _told(event, copied)) for event in events])
            await lines.write(data, len(events))
            report.events += len(events)
            told(Progress(str(room.name), report.events, total))
    await write(encoded(End(lines.count, lines.hash.hexdigest())))
    report.people = people.told
    if any(room.state.access is RoomAccess.LOCKED for room in chosen.rooms):
        report.notes.append("Passwords of rooms are in no export: set them again after an import.")
    report.tell_missing()


def _told(event: AnyEvent, copied: Mapping[str, Copied]) -> list[CopyLine | None]:
    """What the line of ``event`` tells of the copies of its files."""
    if not copied or not isinstance(event, Said):
        return []
    copies = [copied.get(file.id) for file in event.files]
    return [None if one is None else CopyLine(one.path, one.size, one.sha256) for one in copies]


async def events_of(server: Server, room: RoomRecord) -> AsyncIterator[list[AnyEvent]]:
    """The events of a room up to the one that was its last when ``room`` was read, in pieces.

    What was too old is left out, also if it is on the disk yet.
    """
    head = room.state.head
    for after in range(room.state.facts.floor, head, READ_EVENTS):
        events = await server.log.read(room.name.key, after, min(head, after + READ_EVENTS))
        if events:
            yield events


def room_line(room: RoomRecord, members: list[MemberRecord]) -> RoomLine:
    """The line of a room whose members are these, if only they read it."""
    facts = room.state.facts
    return RoomLine(
        name=str(room.name),
        head=room.state.head,
        topic=facts.topic,
        access=facts.access,
        speak=facts.speak,
        slow=facts.slow,
        guests=facts.guests,
        history=facts.history,
        archived=facts.archived,
        newcomers=facts.newcomers,
        keep_days=facts.keep_days,
        topics=facts.topics,
        outside=facts.outside,
        most=facts.most,
        signals=facts.signals,
        labels=facts.labels,
        roles={id: role for id, role in facts.roles.items() if id not in facts.passing},
        bans=facts.bans,
        exemptions=facts.exemptions,
        members=tuple(Somebody(str(one.member.name), one.member.id) for one in members),
    )


class _Lines:
    """Counts what it writes, and sums it up."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.hash = sha256()
        self.count = 0

    async def write(self, data: bytes, lines: int = 1) -> None:
        if data:
            self.hash.update(data)
            self.count += lines
            await self._write(data)


class _People:
    """Those with an account who are in no line yet."""

    def __init__(self, accounts: Mapping[UserId, Member]) -> None:
        self.waiting = dict(accounts)
        self.told = 0

    def lines_before(self, id: UserId | None) -> bytes:
        """The line of a person that has to come before what tells of them; b"" if it has."""
        account = None if id is None else self.waiting.pop(id, None)
        if account is None or account.id is None:
            return b""
        self.told += 1
        profile = account.profile
        registered, about = (0, "") if profile is None else (profile.registered, profile.about)
        return encoded(PersonLine(account.id, str(account.name), registered, about))
