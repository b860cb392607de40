"""A one-line input whose keys move over and delete whole grapheme clusters."""

from __future__ import annotations

from textual.widgets import Input

from hubbub.terminal import graphemes


class Field(Input):
    """Textual's `Input` deletes half of a flag with Backspace; this one deletes all of it."""

    def action_delete_left(self) -> None:
        if self.selection.is_empty:
            self.delete(graphemes.before(self.value, self.cursor_position), self.cursor_position)
        else:
            self.delete_selection()

    def action_delete_right(self) -> None:
        if self.selection.is_empty:
            self.delete(self.cursor_position, graphemes.after(self.value, self.cursor_position))
        else:
            self.delete_selection()

    def action_cursor_left(self, select: bool = False) -> None:
        if select or not self.selection.is_empty:
            super().action_cursor_left(select)
        else:
            self.cursor_position = graphemes.before(self.value, self.cursor_position)

    def action_cursor_right(self, select: bool = False) -> None:
        if select or not self.selection.is_empty or self.cursor_position >= len(self.value):
            super().action_cursor_right(select)
        else:
            self.cursor_position = graphemes.after(self.value, self.cursor_position)
