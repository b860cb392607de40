"""The completion candidates: a short list above the input."""

from __future__ import annotations

from rich.style import Style
from textual import events
from textual.message import Message

from hubbub.terminal.full.model.completion import Candidate
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.widgets.lines import PLAIN, Lines

MOST_LINES = 7


class Popup(Lines):
    """The candidates; the one that Tab has inserted is highlighted."""

    class Chosen(Message):
        """The person clicked on a candidate."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def show_candidates(self, candidates: list[Candidate], chosen: int | None) -> None:
        """Shows candidates; the list is hidden if there are none."""
        self.display = bool(candidates)
        self.styles.height = min(MOST_LINES, len(candidates))
        self.show(
            [
                [(f" {shown(one.label)} ", Style(reverse=True) if number == chosen else PLAIN)]
                for number, one in enumerate(candidates)
            ]
        )
        if chosen is not None:
            height = min(MOST_LINES, len(candidates))
            self.top = min(max(self.top, chosen - height + 1), chosen)
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Chosen(self.number_at(event.y)))
