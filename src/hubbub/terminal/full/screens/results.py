"""The results of a search: a list over the room; Enter goes to a result."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.widgets import OptionList

from hubbub.domain.replies import Found, Result
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.screens.listed import Listed

NOTHING = "Nothing was found."
NOTHING_SO_FAR = "Nothing was found in the newest part. /search more looks further back."
KEYS = "↑↓ · Enter goes there · Esc closes"
BEHIND = " · {:,} new ones cannot be found yet"
MORE = " · more: /search more"


class Results(Listed[Result]):
    """Closes with the chosen result, or with None."""

    def __init__(
        self, query: str, found: Found, label: Callable[[str], str], *, short: bool = False
    ) -> None:
        """``label``: what people call a room. ``short``: times without seconds and year, for
        narrow screens.
        """
        more = found.next is not None
        when = clock.day_and_time if short else clock.stamp
        behind = BEHIND.format(found.behind) if found.behind else ""
        super().__init__(
            f"{shown(query)}{behind}{MORE if more else ''}",
            [_line(result, label, when) for result in found.results],
            KEYS if found.results else "Esc closes",
            NOTHING_SO_FAR if more else NOTHING,
        )
        self._results = found.results

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click: goes to the result."""
        event.stop()
        self.dismiss(self._results[event.option_index])


def _line(result: Result, label: Callable[[str], str], when: Callable[[int], str]) -> Text:
    line = Text(f"{shown(label(result.room))} · {when(result.at)} {shown(result.by)}: ", "dim")
    for place, piece in enumerate(result.excerpt):
        line.append(shown(piece), "bold reverse" if place % 2 else "not dim")
    return line
