"""What a search has found: a list over the room, from which Enter goes to a text's place."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from hubbub.domain.replies import Found, Result
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.display import shown

NOTHING = "Nothing found."
NOTHING_SO_FAR = "Nothing in the newest part. /search more looks further back."
KEYS = "Enter goes there · Esc closes"


class Results(ModalScreen[Result | None]):
    """Closes with the result that was chosen, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Closes the list"),
    ]
    DEFAULT_CSS = """
    Results { align: center middle; }
    Results Vertical { width: 90%; max-width: 100; height: auto; max-height: 80%; border: round; }
    Results OptionList { height: auto; max-height: 100%; border: none; }
    """

    def __init__(self, query: str, found: Found) -> None:
        super().__init__()
        self._query = query
        self._found = found

    def compose(self) -> ComposeResult:
        results = self._found.results
        more = " · more: /search more" if self._found.next is not None else ""
        with Vertical():
            yield Static(f"{shown(self._query)}{more}", markup=False)
            if results:
                options = [Option(_line(result)) for result in results]
                yield OptionList(*options, markup=False)
            else:
                yield Static(NOTHING_SO_FAR if more else NOTHING)
            yield Static(KEYS, markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Somebody has chosen."""
        event.stop()
        self.dismiss(self._found.results[event.option_index])


def _line(result: Result) -> Text:
    line = Text(f"{shown(result.room)} · {clock.stamp(result.at)} {shown(result.by)}: ", "dim")
    for place, piece in enumerate(result.excerpt):
        line.append(shown(piece), "bold reverse" if place % 2 else "not dim")
    return line
