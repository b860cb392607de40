"""Reads JSON files with arrays larger than memory, element by element, with line numbers."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

import msgspec

from hubbub.moving.errors import BadFile
from hubbub.moving.stream import Files

MAX_VALUE_CHARS = 16 * 1024 * 1024  # of one element, or of one value beside the large array
MAX_NUMBER_CHARS = 4096  # at the end of a piece: each further one reads the number from its start
KEEP_CHARS = 64 * 1024  # what was read is dropped in strides

S = TypeVar("S")

_SPACE = re.compile(r"[ \t\r\n]*")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # how JSON may write half of a surrogate pair
_decode = json.JSONDecoder().raw_decode


class Found(NamedTuple):
    """A value, and where it begins. ``key``: under which it is; "" for an element at the top."""

    key: str
    line: int
    value: Any


def values(files: Files, name: str, shown: str, *, within: str = "") -> Iterator[Found]:
    """The values of the object that the file is, in order; or the elements of the array.

    Where the object's value under ``within`` is an array, each of its elements is found by itself.
    Raises `BadFile`, which calls the file ``shown``.
    """
    text = _Text(files.chunks(name), shown)
    if text.next() == "[":
        yield from _elements(text, "")
    else:
        text.expect("{")
        if text.next() == "}":
            text.expect("}")
        else:
            while True:
                line, key = text.value()
                if not isinstance(key, str):
                    raise text.bad("This is no JSON: a name was expected.")
                text.expect(":")
                if key == within and text.next() == "[":
                    yield from _elements(text, key)
                else:
                    line, value = text.value()
                    yield Found(key, line, value)
                if text.next() == "}":
                    text.expect("}")
                    break
                text.expect(",")
    if text.next():
        raise text.bad("There is something behind the end of the JSON.")


def typed(found: Found, kind: type[S], shown: str) -> S:
    """The value as a ``kind``. Raises `BadFile` if it is none."""
    try:
        return msgspec.convert(found.value, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadFile(shown, found.line, f"This is not what was expected: {error}") from None


def _elements(text: _Text, key: str) -> Iterator[Found]:
    text.expect("[")
    if text.next() == "]":
        text.expect("]")
        return
    while True:
        line, value = text.value()
        yield Found(key, line, value)
        if text.next() == "]":
            text.expect("]")
            return
        text.expect(",")


def _whole(value: Any) -> Any:
    """``value`` without halves of surrogate pairs, which no text that is saved or sent can have."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_whole(one) for one in value]
        case dict():
            return {_whole(name): _whole(one) for name, one in value.items()}
    return value


class _Text:
    """The text of a file, as far as it is needed."""

    def __init__(self, chunks: Iterator[bytes], shown: str) -> None:
        self._chunks = chunks
        self._shown = shown
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._place = 0
        self._line = 1
        self._counted = 0
        self._ended = False

    def next(self) -> str:
        """The next character that is no white space; "" at the end."""
        while True:
            found = _SPACE.match(self._text, self._place)
            self._place = self._place if found is None else found.end()
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._more():
                return ""

    def expect(self, char: str) -> None:
        """Goes behind ``char``, which has to be next."""
        found = self.next()
        if found != char:
            there = "the end of the file" if not found else repr(found)
            raise self.bad(f"This is no JSON: {there} stands where {char!r} was expected.")
        self._place += 1

    def value(self) -> tuple[int, Any]:
        """The next value, and its line."""
        self.next()
        line = self._line_here()
        while True:
            try:
                value, end = _decode(self._text, self._place)
            except json.JSONDecodeError as error:
                # It may be incomplete. Twice as much is read before it is tried again, so that
                # the time is linear in the file.
                wanted = 2 * (len(self._text) - self._place)
                if wanted > 2 * MAX_VALUE_CHARS:
                    raise self.bad("One value is too large.") from None
                if not self._more(wanted):
                    self._place = error.pos
                    raise self.bad(f"This is no JSON: {error.msg}.") from None
                continue
            except (ValueError, RecursionError) as error:
                raise self.bad(f"This is no JSON: {error}") from None
            rest = self._text[end : end + 1]
            if isinstance(value, int | float) and (not rest or rest in ".eE+-"):
                if end - self._place > MAX_NUMBER_CHARS:
                    raise self.bad("One number is too long.")
                if self._more():
                    continue  # a number may go on
            if _HALF.search(self._text, self._place, end):
                value = _whole(value)
            self._place = end
            return line, value

    def bad(self, what: str) -> BadFile:
        """An error about this place."""
        return BadFile(self._shown, self._line_here(), what)

    def _line_here(self) -> int:
        place = min(self._place, len(self._text))
        self._line += self._text.count("\n", self._counted, place)
        self._counted = max(self._counted, place)
        return self._line

    def _more(self, chars: int = 1) -> bool:
        """Reads on, at least so many characters if there are any; False at the end."""
        if self._ended:
            return False
        if self._place > KEEP_CHARS:
            self._line_here()
            self._text, self._place, self._counted = self._text[self._place :], 0, 0
        pieces, got = [], 0
        while got < chars:
            chunk = next(self._chunks, None)
            try:
                piece = self._decoder.decode(chunk or b"", final=chunk is None)
            except UnicodeDecodeError:
                raise self.bad("This is no UTF-8 text.") from None
            pieces.append(piece)
            got += len(piece)
            if chunk is None:
                self._ended = True
                break
        self._text = "".join((self._text, *pieces))
        return got > 0
