"""Scrolls the timeline while a selection is dragged beyond its upper or lower edge."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.geometry import Offset
from textual.selection import Selection
from textual.timer import Timer
from textual.widget import Widget

from hubbub.terminal.full.model.timeline import Timeline

ROW_SECONDS = 1 / 30  # one row in each frame: about a screen in a second


class Dragging:
    """From the press of the mouse button to its release. Textual selects; this scrolls.

    ``timeline`` gives what ``view`` shows, if anything; ``scroll`` moves it by so many rows.
    """

    def __init__(
        self,
        view: Widget,
        timeline: Callable[[], Timeline | None],
        scroll: Callable[[int], None],
    ) -> None:
        self._view = view
        self._timeline = timeline
        self._scroll = scroll
        self._rows = 0
        self._timer: Timer | None = None
        self._held = False
        self._scrolled_until = 0.0  # monotonic seconds

    def begin(self) -> None:
        """The button is pressed on the timeline."""
        self._held = True

    def move(self, y: int) -> None:
        """The mouse is at row ``y`` of the widget."""
        last = self._view.size.height - 1
        self._rows = -1 if y <= 0 else 1 if y >= last else 0
        if self._held and self._rows and self._timer is None:
            self._scrolled_until = monotonic()
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
        """Scrolls, and moves the end of the selection at which the mouse is.

        The number of rows goes by the time that has passed, as a slow machine skips frames.
        """
        view, timeline = self._view, self._timeline()
        selection = view.text_selection
        if timeline is None or selection is None:
            return
        due = int((monotonic() - self._scrolled_until) / ROW_SECONDS)
        if not due:
            return
        self._scrolled_until += due * ROW_SECONDS
        due = min(due, timeline.height)
        self._scroll(self._rows * due)
        if self._rows < 0:
            edge = Offset(0, timeline.number_at(0))
            view.screen.selections = {view: Selection(edge, selection.end)}
        else:
            number = timeline.number_at(view.size.height - 1)
            row = timeline.row(number)
            edge = Offset(len(row.plain) if row else 0, number)
            view.screen.selections = {view: Selection(selection.start, edge)}
