"""Shows many joins and leaves in one line. Pure: updates in, lines out.

Lines on a terminal cannot be changed later. So the first joins are shown at once, and those that
follow are held for a moment, or until somebody says something.
"""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.client import Happened, Update
from hubbub.client.me import Me
from hubbub.domain.events import Event
from hubbub.terminal.comings import FOLDED_FROM, folded, is_coming
from hubbub.terminal.plain.lines import event_lines, stamp
from hubbub.terminal.plain.teller import Teller
from hubbub.terminal.safe import safe


class Folding:
    """``holding``: a join or leave was shown just now, and further ones are held."""

    def __init__(self, teller: Teller) -> None:
        self.holding = False
        self._teller = teller
        self._held: list[Event] = []

    def tell(self, updates: Iterable[Update], me: Me) -> list[str]:
        """The lines for ``updates``; our own join has a line of its own."""
        lines: list[str] = []
        for update in updates:
            event = self._coming(update)
            if event is not None and not me.did(event):
                self._held.append(event)
            elif told := self._teller.tell(update):
                lines += [*self.flush(), *told]
        if not self.holding:
            self.holding = bool(self._held)
            lines += self._held_lines()
        return lines

    def flush(self) -> list[str]:
        """The lines for what is held; the next join or leave is shown at once."""
        self.holding = False
        return self._held_lines()

    def _held_lines(self) -> list[str]:
        held, self._held = self._held, []
        if len(held) < FOLDED_FROM:
            return [
                line
                for event in held
                for line in event_lines(event, self._teller.local, self._teller.site())
            ]
        what = " · ".join(one.words() for one in folded(held))
        return [f"[{stamp(held[0].at, self._teller.local)}] {safe(what)}"]

    def _coming(self, update: Update) -> Event | None:
        if isinstance(update, Happened) and update.room == self._teller.room:
            return update.event if is_coming(update.event) else None
        return None
