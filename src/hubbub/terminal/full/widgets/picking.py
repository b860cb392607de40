"""A list of which one row is chosen, by key or click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.style import Style
from textual import events
from textual.message import Message

from hubbub.terminal.full.model.display import cut, shown, width
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.widgets.lines import BOLD, PLAIN, Lines, palette_of


class Option(NamedTuple):
    """A row. ``note`` is at its end. ``strong``: it is bold. ``apart``: it is of another kind than
    the rows above.
    """

    label: str
    note: str = ""
    strong: bool = False
    apart: bool = False


class Options(Lines):
    """``chosen`` is the number of the row that Enter takes."""

    class Clicked(Message):
        """The person clicked on a row."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chosen = 0
        self._options: Sequence[Option] = ()

    def show_options(self, options: Sequence[Option], chosen: int = 0) -> None:
        """Replaces the rows."""
        self._options = options
        self.choose(chosen)

    def choose(self, number: int) -> None:
        """Chooses a row, or the nearest one that there is."""
        self.chosen = min(max(0, number), max(0, len(self._options) - 1))
        self.show([self._line(*one) for one in enumerate(self._options)])
        self.reveal(self.chosen)

    def on_resize(self) -> None:
        self.choose(self.chosen)

    def on_click(self, event: events.Click) -> None:
        number = self.number_at(event.y)
        if number < len(self._options):
            self.post_message(self.Clicked(number))

    def _line(self, number: int, option: Option) -> list[tuple[str, Style]]:
        looks = palette_of(self).roles
        base = Style(reverse=True) if number == self.chosen else PLAIN
        cells = max(1, self.size.width - 2)
        note = cut(shown(option.note), cells // 2)
        label = cut(shown(option.label), max(1, cells - width(note) - 2 * bool(note)))
        gap = " " * max(0, cells - width(label) - width(note))
        look = looks[Role.WELCOME] if option.apart else BOLD if option.strong else PLAIN
        faint = PLAIN if number == self.chosen else looks[Role.TIME]
        return [(f" {label}", base + look), (gap, base), (f"{note} ", base + faint)]
