"""What is told only now, and is to be copied: recovery codes, the code of a link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from hubbub.terminal.full.model.display import cut, shown

KEYS = "C copies · Esc closes"
MOST_LINES = 50
MOST_CELLS = 500  # of a line


class Given(ModalScreen[None]):
    """Closes by a key that nobody presses by chance, as it is not shown again."""

    CSS = """
    Given { align: center middle; }
    Given > Vertical { width: 76; max-width: 100%; height: auto; max-height: 100%;
                       background: $panel; padding: 0 1; }
    Given:ansi > Vertical { border: round; }
    Given #title { text-style: bold; }
    Given #about, Given #keys { color: $secondary; }
    Given VerticalScroll { height: auto; max-height: 14; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q", "dismiss(None)", "Closes it", priority=True),
        Binding("c,ctrl+c", "copy", "Copies it", priority=True),
    ]

    def __init__(self, title: str, about: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._heading = title
        self._about = about
        self._lines = [line[:MOST_CELLS] for line in lines[:MOST_LINES]]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(shown(self._heading), id="title", markup=False)
            yield Static(shown(self._about), id="about", markup=False)
            with VerticalScroll():
                text = "\n".join(cut(shown(line), MOST_CELLS) for line in self._lines)
                yield Static(text, id="lines", markup=False)
            yield Static(KEYS, id="keys", markup=False)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard("\n".join(self._lines))
        self.query_one("#keys", Static).update(f"Copied. {KEYS}")
