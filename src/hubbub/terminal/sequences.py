"""Splits a terminal's input into whole units: a character, Alt with a key, a sequence, a paste.

The end of a unit follows from its form (ECMA-48, 5.3 to 5.6), whatever it means, and however it was
split on its way. So an unknown unit can be skipped as a whole, and no part of it is taken for text.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

ESC = "\x1b"
ALONE_SECONDS = 0.1  # after Esc: if nothing follows, it is a key of its own
UNFINISHED_SECONDS = 1.0  # for the rest of a sequence that a slow line has split
MOST_CHARS = 1024  # of one sequence: the longest replies of terminals have some hundreds

_PASTE = f"{ESC}[200~"
_PASTE_END = f"{ESC}[201~"

# The forms of each kind, complete or partial. Alt with [, O, ] or P begins like these.
_CONTROL = re.compile(r"\x1b\x1b?\[(?:\[.?|M.{0,3}|[0-?]*[ -/]*[@-~]?)", re.DOTALL)
_CONTROL_ENDS = re.compile(r"\x1b\x1b?\[(?:\[.|M...|(?!M)[0-?]*[ -/]*[@-Z\\-~])", re.DOTALL)
_SINGLE = re.compile(r"\x1b\x1b?O[0-9;]*[A-Za-z]?")
_SINGLE_ENDS = re.compile(r"\x1b\x1b?O[0-9;]*[A-Za-z]")
_REPLY = re.compile(r"\x1b(?:\](?:\d.*)?|P(?:[0-9>!|+$=?].*)?|_(?:G.*)?)", re.DOTALL)
_REPLY_ENDS = re.compile(r"\x1b..*(?:\a|\x1b\\)", re.DOTALL)


class Kind(enum.Enum):
    """The kinds of units."""

    CHARACTER = enum.auto()
    ALT = enum.auto()
    SEQUENCE = enum.auto()
    PASTE = enum.auto()


class Unit(NamedTuple):
    """``text`` is the character, the key that was pressed with Alt, the whole sequence, or the
    pasted text.
    """

    kind: Kind
    text: str


class Sequences:
    """Characters in, units out. ``clock`` is in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun = ""
        self._since = 0.0
        self._pasted: list[str] | None = None

    def feed(self, text: str) -> Iterator[Unit]:
        """The units that are complete with ``text``, which continues the input."""
        yield from self.tick()
        for char in text:
            if self._pasted is not None:
                yield from self._paste(char)
            else:
                yield from self._take(char)
        self._since = self._clock()

    def tick(self) -> Iterator[Unit]:
        """To be called regularly: ends a partial unit that is not continued in time."""
        if not self._begun:
            return
        alone = self._begun in (ESC, ESC * 2)
        if self._clock() - self._since >= (ALONE_SECONDS if alone else UNFINISHED_SECONDS):
            begun, self._begun = self._begun, ""
            yield from _keys(begun)

    def _take(self, char: str) -> Iterator[Unit]:
        begun = self._begun + char
        if begun == char and char != ESC:
            yield Unit(Kind.CHARACTER, char)
        elif _goes_on(begun):
            self._begun = begun
        elif _is_whole(begun):
            self._begun = ""
            if begun == _PASTE:
                self._pasted = []
            elif len(begun) == 2:
                yield Unit(Kind.ALT, char)
            elif _REPLY.fullmatch(begun) is None:  # replies are dropped: no request was sent
                yield Unit(Kind.SEQUENCE, begun)
        else:  # this character is no part of it
            begun, self._begun = self._begun, ""
            yield from _keys(begun)
            yield from self._take(char)

    def _paste(self, char: str) -> Iterator[Unit]:
        assert self._pasted is not None
        self._pasted.append(char)
        if char == "~" and "".join(self._pasted[-len(_PASTE_END) :]) == _PASTE_END:
            text = "".join(self._pasted[: -len(_PASTE_END)])
            self._pasted = None
            yield Unit(Kind.PASTE, text)


def _goes_on(begun: str) -> bool:
    """Whether ``begun`` may be the beginning of a longer unit."""
    if begun in (ESC, ESC * 2):
        return True
    if len(begun) > MOST_CHARS or _is_whole(begun):
        return False
    return any(form.fullmatch(begun) for form in (_CONTROL, _SINGLE, _REPLY))


def _is_whole(begun: str) -> bool:
    if len(begun) == 2:  # these characters begin longer units
        return begun[1] not in "[O]P_\x1b"
    return any(form.fullmatch(begun) for form in (_CONTROL_ENDS, _SINGLE_ENDS)) or (
        _REPLY.fullmatch(begun) is not None and _REPLY_ENDS.fullmatch(begun) is not None
    )


def _keys(begun: str) -> Iterator[Unit]:
    """The keys in a partial unit: Esc, Esc twice, or Alt with a key. Otherwise it is half a
    sequence, which is dropped.
    """
    if begun in (ESC, ESC * 2):
        yield from [Unit(Kind.CHARACTER, ESC)] * len(begun)
    elif len(begun) == 2:
        yield Unit(Kind.ALT, begun[1])
