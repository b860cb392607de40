"""The lists beside the timeline: our rooms, and the members of this room."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from hubbub.terminal.full.model.apart import shortened
from hubbub.terminal.full.model.display import cut, fitted, shown, width
from hubbub.terminal.full.model.members import Member, members_of
from hubbub.terminal.full.model.news import about_briefly, badge, waiting
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import Rooms, news_in
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.widgets.lines import BOLD, PLAIN, Lines, palette_of
from hubbub.terminal.full.widgets.strips import Piece, strip_of

NUMBER_CELLS = 3
BADGE_CELLS = 6  # enough for 999 unread texts and a mention
LEAST_CELLS = 20
ROOMS_SHARE = 0.3  # of the screen's width, at most
LEAST_MEMBER_CELLS = 18
LEAST_NAME_CELLS = 6  # of a member: with fewer, their role is not shown
MEMBERS_SHARE = 0.2
LEAST_ROWS = 4  # of the list: a shorter one needs all its rows for rooms
MOST_MEMBERS = 5000  # lines in the list; the title has the true count


class RoomList(Lines):
    """Rooms with their unread counts, and a mark where we are mentioned.

    Unread texts in rooms out of view are summed up at the upper or lower edge.
    """

    fixed = 1
    margin = 1  # the row at an edge may be used for the rooms beyond it

    class Chosen(Message):
        """The person clicked on a room."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rooms: list[Room] = []
        self._rows: list[int] = []  # the number of the line of each room
        self._shortened: tuple[object, dict[str, str]] = (None, {})
        self._current: Room | None = None

    def show_rooms(self, rooms: Rooms) -> None:
        """Shows the rooms; a change of the current room brings that one into view."""
        self._rooms = list(rooms)
        cells = self._cells()
        self.fit(cells)
        looks = palette_of(self).roles
        lines: list[list[Piece]] = [[(" ROOMS", looks[Role.TIME])]]
        badges = [_badge(room) for room in self._rooms]
        room_for_names = cells - NUMBER_CELLS - 1 - max(map(_taken, badges), default=0)
        names = self._short(max(1, room_for_names))
        self._rows = []
        for number, room in enumerate(self._rooms, 1):
            if room.is_direct and not (number > 1 and self._rooms[number - 2].is_direct):
                lines.append([(" DIRECT", looks[Role.TIME])])
            self._rows.append(len(lines))
            name, mark = shown(room.label), badges[number - 1]
            left = cells - NUMBER_CELLS - 1 - _taken(mark)
            short = name if width(name) <= left else names[name]
            lines.append(self._line(number, room, fitted(short, left), room is rooms.current))
        self.show(lines)
        if rooms.current is not self._current and self.size.height:
            self._current = rooms.current
            if rooms.current is not None:
                self.reveal(self._rows[self._rooms.index(rooms.current)])

    def render_line(self, y: int) -> Strip:
        edge = self._edge(y)
        if edge is None:
            return super().render_line(y)
        return strip_of(edge, self.size.width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        if self._edge(event.y) is not None:
            height = self.size.height - self.fixed
            self.scroll_lines(height - 2 if event.y > self.fixed else 2 - height)
        elif (row := self.number_at(event.y)) in self._rows:
            self.post_message(self.Chosen(self._rows.index(row) + 1))

    def on_resize(self) -> None:
        if self._current in self._rooms:
            self.reveal(self._rows[self._rooms.index(self._current)])

    def _short(self, cells: int) -> dict[str, str]:
        names = [shown(room.label) for room in self._rooms]
        if (names, cells) != self._shortened[0]:
            self._shortened = (names, cells), shortened(names, cells)
        return self._shortened[1]

    def _cells(self) -> int:
        """The width that the names need, within the limits of the screen."""
        longest = max((width(shown(room.label)) for room in self._rooms), default=0)
        most = max(LEAST_CELLS, int(self.app.size.width * ROOMS_SHARE))
        return min(max(longest + NUMBER_CELLS + BADGE_CELLS, LEAST_CELLS), most)

    def _edge(self, y: int) -> list[Piece] | None:
        """The summary of the rooms beyond an edge; None if row ``y`` has none."""
        height = self.size.height - self.fixed
        if height < LEAST_ROWS or y not in (self.fixed, self.size.height - 1):
            return None
        above = y == self.fixed
        edge = self.number_at(y)
        placed = zip(self._rooms, self._rows, strict=True)
        beyond = [room for room, row in placed if (row <= edge if above else row >= edge)]
        hidden = self.top > 0 if above else len(self._lines) - self.fixed > self.top + height
        news = news_in(beyond)
        if not hidden or not news.rooms:
            return None
        look = palette_of(self).roles[Role.MENTION if news.mentions else Role.WELCOME]
        return [(f" {'↑' if above else '↓'} {about_briefly(news)}", look)]

    def _line(self, number: int, room: Room, name: str, current: bool) -> list[Piece]:
        looks = palette_of(self).roles
        unread = room.unread
        base = Style(reverse=True) if current else PLAIN
        look = BOLD if unread.texts or current else PLAIN
        if not room.inside:
            look += looks[Role.TIME]
        key = f"{number:>2} " if number < 100 else "   "
        mark = looks[Role.MENTION] if unread.mentions else looks[Role.WELCOME]
        count = _badge(room)
        return [
            (key, base + (PLAIN if current else looks[Role.TIME])),
            (name, base + look),
            (f" {count} " if count else " ", base + (mark if not current else PLAIN)),
        ]


def _badge(room: Room) -> str:
    """What is unread, and how much waits for us who moderate."""
    return " ".join(filter(None, (badge(room.unread), waiting(room.standing.waiting))))


def _taken(mark: str) -> int:
    return width(mark) + bool(mark)


class Members(Lines):
    """Everyone in the room, in the colours of their names, with what they are in it."""

    fixed = 1

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._room: Room | None = None
        self._shown: object = None
        self._members: Sequence[Member] = ()

    class Chosen(Message):
        """The person clicked on somebody."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def on_click(self, event: events.Click) -> None:
        number = self.number_at(event.y) - self.fixed
        if 0 <= number < min(len(self._members), MOST_MEMBERS):
            self.post_message(self.Chosen(self._members[number].name))

    def show_room(self, room: Room | None) -> None:
        """Shows the members of ``room``."""
        palette = palette_of(self)
        known = (room.members, room.standing.roles, room.away, room.statuses) if room else ()
        showing = (room, known, palette, self.app.size, self.size)
        if showing == self._shown:
            return  # a large room is not listed again for each text
        self._shown = showing
        if room is not self._room:
            self._room, self.top = room, 0
        self._members = members_of(room)
        listed = self._members[:MOST_MEMBERS]
        longest = max((width(shown(one.name)) + _marked(one) for one in listed), default=0)
        most = max(LEAST_MEMBER_CELLS, int(self.app.size.width * MEMBERS_SHARE))
        self.fit(min(max(longest + 2, LEAST_MEMBER_CELLS), most))
        here = sum(not one.away for one in self._members)
        title = f" ONLINE {here:,}"
        if here < len(self._members):
            title += f" of {len(self._members):,}"
        lines: list[list[Piece]] = [[(title, palette.roles[Role.TIME])]]
        lines += [self._line(one, max(1, self.size.width - 1)) for one in listed]
        self.show(lines)

    def _line(self, member: Member, cells: int) -> list[Piece]:
        palette = palette_of(self)
        faint = palette.roles[Role.TIME]
        look = faint if member.faint else palette.style(Role.NAME, member.name)
        least = min(LEAST_NAME_CELLS, width(shown(member.name)))
        mark = f" {member.note}" if member.note and cells - _marked(member) >= least else ""
        name = cut(shown(member.name), cells - width(mark))
        gap = " " * (cells - width(name) - width(mark))
        return [(" ", PLAIN), (name, look), (gap + mark, faint)]


def _marked(member: Member) -> int:
    """The cells of what stands behind a name."""
    return len(member.note) + bool(member.note)
