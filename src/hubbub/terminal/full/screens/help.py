"""The help: every key and command, from the tables that the program itself goes by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from hubbub.terminal.full.model.commands import COMMANDS
from hubbub.terminal.full.screens.room import RoomScreen
from hubbub.terminal.full.widgets.entry import Entry
from hubbub.terminal.full.widgets.find import FindBar

KEY_CELLS = 22

_ROOM_KEY = re.compile(r"Alt\+\d")

_NAMES = {
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "escape": "Esc",
    "up": "↑",
    "down": "↓",
    "question_mark": "?",
}

CLOSING = """\
Mouse: the wheel scrolls; a drag selects text, and Ctrl+C copies it; a click opens a link, enters
a room or takes a completion. With F6 the mouse is the terminal's own, and nothing but the text is
on the screen.

Screen readers: run with --plain. It writes one line after another, and nothing ever moves."""


def key_name(key: str) -> str:
    """A key as people write it: ``Ctrl+N``."""
    return "+".join(_NAMES.get(part, part.capitalize()) for part in key.split("+"))


def keys_of(bindings: list[BindingType]) -> Iterator[tuple[str, str, str]]:
    """Group, keys and what they do."""
    for binding in bindings:
        assert isinstance(binding, Binding)
        assert binding.group is not None
        keys = ", ".join(key_name(key) for key in binding.key.split(","))
        yield binding.group.description, keys, binding.description


def help_text() -> str:
    """All of it; what one finds by trying, editing, comes last."""
    groups: dict[str, list[str]] = {}
    tables = (RoomScreen.BINDINGS, FindBar.BINDINGS, Entry.BINDINGS)
    for group, keys, does in (one for table in tables for one in keys_of(table)):
        lines = groups.setdefault(group, [])
        if _ROOM_KEY.fullmatch(keys) is None:
            lines.append(f"  {keys:<{KEY_CELLS}}{does}")
        elif keys.endswith("1"):
            lines.append(f"  {'Alt+1 … Alt+9':<{KEY_CELLS}}The room with that number")
    groups["Commands"] = [
        f"  {f'/{command.word} {command.argument}'.rstrip():<{KEY_CELLS}}{command.does}"
        for command in COMMANDS
    ]
    groups["Commands"].append(f"  {'exit':<{KEY_CELLS}}leaves all rooms and ends")
    order = ["Writing", *(group for group in groups if group not in ("Writing", "Editing"))]
    parts = [f"{group}:\n" + "\n".join(groups[group]) for group in (*order, "Editing")]
    return "\n\n".join([*parts, CLOSING])


class Help(ModalScreen[None]):
    """A page to scroll in."""

    CSS = """
    Help { align: center middle; }
    Help VerticalScroll { width: 84; max-width: 100%; height: 90%; background: $panel;
                          padding: 0 0 0 2; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter,ctrl+q", "dismiss", "Close", priority=True),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("Help (↑↓ PageUp PageDown scroll, Esc closes)\n", markup=False)
            yield Static(help_text(), markup=False)
