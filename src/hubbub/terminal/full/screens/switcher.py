"""Finds a room by any part of its name; makes a new one only when that row is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.terminal.full.finding import Finding
from hubbub.terminal.full.model.rooms import Rooms
from hubbub.terminal.full.model.switching import RoomChoice, choices
from hubbub.terminal.full.screens.picker import Picker
from hubbub.terminal.full.widgets.picking import Option

TITLE = "Go to a room"
THERE_ARE = "There are rooms like that. To make another one, choose the last row."


class Switcher(Picker[RoomChoice]):
    """Our rooms, and those of the server."""

    def __init__(
        self, rooms: Rooms, finding: Finding, *, title: str = TITLE, typed: str = ""
    ) -> None:
        super().__init__(title, typed)
        self._asked = self._confirmed = typed
        self._rooms = rooms
        self._finding = finding

    def offered(self, typed: str) -> Sequence[tuple[Option, RoomChoice]]:
        found = choices(typed, self._rooms, self._finding.known())
        return [(_option(one), one) for one in found]

    def looked_for(self, typed: str) -> None:
        self._finding.look(typed, lambda: self.show_offered(keep=True))

    async def taken(self, one: RoomChoice) -> None:
        """Closes with the room; before a new one is made, the server is asked for similar ones.

        If the list was opened with a name in the field, a changed name has to be confirmed: keys
        may have been meant for the screen below.
        """
        typed = self._field.value
        if one.made and self._asked and typed != self._confirmed:
            self._confirmed = typed
            self.hint(f"Enter once more makes the room {one.name}. Esc makes none.")
            return
        if one.made:
            before = [choice for _, choice in self._shown]
            self.hint("One moment…")
            await self._finding.ask(self._field.value)
            self.show_offered()
            if [choice.name for _, choice in self._shown] != [choice.name for choice in before]:
                self.hint(THERE_ARE)
                return
        self.dismiss(one)

    def on_unmount(self) -> None:
        self._finding.stop()


def _option(choice: RoomChoice) -> Option:
    if choice.made:
        return Option(f"Create # {choice.name}", "a new room", apart=True)
    return Option(choice.label, choice.note, strong=choice.note[:1].isdigit())
