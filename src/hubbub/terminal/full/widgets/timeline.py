"""The timeline: draws the rows of a room that are in view, and no others."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from hubbub.terminal.full.model.display import width
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rows import Role, Row
from hubbub.terminal.full.widgets.dragging import Dragging
from hubbub.terminal.full.widgets.lines import WHEEL_ROWS, palette_of
from hubbub.terminal.full.widgets.strips import strip_of_row

OURS = {Role.RULE, Role.UNREAD, Role.NOTICE, Role.WARNING, Role.WELCOME}  # rows of no event
BAR_CELLS = 1  # at the right, for the position in the history


class TimelineView(Widget):
    """Shows one room; `Moved` is posted when the person scrolls."""

    ALLOW_SELECT = True

    class Moved(Message):
        """The person has scrolled."""

    class LinkClicked(Message):
        """The person has clicked on a link."""

        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    class NameClicked(Message):
        """The person has clicked on somebody's name."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.room: Room | None = None
        self.dragging = Dragging(
            self, lambda: self.room.timeline if self.room else None, self.scroll_rows
        )
        self._blank: Row = Row(())

    def show_room(self, room: Room | None) -> None:
        """Shows the present state of a room."""
        if room is not self.room:
            self.screen.clear_selection()
        self.room = room
        self._fit()
        self.refresh()

    def scroll_rows(self, rows: int) -> None:
        """Scrolls down, or up if negative."""
        if self.room is not None:
            self.room.timeline.scroll(rows)
            self._moved()

    def to_oldest(self) -> None:
        """To the oldest line that is loaded."""
        if self.room is not None:
            self.room.timeline.to_oldest()
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width - BAR_CELLS
        base = self.rich_style
        if self.room is None or cells < 1:
            return Strip.blank(self.size.width, base)
        timeline = self.room.timeline
        number = timeline.number_at(y)
        row = timeline.row(number) or self._blank
        if row.seq and row.seq == timeline.chosen and row.runs[0].role not in OURS:
            base += palette_of(self).selection
        selection = self.text_selection
        selected = selection.get_span(number) if selection else None
        drawn = self._draw(row, number, cells, base, selected)
        bar = self._bar(y, self.rich_style)
        return Strip.join([drawn, bar])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        if self.room is None:
            return None
        start = (selection.start.y, selection.start.x) if selection.start else None
        end = (selection.end.y, selection.end.x) if selection.end else None
        return self.room.timeline.copy(start, end), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def on_resize(self) -> None:
        self._fit()
        self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_rows(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_rows(WHEEL_ROWS)

    def on_mouse_down(self) -> None:
        self.dragging.begin()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.dragging.move(event.y)

    def on_click(self, event: events.Click) -> None:
        url = event.style.link
        if url:
            self.post_message(self.LinkClicked(url))
        elif self.text_selection is None and (
            name := self._name_at(event.x - self.styles.padding.left, event.y)
        ):
            self.post_message(self.NameClicked(name))

    def _name_at(self, x: int, y: int) -> str | None:
        """Whose name is in that cell; None if none is."""
        row = self.room.timeline.row(self.room.timeline.number_at(y)) if self.room else None
        end = 0
        for run in row.runs if row is not None else ():
            end += width(run.text)
            if x < end:
                return run.key if run.role is Role.NAME else None
        return None

    def _fit(self) -> None:
        if self.room is not None and self.size.width > BAR_CELLS:
            self.room.timeline.resize(self.size.width - BAR_CELLS, self.size.height)

    def _moved(self) -> None:
        self.refresh()
        self.post_message(self.Moved())

    def _draw(
        self, row: Row, number: int, cells: int, base: Style, selected: tuple[int, int] | None
    ) -> Strip:
        if selected is not None:
            strip = strip_of_row(row, cells, base, palette_of(self), selected)
            return strip.apply_offsets(0, number)
        key = (number, cells, base, self.app.theme)
        if isinstance(row.drawn, tuple) and row.drawn[0] == key and row is not self._blank:
            kept: Strip = row.drawn[1]
            return kept
        strip = strip_of_row(row, cells, base, palette_of(self), None).apply_offsets(0, number)
        row.drawn = (key, strip)
        return strip

    def _bar(self, y: int, base: Style) -> Strip:
        """The position in the whole history of the room, unless the newest lines are in view."""
        assert self.room is not None
        timeline = self.room.timeline
        if timeline.following or not timeline.window.head:
            return Strip.blank(BAR_CELLS, base)
        row = timeline.row(timeline.top)
        seq = row.seq if row and row.seq else timeline.window.first
        here = round(seq / timeline.window.head * (self.size.height - 1))
        roles = palette_of(self).roles
        if y == here:
            return Strip(
                [Segment("█", base + roles[Role.LINK] + Style(underline=False))], BAR_CELLS
            )
        return Strip([Segment("│", base + roles[Role.RULE])], BAR_CELLS)
