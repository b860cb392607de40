"""Messages that belong together, or the versions of one: a list over the room."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import OptionList

from hubbub.domain.events import Said
from hubbub.domain.quotes import quote_of_said
from hubbub.domain.replies import Version
from hubbub.domain.sentences import marks_of, shown_text
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.display import lines_of, shown
from hubbub.terminal.full.screens.listed import Listed

GO = "↑↓ · Enter goes there · Esc closes"
MORE = " · these are the newest"
VERSIONS = "The last one is what it says now · Esc closes"


class MessageList(Listed[Said]):
    """Closes with the chosen message, or with None."""

    def __init__(self, title: str, messages: Sequence[Said], *, at: int = 0, more: bool) -> None:
        """``at``: the number of the one that is marked at first. ``more``: there are more."""
        lines = [_line(one) for one in messages]
        super().__init__(f"{title}{MORE if more else ''}", lines, GO)
        self._messages = messages
        self.at = at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click: goes to the message."""
        event.stop()
        self.dismiss(self._messages[event.option_index])


class VersionsScreen(Listed[None]):
    """What a message has said, oldest first."""

    def __init__(self, title: str, versions: Sequence[Version]) -> None:
        super().__init__(title, [_version(one) for one in versions], VERSIONS)
        self.at = max(0, len(versions) - 1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(None)


def _line(said: Said) -> Text:
    line = Text(f"{clock.day_and_time(said.at)} {shown(said.by)}: ", "dim")
    text = quote_of_said(said).text if said.redacted is None else shown_text(said)
    line.append(shown(text), "not dim")
    return line.append(shown(marks_of(said)), "dim")


def _version(version: Version) -> Text:
    line = Text(f"{clock.day_and_time(version.at)} ", "dim")
    return line.append("\n    ".join(lines_of(version.text)), "not dim")
