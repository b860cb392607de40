"""A widget of lines of text, which is redrawn when they change and scrolled if they do not fit."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from hubbub.terminal.full.theme import PALETTES, Palette
from hubbub.terminal.full.widgets.strips import Piece, spread, strip_of

WHEEL_ROWS = 3


def palette_of(widget: Widget) -> Palette:
    """The palette of the present theme."""
    return PALETTES.get(widget.app.theme, PALETTES["dark"])


class Lines(Widget):
    """``top`` is the first line in view, below ``fixed`` lines that do not scroll."""

    ALLOW_SELECT = False
    fixed = 0
    margin = 0  # lines between a revealed line and the edge

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Sequence[Piece]] = ()
        self.top = 0
        self._cells_wide = 0

    def show(self, lines: Sequence[Sequence[Piece]]) -> None:
        """Shows these lines."""
        if lines != self._lines:
            self._lines = lines
            self.top = min(self.top, self._lowest)
            self.refresh()

    def number_at(self, y: int) -> int:
        """The line that is shown at ``y``."""
        return y if y < self.fixed else y + self.top

    def reveal(self, number: int) -> None:
        """Scrolls a line into view."""
        height = max(1, self.size.height - self.fixed)
        place = number - self.fixed
        margin = min(self.margin, (height - 1) // 2)
        top = min(max(self.top, place - height + 1 + margin), max(0, place - margin))
        top = min(top, self._lowest)
        if top != self.top:
            self.top = top
            self.refresh()

    def fit(self, cells: int) -> None:
        """Sets the width."""
        if self._cells_wide != cells:
            self._cells_wide = cells
            self.styles.width = cells

    def render_line(self, y: int) -> Strip:
        number = self.number_at(y)
        pieces = self._lines[number] if number < len(self._lines) else ()
        return strip_of(pieces, self.size.width, self.rich_style)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll(event, -WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll(event, WHEEL_ROWS)

    @property
    def _lowest(self) -> int:
        return max(0, len(self._lines) - max(1, self.size.height))

    def _scroll(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        self.scroll_lines(rows)

    def scroll_lines(self, rows: int) -> None:
        """Scrolls so many lines down, or up if negative."""
        self.top = min(max(0, self.top + rows), self._lowest)
        self.refresh()


class Bar(Widget):
    """One line with something at either end."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._content: tuple[Sequence[Piece], Sequence[Piece]] = ((), ())

    def show(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Shows both; the right one is left out if there is no place for it."""
        if (left, right) != self._content:
            self._content = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        left, right = self._content
        return spread(left, right, self.size.width, self.rich_style)


BOLD = Style(bold=True)
PLAIN = Style()
