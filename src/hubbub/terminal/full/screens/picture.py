"""A picture, over the room: as the terminal can show one, else in half blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from hubbub.domain.filenames import spoken_size
from hubbub.domain.files import File
from hubbub.terminal.attaching import Drawn
from hubbub.terminal.full.model.display import cut, shown

KEYS = "Ctrl+O opens the file in the browser · Esc closes"
MOST_CELLS = 500  # of a line
AROUND = (4, 6)  # columns and rows that the picture leaves free
GONE = "\x1b_Ga=d,q=2\x1b\\"  # Kitty: all pictures that are on the screen


class Picture(ModalScreen[bool]):
    """Closes with whether the file is to be opened. ``write`` sends sequences to the terminal."""

    CSS = """
    Picture { align: center middle; }
    Picture > Vertical { width: auto; min-width: 54; max-width: 100%;
                         height: auto; max-height: 100%; background: $panel; padding: 0 1; }
    Picture:ansi > Vertical { border: round; }
    Picture #keys { color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,space,q,ctrl+q", "close(False)", "Closes it", priority=True),
        Binding("ctrl+o,o", "close(True)", "Opens the file in the browser", priority=True),
    ]

    def __init__(self, file: File, drawn: Drawn, write: Callable[[str], None]) -> None:
        super().__init__()
        self._sent = file
        self._drawn = drawn
        self._write = write

    def compose(self) -> ComposeResult:
        drawn = self._drawn
        blocks = drawn.how == "blocks"
        text = Text.from_ansi(drawn.sequence) if blocks else Text("\n" * (drawn.rows - 1))
        text.no_wrap = True
        picture = Static(text, id="picture", markup=False)
        picture.styles.width, picture.styles.height = drawn.columns, drawn.rows
        name = f"{self._sent.name} ({spoken_size(self._sent.size)})"
        with Vertical():
            yield picture
            if self._sent.alt:
                yield Static(cut(shown(self._sent.alt), MOST_CELLS), id="alt", markup=False)
            yield Static(cut(shown(name), MOST_CELLS), id="name", markup=False)
            yield Static(KEYS, id="keys", markup=False)

    def on_mount(self) -> None:
        if self._drawn.how != "blocks":
            self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        if self._drawn.how != "blocks":
            self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """Draws it in the place that is left free for it."""
        place = self.query_one("#picture").region
        clear = GONE if self._drawn.how == "kitty" else ""
        at = f"\x1b[{place.y + 1};{place.x + 1}H"
        self._write(f"\x1b7{clear}{at}{self._drawn.sequence}\x1b8")

    def action_close(self, opens: bool) -> None:
        if self._drawn.how == "kitty":
            self._write(GONE)
        self.dismiss(opens)
