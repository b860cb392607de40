"""Export as HTML: a page with all rooms, and pages of each room's lines. Memory is bounded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from msgspec import Struct

from hubbub.domain.events import AnyEvent
from hubbub.domain.kinds import is_message
from hubbub.domain.rules import RoomAccess
from hubbub.hub.ports import MemberRecord, Passage, RoomRecord
from hubbub.moving.copying import Copied, Copies, folder_name
from hubbub.moving.html.frame import page
from hubbub.moving.html.lines import day_of, line_html, moment
from hubbub.moving.html.marked import name_html, safe
from hubbub.moving.outfolder import OutFolder
from hubbub.moving.ports import Server
from hubbub.moving.report import ExportReport, Progress, Told, tell_nobody
from hubbub.moving.selecting import Selection, is_private, select

PAGE_LINES = 500  # of one page: a browser on a phone shows it at once
READ_LINES = 250


class _Shown(Struct):
    """A room in the list of rooms."""

    title: str
    folder: str
    topic: str
    private: bool
    texts: int = 0
    first: int | None = None
    last: int | None = None


async def export_pages(
    server: Server,
    path: Path,
    selection: Selection,
    *,
    files: bool = True,
    told: Told = tell_nobody,
) -> ExportReport:
    """Writes the export to the folder ``path``, mode 0700, which must not be there.

    ``files``: with copies of the files of messages. Raises `hubbub.moving.errors.MovingError`,
    `hubbub.domain.errors.LogUnavailable`.
    """
    chosen = await select(server, selection)
    report = ExportReport(len(chosen.rooms), 0, 0, 0, chosen.left_out, [])
    total = sum(room.state.head for room in chosen.rooms)
    rooms = []
    before = 0
    with OutFolder(path) as out:
        copies = Copies(server, out, report, thumbnails=True) if files else None
        for number, room in enumerate(chosen.rooms, 1):
            title = _title(room, chosen.members.get(room.name.key, []))
            shown = _Shown(title, folder_name(number, title), room.state.topic, is_private(room))
            pages = _Pages(out, shown, server)
            async for events, upto in _lines(server, room):
                copied = {} if copies is None else await copies.of(room, shown.folder, events)
                await pages.add(events, copied)
                report.events += len(events)
                told(Progress(str(room.name), before + upto, total))
            await pages.finish()
            before += room.state.head
            rooms.append(shown)
        await out.write("index.html", _index(server, rooms))
        await out.finish()
    report.bytes = out.bytes
    report.tell_missing()
    return report


async def _lines(server: Server, room: RoomRecord) -> AsyncIterator[tuple[list[AnyEvent], int]]:
    """The lines of a room in order, each in its present form; and how far that is."""
    after, head = room.state.facts.floor, room.state.head
    while after < head:
        passage = Passage(after, head, READ_LINES, oldest_first=True)
        lines = await server.log.timeline(room.name.key, passage)
        after = max(after + 1, lines.last)
        yield lines.events, min(after, head)


class _Pages:
    """Puts the lines of one room on pages."""

    def __init__(self, out: OutFolder, room: _Shown, server: Server) -> None:
        self._out = out
        self._room = room
        self._footer = _footer(server)
        self._begins: list[int] = []  # the `seq` with which each page begins
        self._html: list[str] = []
        self._day = ""

    async def add(self, events: list[AnyEvent], copied: Mapping[str, Copied]) -> None:
        for event in events:
            if len(self._html) >= PAGE_LINES:
                await self._write(last=False)
            if not self._html:
                self._begins.append(event.seq)
                self._day = ""
            line = line_html(event, self._href, copied)
            if not line:
                continue
            if (day := day_of(event.at)) != self._day:
                self._day = day
                line = f"<h2>{day}</h2>\n{line}"
            self._html.append(line)
            if is_message(event):
                room = self._room
                room.texts += 1
                room.first = event.at if room.first is None else min(room.first, event.at)
                room.last = event.at if room.last is None else max(room.last, event.at)

    async def finish(self) -> None:
        """There are no more lines."""
        if self._html or not self._begins:
            self._begins = self._begins or [1]
            await self._write(last=True)

    def _href(self, seq: int) -> str | None:
        at = bisect_right(self._begins, seq)
        if at == 0:
            return None
        return f"#e{seq}" if at == len(self._begins) else f"{at}.html#e{seq}"

    async def _write(self, *, last: bool) -> None:
        number = len(self._begins)
        room = self._room
        links = ['<a href="../index.html">All rooms</a>']
        if number > 1:
            links += ['<a href="1.html">First page</a>', f'<a href="{number - 1}.html">Earlier</a>']
        if not last:
            links.append(f'<a href="{number + 1}.html">Later</a>')
        nav = f"<nav>{' '.join(links)}</nav>\n"
        topic = f'<p dir="auto">{safe(room.topic)}</p>' if room.topic else ""
        head = f"<header><h1>{name_html(room.title)}</h1>{topic}</header>\n"
        body = f"{head}{nav}<main>\n{''.join(self._html)}</main>\n{nav}{self._footer}"
        title = room.title if number == 1 else f"{room.title}, page {number}"
        await self._out.write(f"{room.folder}/{number}.html", page(title, body))
        self._html = []


def _index(server: Server, rooms: list[_Shown]) -> bytes:
    name = str(server.name()) or "Rooms"
    rows = "".join(map(_row, rooms))
    head = f"<header><h1>{name_html(name)}</h1></header>\n"
    return page(name, f"{head}<main><ul>\n{rows}</ul></main>\n{_footer(server)}")


def _row(room: _Shown) -> str:
    about = [safe(room.topic)] if room.topic else []
    about.append(f"{room.texts:,} {'text' if room.texts == 1 else 'texts'}")
    if room.first is not None and room.last is not None:
        days = [f"{moment(at):%Y-%m-%d}" for at in (room.first, room.last)]
        about.append(days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}")
    if room.private:
        about.append("not for everybody")
    link = f'<a href="{safe(room.folder)}/1.html">{name_html(room.title)}</a>'
    return f'<li>{link}<p dir="auto">{" · ".join(about)}</p></li>\n'


def _footer(server: Server) -> str:
    return f"<footer>Exported {moment(server.clock()):%Y-%m-%d %H:%M}. Times are UTC.</footer>\n"


def _title(room: RoomRecord, members: list[MemberRecord]) -> str:
    """What a room is called; a direct conversation is called as its people."""
    if room.state.access is RoomAccess.DIRECT:
        return ", ".join(sorted(str(one.member.name) for one in members)) or str(room.name)
    return str(room.name)
