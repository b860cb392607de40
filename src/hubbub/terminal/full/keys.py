"""Makes Textual read Alt with a key as such, without a delay."""

from __future__ import annotations

import enum

from hubbub.terminal.full.textual_internals import add_key


class AltKey(enum.Enum):
    """The keys. For Alt and a key terminals send ESC and the key."""

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


def add_alt_keys() -> None:
    """Adds these keys to Textual's table.

    Textual 8.2 reads Alt+1 … Alt+9 as ``¡™£…``, which one terminal on macOS means by them. It
    recognises the others only if nothing follows within a tenth of a second.
    """
    for key in AltKey:
        last = key.value.removeprefix("alt+")
        sequence = "\x1b" + {"enter": "\r"}.get(last, last)
        add_key(sequence, key)
