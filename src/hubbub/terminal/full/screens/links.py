"""The links of a room, to open or copy one by the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList

from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.screens.listed import Listed

TITLE = "Links in this room, the newest first"
KEYS = "Enter opens · C copies · Esc closes"


class Choice(NamedTuple):
    """A link, and whether to copy or to open it."""

    url: str
    copy: bool


class Links(Listed[Choice]):
    """Closes with the chosen link, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c,ctrl+c", "copy", "Copies the link"),
        Binding("ctrl+o", "dismiss(None)", "Closes the list"),
    ]

    def __init__(self, links: Sequence[tuple[str, str]]) -> None:
        """``links``: pairs of URL and author."""
        super().__init__(TITLE, [_line(url, by) for url, by in links], KEYS)
        self._links = links

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click: the link is to be opened."""
        event.stop()
        self.dismiss(Choice(self._links[event.option_index][0], copy=False))

    def action_copy(self) -> None:
        if self.marked is not None:
            self.dismiss(Choice(self._links[self.marked][0], copy=True))


def _line(url: str, by: str) -> Text:
    return Text.assemble((f"{shown(by)}: ", "dim"), url)
