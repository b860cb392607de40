"""Asks before many pasted lines go into a message."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from hubbub.terminal.full.model.display import cut, lines_of

SHOWN_LINES = 5
OTHER_ROWS = 7  # title, question, and the space between
SHOWN_CELLS = 66


class LongPaste(ModalScreen[bool]):
    """Closes with True if the text is to be inserted."""

    CSS = """
    LongPaste { align: center middle; }
    LongPaste > Vertical { width: 72; max-width: 95%; height: auto; background: $panel;
                           padding: 1 2; }
    LongPaste #sample { color: $secondary; margin: 1 0; }
    LongPaste #title { text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)", "Paste it"),
        Binding("escape,n,q", "answer(False)", "Leave it"),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        lines = self._text.splitlines()
        rows = max(1, min(SHOWN_LINES, self.app.size.height - OTHER_ROWS - 1))
        sample = [cut(lines_of(line)[0], SHOWN_CELLS) for line in lines[:rows]]
        if len(lines) > rows:
            sample.append("…")
        with Vertical():
            title = f"Paste {len(lines):,} lines as one message?"
            yield Static(title, id="title", markup=False)
            yield Static("\n".join(sample), id="sample", markup=False)
            yield Static("Enter: paste them   Esc: leave it", markup=False)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
