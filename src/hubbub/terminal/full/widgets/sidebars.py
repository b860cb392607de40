"""The lists beside the timeline: the rooms one is in, and who is in this one."""

from __future__ import annotations

from rich.style import Style
from textual import events
from textual.message import Message

from hubbub.terminal.full.model.display import cut, fitted, shown, width
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import Rooms
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.widgets.lines import BOLD, PLAIN, Lines, palette_of
from hubbub.terminal.full.widgets.strips import Piece

MOST_MEMBERS = 5000  # lines in the list; the title has the true count


class RoomList(Lines):
    """Rooms with how much in them is unread, and a mark where we are spoken of."""

    fixed = 1

    class Chosen(Message):
        """The person clicked on a room."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def tell(self, rooms: Rooms) -> None:
        """Shows the rooms."""
        looks = palette_of(self).roles
        lines: list[list[Piece]] = [[(" ROOMS", looks[Role.TIME])]]
        for number, room in enumerate(rooms, 1):
            lines.append(self._line(number, room, room is rooms.current))
            if room is rooms.current:
                self.reveal(number)
        self.show(lines)

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Chosen(self.number_at(event.y)))

    def _line(self, number: int, room: Room, current: bool) -> list[Piece]:
        looks = palette_of(self).roles
        count = f"{room.unread:,}" if room.unread < 1000 else "999+"
        badge = (f" {count}" if room.unread else "") + (" @" if room.mentions else "")
        name = fitted(shown(room.name), max(1, self.size.width - 3 - width(badge) - 1))
        base = Style(reverse=True) if current else PLAIN
        look = BOLD if room.unread or current else PLAIN
        if not room.inside:
            look += looks[Role.TIME]
        key = f"{number:>2} " if number < 100 else "   "
        mark = looks[Role.MENTION] if room.mentions else looks[Role.WELCOME]
        return [
            (key, base + (PLAIN if current else looks[Role.TIME])),
            (name, base + look),
            (badge + " ", base + (mark if not current else PLAIN)),
        ]


class Members(Lines):
    """Everyone in the room, in the colours of their names."""

    fixed = 1

    def tell(self, room: Room | None) -> None:
        """Shows who is in ``room``."""
        palette = palette_of(self)
        members = room.members if room else ()
        lines: list[list[Piece]] = [[(f" ONLINE {len(members):,}", palette.roles[Role.TIME])]]
        cells = max(1, self.size.width - 1)
        lines += [
            [(" ", PLAIN), (cut(shown(name), cells), palette.style(Role.NAME, name))]
            for name in members[:MOST_MEMBERS]
        ]
        self.show(lines)
