"""Export as JSON Lines: rooms, people, and every event, with a checksum. Memory is bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from hashlib import sha256
from pathlib import Path

from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.rules import RoomAccess
from hubbub.domain.state import Member
from hubbub.hub.ports import MemberRecord, RoomRecord
from hubbub.moving.jsonlines import (
    FORMAT,
    End,
    EventEncoder,
    Header,
    PersonLine,
    RoomLine,
    Somebody,
    encoded,
    people_in,
)
from hubbub.moving.outfile import OutFile
from hubbub.moving.ports import Server
from hubbub.moving.report import ExportReport, Progress, Told, tell_nobody
from hubbub.moving.selecting import Selected, Selection, is_private, select

READ_EVENTS = 512  # of a room's log at once

Write = Callable[[bytes], Awaitable[None]]


async def export_lines(
    server: Server, path: Path, selection: Selection, *, told: Told = tell_nobody
) -> ExportReport:
    """Writes the export to the file ``path``, mode 0600, which must not be there.

    Raises `hubbub.moving.errors.MovingError`, `hubbub.domain.errors.LogUnavailable`.
    """
    chosen = await select(server, selection)
    with OutFile(path) as out:
        report = await write_lines(server, chosen, out.write, told=told)
        await out.finish()
    report.bytes = out.bytes
    return report


async def write_lines(
    server: Server, chosen: Selected, write: Write, *, told: Told = tell_nobody
) -> ExportReport:
    """Gives the lines to ``write``, in pieces that each end with a line."""
    report = ExportReport(len(chosen.rooms), 0, 0, 0, chosen.left_out, [])
    total = sum(room.state.head for room in chosen.rooms)
    lines = _Lines(write)
    header = Header(FORMAT, server.log.id, server.clock(), str(server.name()))
    await lines.write(encoded(header))
    for room in chosen.rooms:
        members = chosen.members.get(room.name.key, []) if is_private(room) else []
        await lines.write(encoded(room_line(room, members)))
    people = _People({one.id: one for one in server.accounts() if one.id is not None})
    for room in chosen.rooms:
        for member in chosen.members.get(room.name.key, []) if is_private(room) else ():
            await lines.write(people.lines_before(member.member.id))
        encoder = EventEncoder(room.name)
        async for events in events_of(server, room):
            for event in events:
                for id in people_in(event):
                    if id in people.waiting:
                        await lines.write(people.lines_before(id))
            await lines.write(b"".join(map(encoder.line, events)), len(events))
            report.events += len(events)
            told(Progress(str(room.name), report.events, total))
    await write(encoded(End(lines.count, lines.hash.hexdigest())))
    report.people = people.told
    if any(room.state.access is RoomAccess.LOCKED for room in chosen.rooms):
        report.notes.append("Passwords of rooms are in no export: set them again after an import.")
    return report


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
        roles=facts.roles,
        bans=facts.bans,
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
