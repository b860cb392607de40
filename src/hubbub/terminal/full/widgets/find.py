"""The search line: the words, the number of matches, and which match is in view."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from hubbub.terminal.full.model.timeline import Timeline
from hubbub.terminal.full.widgets.field import Field

PLACEHOLDER = "in this room; in all rooms: /search"
NOT_HERE = "Not here. Ctrl+F: all rooms"

_GROUP = Binding.Group("Searching")


class FindBar(Horizontal):
    """Posts `Sought` when the search text changes, and `Closed` at the end."""

    DEFAULT_CSS = """
    FindBar { display: none; height: 1; background: $panel; }
    FindBar #label { width: auto; padding: 0 1; color: $primary; text-style: bold; }
    FindBar Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    FindBar #count { width: auto; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,up,ctrl+p", "move(-1)", "The one before", group=_GROUP, priority=True),
        Binding("down,ctrl+n", "move(1)", "The next one", group=_GROUP, priority=True),
        Binding(
            "ctrl+f", "everywhere", "Search all rooms, as /search", group=_GROUP, priority=True
        ),
        Binding("escape", "close", "End searching", group=_GROUP, priority=True),
    ]

    class Sought(Message):
        """The search text has changed."""

    class Everywhere(Message):
        """The text is to be searched for in all rooms."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Closed(Message):
        """The search has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.sought = ""
        self._timeline: Timeline | None = None
        self._places: list[int] = []
        self._at = -1

    def compose(self) -> ComposeResult:
        yield Static("Find", id="label")
        yield Field(compact=True, select_on_focus=True, placeholder=PLACEHOLDER)
        yield Static("", id="count")

    def open(self) -> None:
        """Shows the line, with the focus."""
        self.display = True
        self.query_one(Input).focus()

    def end(self) -> None:
        """Ends the search without a message."""
        self.display = False
        self.sought = ""
        self._timeline = None

    def close(self) -> bool:
        """Ends the search; False if there was none."""
        if not self.display:
            return False
        self.end()
        self.post_message(self.Closed())
        return True

    def found(self, timeline: Timeline) -> None:
        """Takes the matches that ``timeline`` has marked, and shows the newest."""
        self._timeline = timeline if self.sought else None
        self._places = timeline.found() if self.sought else []
        self._at = len(self._places) - 1
        self._show()

    def on_input_changed(self, changed: Input.Changed) -> None:
        changed.stop()
        self.sought = changed.value.casefold()
        self.post_message(self.Sought())

    def action_move(self, by: int) -> None:
        if self._timeline is None:
            return
        here = self._places[self._at] if 0 <= self._at < len(self._places) else 0
        self._places = self._timeline.found()
        if here in self._places:
            self._at = self._places.index(here)
        if self._places:
            self._at = (self._at + by) % len(self._places)
        self._show()

    def action_everywhere(self) -> None:
        words = self.query_one(Input).value.strip()
        if words:
            self.close()
            self.post_message(self.Everywhere(words))

    def action_close(self) -> None:
        self.close()

    def _show(self) -> None:
        count = self.query_one("#count", Static)
        if not self.sought:
            count.update("")
            return
        if not self._places or self._timeline is None:
            count.update(NOT_HERE)
            return
        count.update(f"{self._at + 1} of {len(self._places)}  ↑↓ Enter Esc")
        self._timeline.to_event(self._places[self._at])
        self.screen.refresh(layout=False)
        self.app.call_later(self._redraw)

    def _redraw(self) -> None:
        from hubbub.terminal.full.widgets.timeline import TimelineView

        self.screen.query_one(TimelineView).refresh()
