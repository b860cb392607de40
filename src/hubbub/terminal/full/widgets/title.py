"""The title bar: the room, how many are in it, and the state of the connection."""

from __future__ import annotations

from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.model.status import Link, Status
from hubbub.terminal.full.widgets.lines import BOLD, PLAIN, Bar, palette_of

NARROW = 60  # cells: below, there is no place for who and where we are


class Title(Bar):
    """``General · 5 online        ada @ localhost:8080 ● connected``."""

    def tell(
        self, room: Room | None, status: Status, user: str | None, where: str, now: float
    ) -> None:
        """Shows the state of things."""
        looks = palette_of(self).roles
        left = [(f" {shown(room.name) if room else 'Hubbub'} ", BOLD)]
        if room is not None and room.inside:
            left.append((f"· {len(room.members):,} online", PLAIN))
        elif room is not None:
            left.append(("· not in the room yet", PLAIN))
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
        self.show(left, right)
