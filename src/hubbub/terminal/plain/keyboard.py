"""Keys for prompt_toolkit: no part of an unknown sequence is taken for text."""

from __future__ import annotations

import time
from collections.abc import Callable

from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from hubbub.terminal.sequences import ESC, Kind, Sequences, Unit

WITH_ALT = frozenset("bfdulcy.<>_\\\r\x7f\b")
"""The keys with Alt that edit a line, as in GNU Readline."""


class WholeSequences(Vt100Parser):
    """Parses the terminal's input, and calls ``take`` with each key."""

    def __init__(
        self, take: Callable[[KeyPress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(take)
        self._sequences = Sequences(clock)

    def feed(self, data: str) -> None:
        for unit in self._sequences.feed(data):
            self._take(unit)

    def flush(self) -> None:
        for unit in self._sequences.tick():
            self._take(unit)

    def _take(self, unit: Unit) -> None:
        match unit:
            case Unit(Kind.PASTE, text):
                self.feed_key_callback(KeyPress(Keys.BracketedPaste, text))
            case Unit(Kind.ALT, char) if char in WITH_ALT:
                self._press(ESC)
                self._press(char)
            case Unit(Kind.SEQUENCE, text) if text in ANSI_SEQUENCES:
                found = ANSI_SEQUENCES[text]
                for key in found if isinstance(found, tuple) else [found]:
                    self.feed_key_callback(KeyPress(key, ""))  # a key that writes nothing
            case Unit(Kind.CHARACTER, char):
                self._press(char)

    def _press(self, text: str) -> None:
        super().feed(text)
        super().flush()  # complete: nothing more is to come
