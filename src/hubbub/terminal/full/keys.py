"""Makes Textual take Alt with a key for what it is, at once."""

from __future__ import annotations

import enum

from textual import _ansi_sequences


class AltKey(enum.Enum):
    """What terminals send for Alt and a key is ESC and the key."""

    ONE = "alt+1"
    TWO = "alt+2"
    THREE = "alt+3"
    FOUR = "alt+4"
    FIVE = "alt+5"
    SIX = "alt+6"
    SEVEN = "alt+7"
    EIGHT = "alt+8"
    NINE = "alt+9"
    A = "alt+a"
    K = "alt+k"
    M = "alt+m"
    R = "alt+r"
    U = "alt+u"
    ENTER = "alt+enter"


def teach_alt_keys() -> None:
    """Tells Textual (8.2) of these keys.

    Of Alt+1 … Alt+9 it would make ``¡™£…``, because one terminal on macOS means those. The others
    it knows only when nothing follows for a tenth of a second, and who types quickly is quicker.
    """
    for key in AltKey:
        last = key.value.removeprefix("alt+")
        sequence = "\x1b" + {"enter": "\r"}.get(last, last)
        _ansi_sequences.ANSI_SEQUENCES_KEYS[sequence] = (key,)  # type: ignore[index]  # not Final
