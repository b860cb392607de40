"""The help: every key and command, from the tables that the program itself uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.helping import Section, help_lines
from hubbub.terminal.full.screens.room_keys import KEYS
from hubbub.terminal.full.widgets.entry import Entry
from hubbub.terminal.full.widgets.find import FindBar

WIDTH = 84
FRAME_CELLS = 4  # a margin, and the scrollbar with a gap before it

_ROOM_KEY = re.compile(r"Alt\+\d")

_NAMES = {
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "escape": "Esc",
    "up": "↑",
    "down": "↓",
    "question_mark": "?",
}

CLOSING = (
    "Mouse: the wheel scrolls; a drag selects text, and Ctrl+C copies it; a click opens a link, "
    "enters a room, takes a completion or opens what can be done with a person. With F6 the mouse "
    "is the terminal's own, and nothing but the text is on the screen.",
    "Screen readers: run with --plain. It writes one line after another, and nothing ever moves.",
)


def key_name(key: str) -> str:
    """The name of a key as people write it: ``Ctrl+N``."""
    return "+".join(_NAMES.get(part, part.capitalize()) for part in key.split("+"))


def keys_of(bindings: list[BindingType]) -> Iterator[tuple[str, str, str]]:
    """Group, keys and what they do."""
    for binding in bindings:
        assert isinstance(binding, Binding)
        assert binding.group is not None
        keys = ", ".join(key_name(key) for key in binding.key.split(","))
        yield binding.group.description, keys, binding.description


def sections() -> list[Section]:
    """All keys and commands with their descriptions; editing, which is well known, comes last."""
    groups: dict[str, list[tuple[str, str]]] = {"Writing": []}
    tables = (KEYS, FindBar.BINDINGS, Entry.BINDINGS)
    for group, keys, does in (one for table in tables for one in keys_of(table)):
        entries = groups.setdefault(group, [])
        if _ROOM_KEY.fullmatch(keys) is None:
            entries.append((keys, does))
        elif keys.endswith("1"):
            entries.append(("Alt+1 … Alt+9", "The room with that number"))
    groups["Commands"] = VOCABULARY.help()
    groups["Editing"] = groups.pop("Editing")
    return [
        *(Section(group, entries) for group, entries in groups.items()),
        *(Section("", [paragraph]) for paragraph in CLOSING),
    ]


class Help(ModalScreen[None]):
    """A page to scroll in."""

    CSS = f"""
    Help {{ align: center middle; }}
    Help VerticalScroll {{ width: {WIDTH}; max-width: 100%; height: 90%; background: $panel;
                          padding: 0 0 0 2; scrollbar-size-vertical: 1; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter,ctrl+q", "dismiss", "Close", priority=True),
    ]

    def __init__(self, about: Sequence[Section] | None = None) -> None:
        """``about``: the help for another screen than the room's."""
        super().__init__()
        self._sections = sections() if about is None else about

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("Help (↑↓ scroll, Esc closes)\n", markup=False)
            yield Static(self._text(), id="text", markup=False)

    def on_resize(self) -> None:
        self.query_one("#text", Static).update(self._text())

    def _text(self) -> str:
        return help_lines(self._sections, min(WIDTH, self.app.size.width) - FRAME_CELLS)
