"""The grammar of texts (docs/markup.md): a text becomes a tree of blocks and pieces.

Time and space are linear in the text, whatever it is. The web page has the same in JavaScript;
tests/vectors/markup.json holds for both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Literal

from msgspec import Struct


class Emphasis(Struct, frozen=True):
    """Pieces that stand out."""

    kind: Literal["bold", "italic", "strike"]
    inline: Sequence[str | Emphasis | Code | Link]


class Code(Struct, frozen=True, tag_field="kind", tag="code"):
    """Text that is shown as it is: a piece of a line, or a block of lines."""

    text: str


class Link(Struct, frozen=True, tag_field="kind", tag="link"):
    """An address: ``http``, ``https`` or ``mailto``."""

    text: str
    to: str


class Block(Struct, frozen=True):
    """Lines of text, or of a quote. Between two lines is a ``"\\n"``."""

    kind: Literal["text", "quote"]
    inline: Sequence[str | Emphasis | Code | Link]


_EMPHASIS: dict[str, Literal["bold", "italic", "strike"]] = {
    "*": "bold",
    "_": "italic",
    "~": "strike",
}
MARKERS = {kind: marker for marker, kind in _EMPHASIS.items()}
"""What is written around a text that is of a kind."""
_PLAIN = re.compile(r"[^*_~`:]*")  # nothing but text
_OPENS = re.compile(r"```[A-Za-z0-9_+#.-]{0,20}[ \t]*")
_CLOSES = re.compile(r"```[ \t]*")
_CODE = re.compile(r"`[^`]+`")
# White space as JavaScript has it, so that all clients agree.
_SPACES = "\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SPACE = re.compile(f"[{_SPACES}]")
_LINK = re.compile(rf"(?:https?://|mailto:)[^{_SPACES}<>\"`\\^{{}}|]+", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:://|mailto:)(?:[^\W_]|\[)", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~…"
_PAIRS = {")": "(", "]": "["}

Kind = Literal["text", "quote", "code"]
Piece = str | Emphasis | Code | Link
_Token = str | Code | Link


def parse(text: str) -> list[Block | Code]:
    """The blocks of ``text``."""
    lines = text.split("\n")
    return [_block(kind, lines[start:end]) for kind, start, end in blocks(lines)]


def blocks(lines: Sequence[str]) -> Iterator[tuple[Kind, int, int]]:
    """The kind of each block, and from and up to which line it goes, its fences included."""
    closing = _closing_fences(lines) if any(map(_OPENS.fullmatch, lines)) else None
    start = 0
    while start < len(lines):
        fence = closing[start] if closing and _OPENS.fullmatch(lines[start]) else -1
        if fence > start:
            yield "code", start, fence + 1
            start = fence + 1
            continue
        kind: Kind = "quote" if _is_quoted(lines[start]) else "text"
        end = start + 1
        while end < len(lines) and _is_quoted(lines[end]) == (kind == "quote"):
            if closing and closing[end] > end and _OPENS.fullmatch(lines[end]):
                break
            end += 1
        yield kind, start, end
        start = end


def pieces(line: str) -> list[Piece]:
    """The pieces of one line of text, or of a quote without its ``>``."""
    if _PLAIN.fullmatch(line):
        return [line] if line else []
    tokens = list(_tokens(line))
    return _emphasized(tokens, _closers(tokens), 0, len(tokens), "")


def _block(kind: Kind, lines: Sequence[str]) -> Block | Code:
    if kind == "code":
        return Code("\n".join(lines[1:-1]))
    inline: list[Piece] = []
    for number, line in enumerate(lines):
        if number:
            _add(inline, "\n")
        for piece in pieces(line[2:] if kind == "quote" else line):
            _add(inline, piece)
    return Block(kind, inline)


def _is_quoted(line: str) -> bool:
    return line == ">" or line.startswith("> ")


def _closing_fences(lines: Sequence[str]) -> list[int]:
    """For each line the number of the next line behind it that can end a fence, or -1."""
    closing = [-1] * len(lines)
    found = -1
    for number in range(len(lines) - 1, -1, -1):
        closing[number] = found
        if _CLOSES.fullmatch(lines[number]):
            found = number
    return closing


def _add(inline: list[Piece], piece: Piece) -> None:
    if isinstance(piece, str) and inline and isinstance(inline[-1], str):
        inline[-1] += piece
    elif piece != "":
        inline.append(piece)


def _tokens(line: str) -> Iterator[_Token]:
    """Characters, and code and links that are one token each: no marker is inside them."""
    place = 0
    for start, end, span in _spans(line):
        yield from line[place:start]
        yield span
        place = end
    yield from line[place:]


def _spans(line: str) -> Iterator[tuple[int, int, Code | Link]]:
    codes = [(found.start(), found.end()) for found in _CODE.finditer(line)]
    place = 0
    for start, end in [*codes, (len(line), len(line))]:
        yield from _links(line, place, start)
        if start < end:
            yield start, end, Code(line[start + 1 : end - 1])
        place = end


def _links(line: str, start: int, end: int) -> Iterator[tuple[int, int, Link]]:
    for found in _LINK.finditer(line, start, end):
        link = _trimmed(found[0])
        begin = found.start()
        if (begin == start or not _is_word(line[begin - 1])) and _ADDRESS.search(link):
            yield begin, begin + len(link), Link(link, link)


def _trimmed(link: str) -> str:
    """A link without the sentence around it."""
    counts = {char: link.count(char) for char in chain(_PAIRS, _PAIRS.values())}
    end = len(link)
    while end:
        last = link[end - 1]
        if last in _PAIRS and counts[last] > counts[_PAIRS[last]]:
            counts[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return link[:end]


def _is_word(token: _Token | None) -> bool:
    return isinstance(token, str) and unicodedata.category(token)[0] in "LMN"


def _is_space(token: _Token | None) -> bool:
    return token is None or (isinstance(token, str) and _SPACE.match(token) is not None)


def _at(tokens: Sequence[_Token], place: int) -> _Token | None:
    return tokens[place] if 0 <= place < len(tokens) else None


def _closers(tokens: Sequence[_Token]) -> dict[str, list[int]]:
    """For each marker and place, the next place behind it where the marker ends something."""
    following: dict[str, list[int]] = {}
    for marker in _EMPHASIS:
        places = [-1] * len(tokens)
        found = -1
        for place in range(len(tokens) - 1, -1, -1):
            places[place] = found
            if tokens[place] == marker and _may_close(tokens, place):
                found = place
        following[marker] = places
    return following


def _may_close(tokens: Sequence[_Token], place: int) -> bool:
    before, marker, after = _at(tokens, place - 1), tokens[place], _at(tokens, place + 1)
    return not _is_space(before) and marker not in (before, after) and not _is_word(after)


def _may_open(tokens: Sequence[_Token], place: int) -> bool:
    before, marker, after = _at(tokens, place - 1), tokens[place], _at(tokens, place + 1)
    return not _is_space(after) and marker not in (before, after) and not _is_word(before)


def _emphasized(
    tokens: Sequence[_Token], closers: dict[str, list[int]], start: int, end: int, within: str
) -> list[Piece]:
    """The pieces of the tokens from ``start`` to ``end``; markers in ``within`` are open."""
    inline: list[Piece] = []
    place = start
    while place < end:
        token = tokens[place]
        close = -1
        if isinstance(token, str) and token in _EMPHASIS and token not in within:
            close = closers[token][place] if _may_open(tokens, place) else -1
        if isinstance(token, str) and place + 1 < close < end:
            inner = _emphasized(tokens, closers, place + 1, close, within + token)
            _add(inline, Emphasis(_EMPHASIS[token], inner))
            place = close + 1
        else:
            _add(inline, token)
            place += 1
    return inline
