"""A selection that is dragged to an edge of the timeline goes on beyond it, by scrolling."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual.geometry import Offset
from textual.selection import Selection
from textual.timer import Timer

if TYPE_CHECKING:
    from hubbub.terminal.full.widgets.timeline import TimelineView

ROW_SECONDS = 1 / 30  # a row a frame: a screen in a second


class Dragging:
    """From the press of the button to its release. Textual selects; this scrolls."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self._rows = 0
        self._timer: Timer | None = None
        self._held = False
        self._scrolled = 0.0  # up to this moment

    def begin(self) -> None:
        """The button is pressed on the timeline."""
        self._held = True

    def move(self, y: int) -> None:
        """The mouse is at the row ``y`` of the screen's part that shows the timeline."""
        last = self._view.size.height - 1
        self._rows = -1 if y <= 0 else 1 if y >= last else 0
        if self._held and self._rows and self._timer is None:
            self._scrolled = monotonic()
            self._timer = self._view.set_interval(ROW_SECONDS, self._go_on)
        elif not self._rows:
            self._stop()

    def end(self) -> None:
        """The button is released, wherever that is."""
        self._held = False
        self._stop()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _go_on(self) -> None:
        """Scrolls, and moves that end of the selection where the mouse is.

        A slow machine or line leaves frames out; the time they would have had counts all the same.
        """
        view, room = self._view, self._view.room
        selection = view.text_selection
        if room is None or selection is None:
            return
        timeline = room.timeline
        due = int((monotonic() - self._scrolled) / ROW_SECONDS)
        if not due:
            return
        self._scrolled += due * ROW_SECONDS
        due = min(due, timeline.height)
        view.scroll_rows(self._rows * due)
        if self._rows < 0:
            edge = Offset(0, timeline.number_at(0))
            view.screen.selections = {view: Selection(edge, selection.end)}
        else:
            number = timeline.number_at(view.size.height - 1)
            row = timeline.row(number)
            edge = Offset(len(row.plain) if row else 0, number)
            view.screen.selections = {view: Selection(selection.start, edge)}
