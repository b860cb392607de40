"""The title bar: the room, its number of members, and the state of the connection."""

from __future__ import annotations

from textual.message import Message

from hubbub.domain.rules import RoomAccess
from hubbub.terminal.full.model.display import cut, shown, width
from hubbub.terminal.full.model.news import about_briefly, waiting
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import News
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.model.status import Link, Status
from hubbub.terminal.full.widgets.lines import BOLD, PLAIN, Bar, palette_of

MIN_NAME_CELLS = 8  # of the room's name, which is shortened first
NARROW = 60  # cells: a narrower bar has no place for our name and the server


KINDS = {
    RoomAccess.UNLISTED: "unlisted",
    RoomAccess.LOCKED: "with a password",
    RoomAccess.MEMBERS: "private",
}


class Title(Bar):
    """``General · 5 online        ada @ localhost:8080 ● connected``."""

    class Clicked(Message):
        """The person clicked on it."""

    def on_click(self) -> None:
        self.post_message(self.Clicked())

    def show_state(
        self,
        room: Room | None,
        status: Status,
        user: str | None,
        where: str,
        now: float,
        news: News | None = None,
    ) -> None:
        """Shows the state; ``news``: unread texts elsewhere, if no list of rooms shows them."""
        looks = palette_of(self).roles
        left = [(f" {shown(room.label) if room else 'Hubbub'} ", BOLD)]
        if room is not None and room.inside:
            left.append((_about(room), PLAIN))
        elif room is not None:
            left.append(("· not in the room" + " yet" * (not room.shut), PLAIN))
        look = {Link.ONLINE: looks[Role.WELCOME], Link.CONNECTING: looks[Role.WARNING]}.get(
            status.link, looks[Role.FAILED]
        )
        sign = "●" if status.online else "○"
        right = [(f"{sign} {status.words(now)} ", look)]
        if self.size.width >= NARROW and user:
            right.insert(0, (f"{shown(user)} @ {where}  ", PLAIN))
        elif self.size.width < NARROW:
            short = sign if status.online else f"{sign} offline"
            right = [(f"{short} ", look)]
        if news is not None and news.rooms:
            mark = looks[Role.MENTION if news.mentions else Role.WELCOME]
            right.insert(0, (f"{about_briefly(news)}  ", mark))
        room_left = self.size.width - sum(width(text) for text, _ in (*left[1:], *right)) - 1
        left[0] = (cut(left[0][0], max(MIN_NAME_CELLS, room_left)), BOLD)
        self.show(left, right)


def _about(room: Room) -> str:
    """What kind of room it is, and how many are there."""
    if room.is_direct:
        return "· direct conversation"
    here = len(room.members) - len(room.away.intersection(room.members))
    words = [f"{here:,} online"]
    if room.standing.archived:
        words.append("closed")
    elif kind := KINDS.get(room.standing.access):
        words.append(kind)
    if room.standing.waiting:
        words.append(f"{waiting(room.standing.waiting)} in the queue")
    return " ".join(f"· {word}" for word in words)
