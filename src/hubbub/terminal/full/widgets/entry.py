"""The input: with completion, a history of what was sent, and a question before long pastes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from hubbub.terminal import graphemes
from hubbub.terminal.full.model.ahead import Ahead
from hubbub.terminal.full.model.commands import secret_at
from hubbub.terminal.full.model.completion import Candidate, Known, Offer, offer
from hubbub.terminal.full.model.emoji import just_typed
from hubbub.terminal.full.model.typed import Typed
from hubbub.terminal.full.textual_internals import bound_action

LONG_PASTE_LINES = 5  # a longer paste is confirmed first
TYPING_EVERY = 3.0  # seconds between two notices that we are typing


_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)  # pasted ones would be obeyed by the terminal

_WRITING = Binding.Group("Writing")
_EDITING = Binding.Group("Editing")


class Entry(TextArea, inherit_bindings=False):
    """``submit`` takes the text, and returns what is in the input then; None: it was not accepted,
    and stays. ``known`` gives names to
    complete. ``first`` is called with each key, and whether it writes; True: the key was used. Keys
    go to ``ahead`` while that waits: they are meant for a form that is about to open.

    Keys are obeyed in order. Textual's own lookup of a key's binding goes up to the app, and is so
    slow that the next key may overtake it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", group=_WRITING),
        Binding("alt+enter,ctrl+j", "newline", "Begin a new line in the message", group=_WRITING),
        Binding("tab", "complete", "Complete a name, :emoji:, room or command", group=_WRITING),
        Binding("shift+tab", "complete_back", "Back to the completion before", group=_WRITING),
        Binding(
            "up",
            "older",
            "In an empty input: change what you said last; else what you sent before, to send it "
            "again",
            group=_WRITING,
        ),
        Binding(
            "down",
            "newer",
            "Back to what you sent later, and to what you are writing",
            group=_WRITING,
        ),
        Binding("left", "cursor_left", "A character left", group=_EDITING),
        Binding("right", "cursor_right", "A character right", group=_EDITING),
        Binding("ctrl+left,alt+b", "cursor_word_left", "A word left", group=_EDITING),
        Binding("ctrl+right,alt+f", "cursor_word_right", "A word right", group=_EDITING),
        Binding(
            "home", "home", "Start of the line; the first line, if it is empty", group=_EDITING
        ),
        Binding("end", "end", "End of the line; the newest line, if it is empty", group=_EDITING),
        Binding("ctrl+a", "cursor_line_start", "Start of the line", group=_EDITING),
        Binding("ctrl+e", "cursor_line_end", "End of the line", group=_EDITING),
        Binding("shift+left", "cursor_left(True)", "Select to the left", group=_EDITING),
        Binding("shift+right", "cursor_right(True)", "Select to the right", group=_EDITING),
        Binding("backspace,ctrl+h", "delete_left", "Delete to the left", group=_EDITING),
        Binding("delete,ctrl+d", "delete_right", "Delete to the right", group=_EDITING),
        Binding("ctrl+w,alt+backspace", "delete_word_left", "Delete a word", group=_EDITING),
        Binding("ctrl+u", "delete_to_start_of_line", "Delete to the start", group=_EDITING),
        Binding("alt+k", "delete_to_end_of_line", "Delete to the end", group=_EDITING),
        Binding("ctrl+z", "undo", "Undo", group=_EDITING),
        Binding("ctrl+y", "redo", "Do again", group=_EDITING),
        Binding("ctrl+x", "cut", "Cut what is selected", group=_EDITING),
        Binding("ctrl+v", "paste", "Paste what was cut or copied here", group=_EDITING),
    ]

    class WantsEnd(Message):
        """Home or End was pressed in an empty input: it is meant for the timeline."""

        def __init__(self, *, oldest: bool) -> None:
            super().__init__()
            self.oldest = oldest

    class LongPaste(Message):
        """Many lines were pasted; `insert_paste` inserts them, if the person confirms."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Offered(Message):
        """The candidates have changed; ``chosen`` is the number of the one that was inserted."""

        def __init__(self, candidates: list[Candidate], chosen: int | None) -> None:
            super().__init__()
            self.candidates = candidates
            self.chosen = chosen

    def __init__(
        self,
        submit: Callable[[str], str | None],
        known: Callable[[], Known],
        first: Callable[[str, bool], bool],
        ahead: Ahead,
        typed: Typed,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(
            id=id,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            compact=True,
        )
        self.typed = typed
        self._submit = submit
        self._known = known
        self._first = first
        self._ahead = ahead
        self._offer: Offer | None = None
        self._chosen: int | None = None
        self._completing = False

    # The text

    def put(self, text: str) -> None:
        """Replaces the text; the cursor goes to its end."""
        self.load_text(text)
        self.move_cursor(self.document.end)
        self._withdraw()

    def insert_paste(self, text: str) -> None:
        """Inserts pasted text, as a part of one message."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.insert(_CONTROLS.sub("", text))

    @property
    def before_cursor(self) -> str:
        """The text before the cursor."""
        return self.get_text_range((0, 0), self.cursor_location)

    # Keys

    def get_line(self, line_index: int) -> Text:
        """As Textual's, with dots for a password behind a command."""
        line = super().get_line(line_index)
        begin = secret_at(self.text)
        if begin is None:
            return line
        first = begin if line_index == 0 else 0
        return Text(line.plain[:first] + "•" * (len(line.plain) - first), end="")

    def get_cursor_left_location(self) -> tuple[int, int]:
        """As Textual's, but for whole grapheme clusters: its own stops in the middle of a flag."""
        row, column = self.cursor_location
        if column == 0:
            return super().get_cursor_left_location()
        return row, graphemes.before(self.document[row], column)

    def get_cursor_right_location(self) -> tuple[int, int]:
        row, column = self.cursor_location
        if column >= len(self.document[row]):
            return super().get_cursor_right_location()
        return row, graphemes.after(self.document[row], column)

    async def on_key(self, event: events.Key) -> None:
        if self._ahead.key(event.key, event.character):
            event.stop()
            event.prevent_default()
            return
        if self._first(event.key, event.is_printable):
            event.stop()
            event.prevent_default()
            return
        for node in (self, self.screen):
            action = bound_action(node, event.key)
            if action is not None:
                event.stop()
                event.prevent_default()
                await node.run_action(action)
                return
        if event.character and unicodedata.category(event.character[0]) == "Cf":
            event.stop()  # a joiner, as in Persian or family emoji, which Textual ignores
            event.prevent_default()
            self.insert(event.character)
            return
        if event.character == ":" and (found := just_typed(self.before_cursor + ":")):
            event.stop()
            event.prevent_default()
            length, emoji = found
            row, column = self.cursor_location
            self.replace(emoji, (row, column - length + 1), (row, column))

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if self._ahead.paste(event.text):
            return
        text = event.text.rstrip("\r\n")
        if len(text.splitlines()) > LONG_PASTE_LINES:
            self.post_message(self.LongPaste(text))
        else:
            self.insert_paste(text)

    def action_submit(self) -> None:
        text = self.text
        self._withdraw()
        if text.strip() and (left := self._submit(text)) is not None:
            if secret_at(text) is None:
                self.typed.sent(text)
            self.put(left)

    def action_newline(self) -> None:
        self.insert("\n")

    def action_older(self) -> None:
        if not self.cursor_at_first_line:
            self.action_cursor_up()
        elif (text := self.typed.older(self.text)) is not None:
            self.put(text)

    def action_newer(self) -> None:
        if not self.cursor_at_last_line:
            self.action_cursor_down()
        elif (text := self.typed.newer(self.text)) is not None:
            self.put(text)

    def action_home(self) -> None:
        if self.text:
            self.action_cursor_line_start()
        else:
            self.post_message(self.WantsEnd(oldest=True))

    def action_end(self) -> None:
        if self.text:
            self.action_cursor_line_end()
        else:
            self.post_message(self.WantsEnd(oldest=False))

    def action_complete(self) -> None:
        self._complete(1)

    def action_complete_back(self) -> None:
        self._complete(-1)

    # Completion

    def choose(self, number: int) -> None:
        """Inserts a candidate."""
        if self._offer is None or not 0 <= number < len(self._offer.candidates):
            return
        self._chosen = number
        self._completing = True
        candidates = self._offer.candidates
        start, (row, column) = self._location(self._offer.start), self.cursor_location
        # An existing space is not doubled.
        spaced = all(one.text.endswith(" ") for one in candidates)
        column += spaced and self.document.get_line(row)[column:].startswith(" ")
        self.cursor_location = (row, column)
        self.replace(candidates[number].text, start, self.cursor_location)
        self.post_message(self.Offered(list(candidates), number))

    def offer_again(self) -> None:
        """Updates the candidates, unless one was inserted already."""
        if self._chosen is None:
            self._offer_unasked()

    def withdraw(self) -> bool:
        """Hides the candidates; False if there were none."""
        offered = self._offer is not None
        self._withdraw()
        return offered

    def on_text_area_changed(self) -> None:
        if self._completing:
            self._completing = False
            return
        self._offer_unasked()

    def _complete(self, by: int) -> None:
        if self._offer is None or (self._chosen is None and not self._offer.unasked):
            self._offer = offer(self.before_cursor, self._known())
            self._chosen = None
        if self._offer is None:
            return
        count = len(self._offer.candidates)
        first = 0 if by > 0 else count - 1
        self.choose(first if self._chosen is None else (self._chosen + by) % count)
        if count == 1:
            self._withdraw()

    def _offer_unasked(self) -> None:
        found = offer(self.before_cursor, self._known()) if self.text[:1] or self._offer else None
        self._offer = found if found and found.unasked else None
        self._chosen = None
        self.post_message(self.Offered(list(self._offer.candidates) if self._offer else [], None))

    def _withdraw(self) -> None:
        if self._offer is not None:
            self._offer = None
            self._chosen = None
            self.post_message(self.Offered([], None))

    def _location(self, place: int) -> tuple[int, int]:
        """The row and column of the character at ``place``."""
        before = self.text[:place]
        return before.count("\n"), len(before) - (before.rfind("\n") + 1)
