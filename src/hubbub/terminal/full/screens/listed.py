"""A list over the room, with a title above and its keys below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

T = TypeVar("T")

FRAME_ROWS = 4  # the border, the title, and the keys
SHARE = 0.8  # of the screen's rows


class Listed(ModalScreen[T | None]):
    """Closes with the choice, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Closes the list"),
    ]
    DEFAULT_CSS = """
    Listed { align: center middle; }
    Listed Vertical { width: 90%; max-width: 100; height: auto; border: round; }
    Listed OptionList, Listed OptionList:focus { height: auto; border: none; padding: 0; }
    Listed .keys { color: $secondary; }
    Listed.-narrow Vertical { width: 100%; }
    """

    def __init__(self, title: str, lines: Sequence[Text], keys: str, nothing: str = "") -> None:
        """``nothing`` is shown if there are no lines."""
        super().__init__()
        self._about = title
        self._lines = lines
        self._keys = keys
        self._nothing = nothing
        self.at = 0  # the number of the line that is marked at first

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._about, markup=False)
            if self._lines:
                yield OptionList(*(Option(line) for line in self._lines), markup=False)
            else:
                yield Static(self._nothing, markup=False)
            yield Static(self._keys, classes="keys", markup=False)

    def on_mount(self) -> None:
        for listed in self.query(OptionList):
            listed.highlighted = self.at

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < 70, "-narrow")
        # Computed: the title and the keys have to stay in view.
        rows = max(3, int(self.app.size.height * SHARE) - FRAME_ROWS)
        for listed in self.query(OptionList):
            listed.styles.max_height = rows

    def tell(self, text: str) -> None:
        """Shows a word instead of the keys."""
        self.query_one(".keys", Static).update(text)

    @property
    def marked(self) -> int | None:
        """The number of the marked line."""
        return self.query_one(OptionList).highlighted if self._lines else None
