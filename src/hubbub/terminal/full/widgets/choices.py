"""The list of rooms below the first questions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from hubbub.domain.replies import RoomInfo
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.display import cut, shown
from hubbub.terminal.full.model.rooms import label_of
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.model.switching import fits
from hubbub.terminal.full.widgets.lines import BOLD, PLAIN, Lines, palette_of
from hubbub.terminal.full.widgets.strips import Piece

NAME_CELLS = 50
TOPIC_CHARS = 300  # as this server allows; another one may send a book


class Choices(Lines):
    """Rooms, with their numbers of users and the time of their last texts."""

    def show_rooms(self, rooms: Sequence[RoomInfo], typed: str, now: float) -> None:
        """Shows rooms; those that match what is typed are bold."""
        time_look = palette_of(self).roles[Role.TIME]
        lines: list[list[Piece]] = []
        for room in rooms:
            users = "1 user" if room.users == 1 else f"{room.users:,} users"
            when = clock.ago(room.at, now)
            look = BOLD if typed and fits(typed, label_of(room)) else PLAIN
            lines.append(
                [
                    ("  ", Style()),
                    (cut(shown(label_of(room)), NAME_CELLS), look),
                    (f" ({users})", look),
                    (f"  {when}" if when else "", time_look),
                    (f"  {shown(room.topic[:TOPIC_CHARS])}" if room.topic else "", time_look),
                ]
            )
        self.show(lines)
