"""What waits for who moderates a room: a list, with a key for each thing that can be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList

from hubbub.domain.rules import QueueItem
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.queued import Chosen, Deed, asked, quoted
from hubbub.terminal.full.screens.listed import Listed

KEYS = "A approves · R refuses · Enter goes · M mutes · B bans · Esc closes"


class QueueScreen(Listed[Chosen]):
    """Closes with what was chosen to be done, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,A", "do('approve')", "Lets it through; a report is dealt with"),
        Binding("r,R", "do('refuse')", "Turns it down; a report is dealt with"),
        Binding("g,G", "do('go')", "Goes to the message that was reported"),
        Binding("m,M", "do('mute')", "Mutes who it is about"),
        Binding("b,B", "do('ban')", "Bans who it is about"),
    ]

    def __init__(self, title: str, items: Sequence[QueueItem], at: int = 0) -> None:
        """``at``: the number of the line that is marked at first."""
        super().__init__(title, [_line(one) for one in items], KEYS)
        self._items = items
        self.at = min(at, len(items) - 1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click: goes to the message."""
        event.stop()
        self.action_do("go")

    def action_do(self, what: str) -> None:
        if self.marked is None:
            return
        item, deed = self._items[self.marked], Deed(what)
        if deed is Deed.GO and item.about is None:
            self.tell("There is no message to go to. A approves · R refuses · Esc closes")
        else:
            self.dismiss(Chosen(item, deed))


def _line(item: QueueItem) -> Text:
    line = Text(f"#{item.seq} {clock.day_and_time(item.at)} {asked(item)}", "dim")
    if text := quoted(item):
        line.append(f"\n    {text}", "not dim")
    return line
