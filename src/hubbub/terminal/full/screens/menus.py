"""The menus of a room and of a person, and the list of people."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.members import Member
from hubbub.terminal.full.screens.picker import Picker
from hubbub.terminal.full.widgets.picking import Option

MOST_MEMBERS = 500  # rows: to find another member, the person types a part of the name


class Menu(Picker[Act]):
    """A menu; closes with the action."""

    def __init__(self, title: str, acts: Sequence[Act], told: Sequence[str] = ()) -> None:
        """``told``: what is known of what it is about, a line for each thing."""
        super().__init__(title)
        self._acts = acts
        self._first = told

    def on_mount(self) -> None:
        super().on_mount()
        if self._first:
            self.tell(self._first)

    def offered(self, typed: str) -> Sequence[tuple[Option, Act]]:
        words = typed.casefold().split()
        fitting = [one for one in self._acts if all(word in one.label.casefold() for word in words)]
        return [(Option(one.label, one.typed.strip()), one) for one in fitting]


class People(Picker[str]):
    """The members of a room; closes with a name."""

    def __init__(self, title: str, members: Sequence[Member]) -> None:
        super().__init__(title)
        self._members = members

    def offered(self, typed: str) -> Sequence[tuple[Option, str]]:
        part = typed.casefold().removeprefix("@").strip()
        fitting = [one for one in self._members if part in one.name.casefold()]
        fitting.sort(key=lambda one: not one.name.casefold().startswith(part))
        return [(Option(one.name, one.note), one.name) for one in fitting[:MOST_MEMBERS]]
