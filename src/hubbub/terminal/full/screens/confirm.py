"""Asks before something is done that cannot be undone."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from hubbub.terminal.full.model.display import cut, lines_of

SHOWN_LINES = 5
SHOWN_CELLS = 66


class Confirm(ModalScreen[bool]):
    """Closes with True if it is to be done."""

    CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical { width: 72; max-width: 95%; height: auto; background: $panel;
                         padding: 1 2; }
    Confirm:ansi > Vertical { border: round; }
    Confirm #sample { color: $secondary; margin: 1 0; }
    Confirm #title { text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)", "Do it"),
        Binding("escape,n,q,ctrl+q,ctrl+c", "answer(False)", "Leave it"),
    ]

    def __init__(self, title: str, text: str, yes: str) -> None:
        """``text``: what it is about. ``yes``: what Enter does."""
        super().__init__()
        self._about = title
        self._text = text
        self._yes = yes

    def compose(self) -> ComposeResult:
        lines = self._text.splitlines()
        sample = [cut(lines_of(line)[0], SHOWN_CELLS) for line in lines[:SHOWN_LINES]]
        if len(lines) > SHOWN_LINES:
            sample.append("…")
        with Vertical():
            yield Static(self._about, id="title", markup=False)
            yield Static("\n".join(sample), id="sample", markup=False)
            yield Static(f"Enter: {self._yes}   Esc: leave it", markup=False)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
